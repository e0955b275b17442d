import { type Static, Type } from 'typebox';
import { callIdPattern, secretPattern, uuidPattern } from '#shared/ids.ts';
import { DeleteNote, EditNote, HearNote, LinkNote, WidenNote, WriteNote } from '#shared/note.ts';
import {
	AnswerQuestion,
	AskSurvey,
	abilities,
	FinishSurvey,
	OfferSurvey,
	RecordConsent,
	TakeBack,
	TakeLine,
	TellIdentity,
	WithdrawConsent,
} from '#shared/survey.ts';

/** What a customer knows of a listening: a general notice when the call began, told now, or asked and said yes. */
export const disclosures = ['notice', 'announced', 'asked'] as const;
export const Disclosure = Type.Enum([...disclosures]);
export type Disclosure = (typeof disclosures)[number];

export const CallId = Type.String({ pattern: callIdPattern });
const ListeningId = Type.String({ pattern: uuidPattern });
const strict = { additionalProperties: false };

/** What people ask of a session. The server stamps who and when; the answer says done or a named refusal. */
export const ProtectCall = Type.Object({ type: Type.Literal('protect-call') }, strict);
export const UnprotectCall = Type.Object({ type: Type.Literal('unprotect-call') }, strict);
export const Invite = Type.Object(
	{ type: Type.Literal('invite'), listeningId: ListeningId, executiveId: Type.String({ maxLength: 40 }) },
	strict,
);
export const WithdrawInvitation = Type.Object(
	{ type: Type.Literal('withdraw-invitation'), listeningId: ListeningId },
	strict,
);
export const DeclineInvitation = Type.Object(
	{ type: Type.Literal('decline-invitation'), listeningId: ListeningId },
	strict,
);
/** The invited executive accepts from the lobby, without the link. */
export const AcceptInvitation = Type.Object(
	{ type: Type.Literal('accept-invitation'), listeningId: ListeningId },
	strict,
);
/** A supervisor sits in without an invitation; the agent is told all the same. [C0] */
export const JoinCall = Type.Object({ type: Type.Literal('join-call'), listeningId: ListeningId }, strict);
export const RemoveListener = Type.Object({ type: Type.Literal('remove-listener'), listeningId: ListeningId }, strict);

export const SessionCommand = Type.Union([
	ProtectCall,
	UnprotectCall,
	Invite,
	WithdrawInvitation,
	AcceptInvitation,
	DeclineInvitation,
	JoinCall,
	RemoveListener,
	WriteNote,
	EditNote,
	DeleteNote,
	WidenNote,
	HearNote,
	LinkNote,
	OfferSurvey,
	AskSurvey,
	RecordConsent,
	WithdrawConsent,
	TakeLine,
	TakeBack,
	FinishSurvey,
	AnswerQuestion,
	TellIdentity,
]);
export type SessionCommand = Static<typeof SessionCommand>;

/** Opening an invitation link: the secret is the credential, used once. */
export const OpenInvitation = Type.Object({ secret: Type.String({ pattern: secretPattern }) }, strict);

const TimeMs = Type.Number({ description: 'server time, ms since 1970' });
const Seq = Type.Integer({ description: 'when it last changed, as a position of the journal' });

export const callStates = ['live', 'held', 'lost', 'ended'] as const;
export type CallAt = (typeof callStates)[number];
const Shown = Type.String({ maxLength: 60 });
/** What the phone platform says of a call, in one form for all platforms. Numbers are shortened. */
export const CallAbout = Type.Object(
	{
		queue: Type.Optional(Shown),
		from: Type.Optional(Shown),
		to: Type.Optional(Shown),
		/** BCP 47. */
		language: Type.Optional(Type.String({ maxLength: 44 })),
		labels: Type.Optional(Type.Array(Type.Object({ name: Shown, value: Shown }, strict), { maxItems: 10 })),
	},
	strict,
);
export type CallAbout = Static<typeof CallAbout>;
/** A call as everyone in its session sees it. */
export const CallView = Type.Object({
	callId: Type.String(),
	seq: Seq,
	at: Type.Enum([...callStates]),
	protected: Type.Boolean(),
	gateway: Type.String(),
	/** True for a call that was never a real one: the rehearsal. */
	rehearsal: Type.Boolean(),
	/** How the call is shown: a title or a shortened number, never the whole number. */
	label: Type.String(),
	about: Type.Optional(CallAbout),
	/** Everybody comes as one sound, which is brought as the customer's leg; without it the legs come apart. */
	hears: Type.Optional(Type.Literal('mix')),
	/** Ycord is a participant of this call on its platform, not a silent tap. */
	audible: Type.Optional(Type.Literal(true)),
	agentId: Type.String(),
	agentName: Type.String(),
	team: Type.String(),
	disclosure: Disclosure,
	/** What the phone platform can be asked to do with this call. */
	abilities: Type.Array(Type.Enum([...abilities])),
	/** Why the platform cannot bring an executive on the line, where it cannot. */
	cannot: Type.Optional(Type.String()),
	/** What the agent has to do on the platform, in words for them, before an executive who is about to come on is there. */
	agentMust: Type.Optional(Type.String()),
	startedAtMs: TimeMs,
	/** When the present state began. */
	sinceMs: TimeMs,
	endedAtMs: Type.Optional(TimeMs),
	endReason: Type.Optional(Type.String()),
	/** What was personal in it has been destroyed: nothing of it can be read any more. */
	erased: Type.Optional(Type.Boolean()),
});
export type CallView = Static<typeof CallView>;

export const listeningStates = [
	'invited',
	'declined',
	'withdrawn',
	'admitted',
	'listening',
	'left',
	'removed',
] as const;
export type ListeningAt = (typeof listeningStates)[number];
/** One person's hearing of one session. */
export const ListeningView = Type.Object({
	listeningId: Type.String(),
	seq: Seq,
	callId: Type.String(),
	at: Type.Enum([...listeningStates]),
	personId: Type.String(),
	personName: Type.String(),
	personRole: Type.Enum(['executive', 'supervisor']),
	/** When the present state began. */
	sinceMs: TimeMs,
	/** What was sent to this person's ear so far, and what their slow connection lost; grows at each leaving. */
	audibleMs: Type.Number(),
	lostMs: Type.Number(),
	/** When an unopened invitation stops being good. */
	expiresAtMs: Type.Optional(TimeMs),
});
export type ListeningView = Static<typeof ListeningView>;
