import type { CallTerms } from '#server/domain/terms.ts';
import type { CallAbout, Disclosure } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';
import type { Ability } from '#shared/survey.ts';

/** Why a call ended: hung up, its sound never came back, or this server went away under it. */
export type EndReason = 'hung-up' | 'lost' | 'server-stopped';

/** Where a call stands. A state carries only what is true in it. */
export type Call =
	| { at: 'none' }
	| { at: 'live' | 'held' | 'lost'; facts: CallFacts; protectedBy: string | undefined }
	| { at: 'ended'; facts: CallFacts; reason: EndReason }
	/** Ended, and what was personal in it is destroyed. Nothing more can be asked of it. [L3] */
	| { at: 'erased'; facts: CallFacts; reason: EndReason };

/** What does not change while a call lasts. */
export interface CallFacts {
	gateway: string;
	rehearsal: boolean;
	label: string;
	agentId: string;
	agentName: string;
	team: string;
	/** What the customer was told when the call began. Nothing is heard without it. [C1] */
	disclosure: Disclosure;
	/** What the platform can be asked to do with it; none for calls of before there were any. */
	abilities?: readonly Ability[];
	/** Why it cannot bring an executive on the line. */
	cannot?: string;
	/** What the agent has to do there so that it can. */
	agentMust?: string;
	/** What the platform says of it. */
	about?: CallAbout;
	/** Everybody in one sound; else the legs come apart. */
	hears?: 'mix';
	/** Ycord is a participant there, not a silent tap. */
	audible?: true;
	/** What the policy said of it; none where no rule is for it, and for calls of before there were any. */
	terms?: CallTerms;
}

/** What a gateway reports, what agent and supervisor ask, and what whoever runs the house does. */
export type CallCommand =
	| { type: 'start-call'; facts: CallFacts }
	| { type: 'hold-call' | 'resume-call' | 'lose-call' | 'restore-call' | 'protect-call' | 'unprotect-call' }
	/** The platform stopped the sound on purpose, and brings it again. Lifts no protection that a person asked for. [P2] */
	| { type: 'pause-call' | 'unpause-call' }
	/** Another program, such as a payment page, asks for it and ends it. It ends no protection but its own. [P2] */
	| { type: 'protect-for-service' | 'unprotect-for-service'; by: string }
	| { type: 'end-call'; reason: EndReason }
	| { type: 'erase-call' };

export type CallEvent =
	| { type: 'call-started'; facts: CallFacts }
	| { type: 'call-held' | 'call-resumed' | 'call-lost' | 'call-restored' }
	| { type: 'call-protected' | 'call-unprotected' }
	| { type: 'call-ended'; reason: EndReason }
	| { type: 'call-erased' };

const protecting = [
	'protect-call',
	'unprotect-call',
	'pause-call',
	'unpause-call',
	'protect-for-service',
	'unprotect-for-service',
] as const;
/**
 * The state diagram. Protection is asked for in any state of a call that has not ended. Nothing but `unprotect-call` ends it,
 * and the platform's `unpause-call` what the platform began, a service's own word what it began. [P2]
 */
const open = {
	none: ['start-call'],
	live: ['hold-call', 'lose-call', 'restore-call', 'end-call', ...protecting],
	held: ['resume-call', 'lose-call', 'restore-call', 'end-call', ...protecting],
	lost: ['restore-call', 'end-call', ...protecting],
	ended: ['erase-call'],
	erased: ['erase-call'],
} satisfies Record<Call['at'], CallCommand['type'][]>;

export const noCall: Call = { at: 'none' };

export function decideCall(call: Call, command: CallCommand): CallEvent[] {
	const asked: string[] = open[call.at];
	if (!asked.includes(command.type)) {
		if (call.at === 'none') throw new Refusal('call.unknown');
		if (command.type === 'start-call') throw new Refusal('call.exists');
		if (call.at === 'ended') throw new Refusal('call.ended');
		if (call.at === 'erased') throw new Refusal('call.erased');
		throw new Refusal('call.not-now', call.at);
	}
	switch (command.type) {
		case 'start-call':
			return [{ type: 'call-started', facts: command.facts }];
		case 'hold-call':
			return [{ type: 'call-held' }];
		case 'resume-call':
			return [{ type: 'call-resumed' }];
		case 'lose-call':
			return [{ type: 'call-lost' }];
		case 'restore-call':
			// A call whose loss could not be recorded has nothing to come back from.
			return call.at === 'lost' ? [{ type: 'call-restored' }] : [];
		case 'protect-call':
			// What a person asks for is theirs, also while the platform or a service has it protected: their end does not end that.
			return isByPerson(call) ? [] : [{ type: 'call-protected' }];
		case 'protect-for-service':
			return isByPerson(call) || holderOf(call) === command.by ? [] : [{ type: 'call-protected' }];
		case 'unprotect-call':
			return isProtected(call) ? [{ type: 'call-unprotected' }] : [];
		case 'pause-call':
			return isProtected(call) ? [] : [{ type: 'call-protected' }];
		case 'unpause-call':
			return isPaused(call) ? [{ type: 'call-unprotected' }] : [];
		case 'unprotect-for-service':
			return holderOf(call) === command.by ? [{ type: 'call-unprotected' }] : [];
		case 'end-call':
			return [{ type: 'call-ended', reason: command.reason }];
		case 'erase-call':
			return call.at === 'erased' ? [] : [{ type: 'call-erased' }];
	}
}

export function evolveCall(call: Call, event: CallEvent, by: string): Call {
	if (event.type === 'call-started') return { at: 'live', facts: event.facts, protectedBy: undefined };
	if (call.at === 'none' || call.at === 'erased') return call;
	if (call.at === 'ended')
		return event.type === 'call-erased' ? { ...call, at: 'erased', facts: nameless(call.facts) } : call;
	switch (event.type) {
		case 'call-held':
			return { ...call, at: 'held' };
		case 'call-lost':
			return { ...call, at: 'lost' };
		case 'call-resumed':
		case 'call-restored':
			return { ...call, at: 'live' };
		case 'call-protected':
			return { ...call, protectedBy: isService(by) && isService(call.protectedBy) ? severalServices : by };
		case 'call-unprotected':
			return { ...call, protectedBy: undefined };
		case 'call-ended':
			return { at: 'ended', facts: call.facts, reason: event.reason };
		case 'call-erased':
			return call;
	}
}

const nameless = ({ about: _, ...facts }: CallFacts): CallFacts => ({ ...facts, label: '' });

const holderOf = (call: Call) => ('protectedBy' in call ? call.protectedBy : undefined);
const isService = (by: string | undefined) => by?.startsWith('service:') ?? false;
/** When two services have asked none of them can end it for the other: a person has to. */
const severalServices = 'service:';

export const isProtected = (call: Call) => !!holderOf(call);
/** Protected by the platform, and by nobody else. */
const isPaused = (call: Call) => holderOf(call)?.startsWith('gateway:') ?? false;
const isByPerson = (call: Call) => isProtected(call) && !isPaused(call) && !isService(holderOf(call));
/** What the policy said of a call when it began. */
export const termsOf = (call: Call): CallTerms | undefined => ('facts' in call ? call.facts.terms : undefined);
export const isOn = (call: Call) => call.at === 'live' || call.at === 'held' || call.at === 'lost';
