import { isOn, termsOf } from '#server/domain/call.ts';
import type { Asked, Someone } from '#server/domain/handoff.ts';
import type { Listener } from '#server/domain/listening.ts';
import { maySeeLane, type Note } from '#server/domain/note.ts';
import { isIn, mustBeAllowed, mustBeOfRole } from '#server/domain/roles.ts';
import type { Session, SessionDecision } from '#server/domain/session.ts';
import { mustBeAListener } from '#server/domain/terms.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { type Changed, turns } from '#server/turns.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { AskResult } from '#shared/live.ts';
import type { NotePlace } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { Refusal, type RefusalCode } from '#shared/refusals.ts';

/** The one way anything changes. */
export interface Ask {
	/** Refuses with `access.denied` what nobody of this role may ask: before any session is looked at, or the answer would tell which there are. */
	mustBeOfRole(who: Person, command: SessionCommand): void;
	/** Somebody asks. Resolves once it is on record, with its place there; refuses by name. [N1] */
	person(who: Person, callId: string, command: SessionCommand): Promise<{ seq: number; result?: AskResult }>;
	/** The house itself reports: a gateway on its call, a listening connection on its listening. */
	house(by: string, callId: string, decision: SessionDecision): Promise<Recorded[]>;
}

/** What asking needs from outside. */
export interface AskNeeds {
	journal: Journal;
	findPerson: (id: string) => Person | undefined;
	now: () => number;
	/** A fresh secret for a link, and the hash that is kept of it. */
	newSecret: () => { secret: string; hash: string };
	/** Sees what was recorded before whoever asked is answered: so that protection holds when it is confirmed. [P1] */
	recorded: (records: readonly Recorded[]) => void;
	/**
	 * Shuts what this command is to shut before it is on record: the call's sound, or the way toward the customer. What it
	 * gives back is told whether it got there. [P1] [C2]
	 */
	shut: (callId: string, command: ShuttingCommand) => (outcome: Outcome) => void;
	/** What is read out to the customer, by the policy of the call's queue. Refuses with `survey.script-unknown`, `survey.nobody`. */
	asked: (session: Session, agent: Person, scriptId: string, language: string) => Asked;
}

/** What takes effect with the press of the key, with how it is told that it did so without getting on record. */
const shutting = {
	'protect-call': 'call.silent-unrecorded',
	'withdraw-consent': 'survey.silent-unrecorded',
	'take-back': 'survey.silent-unrecorded',
	'finish-survey': 'survey.silent-unrecorded',
} as const satisfies { [Type in SessionCommand['type']]?: RefusalCode };
export type ShuttingCommand = keyof typeof shutting;
/** How something that was shut at once came out: it is on record, it is not, or it was refused by a rule. */
export type Outcome = 'recorded' | 'unrecorded' | 'refused';

/** How long an invitation that nobody opens stays good. */
export const invitationMs = 60 * 60_000;
/**
 * What one person may have waiting for its turn in one session, as much as one connection may send at once. Whoever asks
 * for more is refused with `request.too-many`; others, and what the house itself reports, still take their turn. [B1]
 */
export const maxWaitingOfOne = 60;

/** May they → load → decide → append; who loses a race reads again and decides anew. Asks on one session take turns. */
export function asking(needs: AskNeeds): Ask {
	const { newSecret } = needs;
	const taking = turns(needs);
	const waiting = new Map<string, number>();

	/** Counts what one person has waiting in one session. */
	async function asOneOfFew<T>(asker: string, work: () => Promise<T>): Promise<T> {
		const before = waiting.get(asker) ?? 0;
		if (before >= maxWaitingOfOne) throw new Refusal('request.too-many');
		waiting.set(asker, before + 1);
		try {
			return await work();
		} finally {
			const after = (waiting.get(asker) ?? 1) - 1;
			if (after > 0) waiting.set(asker, after);
			else waiting.delete(asker);
		}
	}

	/** The note of another session that a link is to lead to, if this person may see it there. */
	async function targetOf(who: Person, { callId, noteId }: NotePlace): Promise<Note | undefined> {
		const session = await taking.session(callId);
		const note = isIn(who, session) ? session.notes.get(noteId) : undefined;
		return note && maySeeLane(who, note) ? note : undefined;
	}

	/** Protection does not wait for the disk, nor does taking the customer back: shut as soon as it is clear that this person may. [P1] [C2] */
	async function atOnce(
		who: Person,
		callId: string,
		command: SessionCommand & { type: ShuttingCommand },
		change: (shut: (session: Session) => void) => Promise<Changed>,
	) {
		let cameOut: ((outcome: Outcome) => void) | undefined;
		const shut = (session: Session) => {
			if (mayShut(who, command, session)) cameOut ??= needs.shut(callId, command.type);
		};
		const known = taking.known(callId);
		if (known && isAllowed(who, command, known)) shut(known);
		try {
			const changed = await change(shut);
			cameOut?.('recorded');
			return changed;
		} catch (error) {
			const byRule = isByRule(error);
			cameOut?.(byRule ? 'refused' : 'unrecorded');
			throw !byRule && cameOut ? new Refusal(shutting[command.type]) : error;
		}
	}

	return {
		mustBeOfRole,
		async person(who, callId, command) {
			mustBeOfRole(who, command);
			const few = <T>(work: () => Promise<T>) => asOneOfFew(`${who.id} ${callId}`, work);
			const link = command.type === 'invite' || command.type === 'take-line' ? newSecret() : undefined;
			const change = (target?: Note, allowed: (session: Session) => void = () => {}) =>
				taking.change(callId, who.id, (session) => {
					mustBeAllowed(who, command, session);
					allowed(session);
					return decisionFor(needs, who, command, session, { secretHash: link?.hash ?? '', target });
				});
			const { seq, records } = isShuttingCommand(command)
				? await atOnce(who, callId, command, (shut) => few(() => change(undefined, shut)))
				: await few(async () => {
						const leadsAway = command.type === 'link-note' && command.linked && command.to.callId !== callId;
						// Nothing is found out for who may not ask at all, and nothing waited for by what need not: order is kept.
						if (leadsAway) mustBeAllowed(who, command, await taking.session(callId));
						const target = leadsAway ? await targetOf(who, command.to) : undefined;
						if (leadsAway && !target) throw new Refusal('note.link');
						return change(target);
					});
			if (link === undefined || records.length === 0) return { seq };
			const isTake = command.type === 'take-line';
			const result = isTake
				? { surveyPath: `/survey/sound/${link.secret}?as=executive` }
				: { invitationPath: `/listen/${link.secret}` };
			return { seq, result };
		},
		async house(by, callId, decision) {
			// A platform that pauses protects, and a service that asks: its sound is shut before that is on record, like anybody's. [P1]
			const shuts =
				decision.of === 'call' &&
				(decision.command.type === 'pause-call' || decision.command.type === 'protect-for-service');
			const cameOut = shuts ? needs.shut(callId, 'protect-call') : undefined;
			try {
				const { records } = await taking.change(callId, by, () => decision);
				cameOut?.('recorded');
				return records;
			} catch (error) {
				cameOut?.(isByRule(error) ? 'refused' : 'unrecorded');
				throw error;
			}
		},
	};
}

/** A person's command with everything filled in that only the server knows: who, when, and what was looked up. */
function decisionFor(
	{ findPerson, now, asked }: AskNeeds,
	who: Person,
	command: SessionCommand,
	session: Session,
	{ secretHash, target }: { secretHash: string; target: Note | undefined },
): SessionDecision {
	switch (command.type) {
		case 'write-note':
		case 'edit-note':
		case 'delete-note':
		case 'widen-note':
		case 'hear-note':
		case 'link-note':
			return { of: 'note', command, author: who, target };
		case 'protect-call':
		case 'unprotect-call':
			return { of: 'call', command: { type: command.type } };
		case 'invite': {
			const executive = findPerson(command.executiveId);
			if (executive?.role !== 'executive') throw new Refusal('invitation.unknown-executive', command.executiveId);
			mustBeAListener(termsOf(session.call), executive);
			if (isInvited(session, executive.id, now())) throw new Refusal('invitation.exists', executive.name);
			const invite = {
				type: 'invite' as const,
				listener: listenerOf(executive),
				secretHash,
				expiresAtMs: now() + invitationMs,
			};
			return { of: 'listening', listeningId: command.listeningId, command: invite };
		}
		case 'accept-invitation':
			return {
				of: 'listening',
				listeningId: command.listeningId,
				command: { type: 'accept-invitation', nowMs: now() },
			};
		case 'join-call':
			mustBeAListener(termsOf(session.call), who);
			return {
				of: 'listening',
				listeningId: command.listeningId,
				command: { type: 'join-call', listener: listenerOf(who) },
			};
		case 'offer-survey': {
			const how = who.role === 'agent' ? 'agent' : 'executive';
			return { of: 'segment', command: { ...command, offer: { how, person: someone(who) } } };
		}
		case 'ask-survey': {
			const { segmentId, scriptId, language } = command;
			return {
				of: 'segment',
				command: { type: 'ask-survey', segmentId, asked: asked(session, who, scriptId, language) },
			};
		}
		case 'record-consent':
			return { of: 'segment', command: { ...command, by: someone(who) } };
		case 'withdraw-consent':
			return { of: 'segment', command: { ...command, who: 'agent' } };
		case 'take-line': {
			const { segmentId, by } = command;
			const taken = { executive: someone(who), by, secretHash };
			return { of: 'segment', command: { type: 'take-line', segmentId, taken } };
		}
		case 'take-back':
			return { of: 'segment', command: { type: 'finish-survey', segmentId: command.segmentId, how: 'taken-back' } };
		case 'finish-survey':
			return { of: 'segment', command: { ...command, how: 'executive', by: who.id } };
		case 'answer-question':
			return { of: 'segment', command: { ...command, by: who.id } };
		case 'tell-identity':
			return { of: 'segment', command };
		case 'withdraw-invitation':
		case 'decline-invitation':
		case 'remove-listener':
			return { of: 'listening', listeningId: command.listeningId, command: { type: command.type } };
	}
}

/** Refused for what it asks, not because it could not be put on record just now. */
const isByRule = (error: unknown) =>
	error instanceof Refusal && !error.code.startsWith('journal.') && error.code !== 'request.too-many';
const someone = ({ id, name }: Person): Someone => ({ id, name });
const isShuttingCommand = (command: SessionCommand): command is SessionCommand & { type: ShuttingCommand } =>
	command.type in shutting;

const listenerOf = ({ id, name, role }: Person): Listener => ({
	id,
	name,
	role: role === 'supervisor' ? 'supervisor' : 'executive',
});

const isInvited = (session: Session, personId: string, nowMs: number) =>
	[...session.listenings.values()].some(
		(one) =>
			one.at !== 'none' &&
			one.listener.id === personId &&
			(one.at === 'admitted' || one.at === 'listening' || (one.at === 'invited' && one.expiresAtMs > nowMs)),
	);

/** Another executive in the session cannot silence whoever has the line, not even for as long as it takes to refuse them. */
const mayShut = (who: Person, { type }: SessionCommand, { segment }: Session) =>
	type !== 'finish-survey' || ('taken' in segment && segment.taken?.executive.id === who.id);

function isAllowed(who: Person, command: SessionCommand, session: Session): boolean {
	try {
		mustBeAllowed(who, command, session);
		return isOn(session.call);
	} catch {
		return false;
	}
}
