import { type Static, Type } from 'typebox';
import { Ping, Pong } from '#shared/live.ts';

/**
 * A browser line: WebSocket `/line/sound/<secret>`, one for each end. Both ways binary messages are sound messages
 * (audio.ts) in `lineCodec`: up only that end's own leg, `mediaMs` counting on the microphone's own clock from wherever it likes;
 * down the other end's leg as it comes, `mediaMs` since the call's start, and the `executive` leg in messages of its own
 * while a survey segment is live. Text messages are those below, as JSON.
 */
export const lineLimits = {
	textBytes: 1024,
	/** Messages of both kinds from one end. The burst is what a stalled network may let through at once: five seconds. */
	messagesPerSecond: 75,
	burst: 375,
	/** An end that says nothing for so long is gone: while talking it sends 50 messages a second, else a ping now and then. */
	silentWhileTalkingMs: 10_000,
	silentMs: 90_000,
} as const;

const strict = { additionalProperties: false };
/** The agent's end only: no sound either way until `resume`. */
export const Hold = Type.Object({ type: Type.Literal('hold') }, strict);
export const Resume = Type.Object({ type: Type.Literal('resume') }, strict);
/** Ends the call for both. */
export const HangUp = Type.Object({ type: Type.Literal('hang-up') }, strict);
/** The customer's end only: back to the agent, at once. */
export const Withdraw = Type.Object({ type: Type.Literal('withdraw') }, strict);
/** All that an end of a line may say in text. */
export const FromLineEnd = Type.Union([Ping, Hold, Resume, HangUp, Withdraw]);
export type FromLineEnd = Static<typeof FromLineEnd>;

/** `waiting`: the other end is not there (yet, or just now). */
export const lineStates = ['waiting', 'talking', 'held', 'ended'] as const;
export type LineState = (typeof lineStates)[number];
/** Where the line stands: told on connecting and at each change. */
export const LineTold = Type.Object({
	type: Type.Literal('line'),
	state: Type.Enum([...lineStates]),
	callId: Type.String(),
	startedAtMs: Type.Optional(Type.Number()),
	/** Who of the company has the customer. */
	with: Type.Enum(['agent', 'executive']),
	/** What the customer may be shown of the executive, in the words of the policy: never more. [C3] */
	shownAs: Type.Optional(Type.String()),
	/** To the agent's end: nobody hears it. */
	muted: Type.Optional(Type.Literal(true)),
	/** While one end is away from a call: server time at which the call ends, unless that end is back. */
	endsAtMs: Type.Optional(Type.Number()),
});
export type LineTold = Static<typeof LineTold>;
/** All that an end of a line is told in text. */
export const ToLineEnd = Type.Union([LineTold, Pong]);
export type ToLineEnd = Static<typeof ToLineEnd>;
