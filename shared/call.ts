import { type Static, Type } from 'typebox';
import { callIdPattern, secretPattern, uuidPattern } from '#shared/ids.ts';
import { WriteNote } from '#shared/note.ts';

/** What a customer knows of a listening: a general notice when the call began, told now, or asked and said yes. */
export const disclosures = ['notice', 'announced', 'asked'] as const;
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
]);
export type SessionCommand = Static<typeof SessionCommand>;

/** Opening an invitation link: the secret is the credential, used once. */
export const OpenInvitation = Type.Object({ secret: Type.String({ pattern: secretPattern }) }, strict);

export type CallAt = 'live' | 'held' | 'lost' | 'ended';
/** A call as everyone in its session sees it. `seq` grows with each change. Times are server time, ms since 1970. */
export interface CallView {
	callId: string;
	seq: number;
	at: CallAt;
	protected: boolean;
	gateway: string;
	/** True for a call that was never a real one: the rehearsal. */
	rehearsal: boolean;
	/** How the call is shown: a title or a shortened number, never the whole number. */
	label: string;
	agentId: string;
	agentName: string;
	team: string;
	disclosure: Disclosure;
	startedAtMs: number;
	/** When the present state began. */
	sinceMs: number;
	endedAtMs?: number;
	endReason?: string;
	/** What was personal in it has been destroyed: nothing of it can be read any more. */
	erased?: boolean;
}

export type ListeningAt = 'invited' | 'declined' | 'withdrawn' | 'admitted' | 'listening' | 'left' | 'removed';
/** One person's hearing of one session. */
export interface ListeningView {
	listeningId: string;
	seq: number;
	callId: string;
	at: ListeningAt;
	personId: string;
	personName: string;
	personRole: 'executive' | 'supervisor';
	/** When the present state began. */
	sinceMs: number;
	/** What was sent to this person's ear so far, and what their slow connection lost; grows at each leaving. */
	audibleMs: number;
	lostMs: number;
	/** When an unopened invitation stops being good. */
	expiresAtMs?: number;
}
