import { type Static, Type } from 'typebox';
import { legs, soundForms } from '#shared/audio.ts';
import { CallId, CallView, ListeningView, SessionCommand } from '#shared/call.ts';
import { uuidPattern } from '#shared/ids.ts';
import { Lane, NoteView } from '#shared/note.ts';
import { Person } from '#shared/people.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';
import { SegmentView } from '#shared/survey.ts';

/** The live socket's version. A greeting with another one is answered with close code `version`. PROTOCOL.md [W1]. */
export const liveVersion = 1;
export const heartbeatMs = 10_000;
/** Limits of the live socket, stated in PROTOCOL.md [W9]. */
export const liveLimits = { messageBytes: 16_384, messagesPerSecond: 20, burst: 60, watches: 16, looked: 200 } as const;
/** How long somebody is shown as writing after they last said so. [W11] */
export const writingMs = 6_000;

const strict = { additionalProperties: false };
const WatchId = Type.String({ minLength: 1, maxLength: 40 });
const Seq = Type.Integer({ minimum: 0 });
/** Resumes: only what changed after that position is sent, if `journal` is still the one the position was counted in. */
const from = { journal: Type.Optional(Type.String({ maxLength: 40 })), after: Type.Optional(Seq) };

/** The supervisor's board: every active session in scope. */
export const WatchBoard = Type.Object(
	{ type: Type.Literal('watch'), watch: WatchId, view: Type.Literal('board'), ...from },
	strict,
);
/** The agent's own calls, or the executive's invitations and listenings: what is mine now. */
export const WatchMine = Type.Object(
	{ type: Type.Literal('watch'), watch: WatchId, view: Type.Literal('mine'), ...from },
	strict,
);
/** One session with its listeners and the notes this person may see. */
export const WatchSession = Type.Object(
	{ type: Type.Literal('watch'), watch: WatchId, view: Type.Literal('session'), callId: CallId, ...from },
	strict,
);
export const Watch = Type.Union([WatchBoard, WatchMine, WatchSession]);
export type Watch = Static<typeof Watch>;

export const Hello = Type.Object({ type: Type.Literal('hello'), version: Type.Integer() }, strict);
export const Unwatch = Type.Object({ type: Type.Literal('unwatch'), watch: WatchId }, strict);
export const Asking = Type.Object(
	{
		type: Type.Literal('ask'),
		/** Names this request; its answer carries the same id. */
		id: Type.String({ pattern: uuidPattern }),
		callId: CallId,
		command: SessionCommand,
	},
	strict,
);
/** Somebody begins or stops writing a note in a lane. Nothing of it is kept, and nothing of what they write is in it. [W11] */
export const Writing = Type.Object(
	{ type: Type.Literal('writing'), callId: CallId, lane: Lane, on: Type.Boolean() },
	strict,
);
/** These calls are on screen: tell me who talks there. Replaces what was said before. [W14] */
export const Look = Type.Object(
	{ type: Type.Literal('look'), callIds: Type.Array(CallId, { maxItems: liveLimits.looked }) },
	strict,
);
/** `at` comes back unchanged: the tab measures the round trip and the offset of the clocks with it. */
export const Ping = Type.Object({ type: Type.Literal('ping'), at: Type.Number() }, strict);

/** Everything a client may say on the live socket. */
export const ToServer = Type.Union([Hello, Watch, Unwatch, Asking, Writing, Look, Ping]);
export type ToServer = Static<typeof ToServer>;

const Refused = Type.Unsafe<RefusalAnswer>(
	Type.Object({ code: Type.String(), message: Type.String(), retry: Type.Boolean() }),
);

/** The greeting's answer: who the server says this is, which journal positions belong to, and what o'clock it is there. */
export const Welcome = Type.Object({
	type: Type.Literal('welcome'),
	version: Type.Integer(),
	person: Person,
	demo: Type.Boolean(),
	journal: Type.String(),
	serverMs: Type.Number(),
	heartbeatMs: Type.Number(),
});
/** Rows that changed, whole: the receiver replaces by id. Sent in full once, then as they change; each row carries its `seq`. */
export const ViewMessage = Type.Object({
	type: Type.Literal('view'),
	watch: Type.String(),
	/**
	 * The position this message goes on from: that of the message before it on this watch, or of `after`. Whoever stands
	 * elsewhere has missed one, and watches again from where they stand. 0 with `full`.
	 */
	from: Seq,
	/** Resume from here. */
	seq: Seq,
	/** True if this is everything: forget what was there before. */
	full: Type.Boolean(),
	calls: Type.Array(CallView),
	listenings: Type.Array(ListeningView),
	notes: Type.Array(NoteView),
	segments: Type.Array(SegmentView),
});
export type ViewMessage = Static<typeof ViewMessage>;
/** What a command gives back beside "done". */
export const AskResult = Type.Object({
	/** For `invite`: the path of the link to send. It is shown once; only its hash is kept. */
	invitationPath: Type.Optional(Type.String()),
	/** For `take-line`: the path of the survey socket. It is good once, and soon. [T1] */
	surveyPath: Type.Optional(Type.String()),
});
export type AskResult = Static<typeof AskResult>;
/** The command is on record: it was committed before this was sent. [N1] */
export const Done = Type.Object({
	type: Type.Literal('done'),
	id: Type.String(),
	seq: Seq,
	result: Type.Optional(AskResult),
});
/** A named no, to a command by its `id` or to a watch by its name. */
export const RefusedMessage = Type.Object({
	type: Type.Literal('refused'),
	id: Type.Optional(Type.String()),
	watch: Type.Optional(Type.String()),
	refusal: Refused,
});
/** Somebody else writes in a watched session, in a lane this person may see; over after `writingMs` unless said again. [W11] */
export const WritingMessage = Type.Object({
	type: Type.Literal('writing'),
	watch: Type.String(),
	personId: Type.String(),
	personName: Type.String(),
	on: Type.Boolean(),
});
/** Who talks now on calls that are looked at; of those that are not in it nothing has changed. [W14] */
export const TalkMessage = Type.Object({
	type: Type.Literal('talk'),
	talk: Type.Array(Type.Object({ callId: CallId, who: Type.Array(Type.Enum([...legs])) })),
});
export type TalkMessage = Static<typeof TalkMessage>;
export const Pong = Type.Object({ type: Type.Literal('pong'), at: Type.Number(), serverMs: Type.Number() });

/** Everything the server may say on the live socket. */
export const ToClient = Type.Union([Welcome, ViewMessage, Done, RefusedMessage, WritingMessage, TalkMessage, Pong]);
export type ToClient = Static<typeof ToClient>;

/** Hearing begins: it is on record. */
export const ListeningBegins = Type.Object({
	type: Type.Literal('listening'),
	listeningId: Type.String(),
	callId: Type.String(),
	serverMs: Type.Number(),
	/** In which form the sound comes until another is chosen: `both`. */
	sound: Type.Enum([...soundForms]),
});
/** What the connection was too slow for, so far: the oldest sound was dropped. */
export const Behind = Type.Object({
	type: Type.Literal('behind'),
	droppedMessages: Type.Integer(),
	droppedMs: Type.Number(),
});
/** Everything the server may say, in text, on a listening connection. PROTOCOL.md [A7]. */
export const ToListener = Type.Union([ListeningBegins, Behind, Pong]);
export type ToListener = Static<typeof ToListener>;
/** The form in which this listener wants the sound from now on; answered by the first message in that form. [A10] */
export const ChooseSound = Type.Object(
	{ type: Type.Literal('choose-sound'), sound: Type.Enum([...soundForms]) },
	{ additionalProperties: false },
);
/** All that a listening connection may say. A binary message is never sound: it closes the connection. [S1] */
export const FromListener = Type.Union([Ping, ChooseSound]);
export type FromListener = Static<typeof FromListener>;
