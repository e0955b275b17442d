import type { Listener } from '#server/domain/listening.ts';
import { mustBeAllowed } from '#server/domain/roles.ts';
import { decide, evolve, noSession, type Session, type SessionDecision } from '#server/domain/session.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { AskResult } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** The one way anything changes. */
export interface Ask {
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
}

/** How long an invitation that nobody opens stays good. */
export const invitationMs = 60 * 60_000;
/** Sessions whose state is kept at hand; the least recently asked falls out and is read again when needed. [B1] */
const maxKept = 1000;
const maxTries = 3;
/**
 * What one person may have waiting for its turn in one session, as much as one connection may send at once. Whoever asks
 * for more is refused with `request.too-many`; others, and what the house itself reports, still take their turn. [B1]
 */
export const maxWaitingOfOne = 60;

interface Kept {
	session: Session;
	version: number;
	seq: number;
}

/** May they → load → decide → append; who loses a race reads again and decides anew. Asks on one session take turns. */
export function asking(needs: AskNeeds): Ask {
	const { journal, now, newSecret } = needs;
	const kept = new Map<string, Kept>();
	const turns = new Map<string, Promise<unknown>>();
	const waiting = new Map<string, number>();

	async function load(stream: string): Promise<Kept> {
		const known = kept.get(stream);
		if (known) return known;
		const past = await journal.read(stream);
		const session = past.reduce((state, one) => evolve(state, one.event, one.by), noSession);
		return { session, version: past.length, seq: past.at(-1)?.seq ?? 0 };
	}

	function keep(stream: string, state: Kept) {
		kept.delete(stream);
		kept.set(stream, state);
		if (kept.size > maxKept) kept.delete(kept.keys().next().value as string);
	}

	async function change(stream: string, by: string, choose: (session: Session) => SessionDecision) {
		for (let tries = 1; ; tries++) {
			const before = await load(stream);
			const events = decide(before.session, choose(before.session));
			if (events.length === 0) {
				keep(stream, before);
				return { records: [], seq: before.seq };
			}
			try {
				const records = await journal.append(stream, before.version, events, by, now());
				const session = records.reduce((state, one) => evolve(state, one.event, one.by), before.session);
				const seq = records.at(-1)?.seq ?? before.seq;
				keep(stream, { session, version: before.version + records.length, seq });
				needs.recorded(records);
				return { records, seq };
			} catch (error) {
				kept.delete(stream);
				const beaten = error instanceof Refusal && error.code === 'journal.conflict';
				if (!beaten || tries === maxTries) throw error;
			}
		}
	}

	/** Runs after whatever was asked of this session before, whether that was refused or not. */
	function inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
		const before = turns.get(stream) ?? Promise.resolve();
		const mine = before.then(work, work);
		turns.set(stream, mine);
		const done = () => {
			if (turns.get(stream) === mine) turns.delete(stream);
		};
		mine.then(done, done);
		return mine;
	}

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

	return {
		person(who, callId, command) {
			const work = async () => {
				const link = command.type === 'invite' ? newSecret() : undefined;
				const { seq, records } = await change(callId, who.id, (session) => {
					mustBeAllowed(who, command, session);
					return decisionFor(needs, who, command, session, link?.hash ?? '');
				});
				if (link === undefined || records.length === 0) return { seq };
				return { seq, result: { invitationPath: `/listen/${link.secret}` } };
			};
			return asOneOfFew(`${who.id} ${callId}`, () => inTurn(callId, work));
		},
		house(by, callId, decision) {
			return inTurn(callId, async () => (await change(callId, by, () => decision)).records);
		},
	};
}

/** A person's command with everything filled in that only the server knows: who, when, and what was looked up. */
function decisionFor(
	{ findPerson, now }: AskNeeds,
	who: Person,
	command: SessionCommand,
	session: Session,
	secretHash: string,
): SessionDecision {
	switch (command.type) {
		case 'write-note':
			return { of: 'note', command, author: who };
		case 'protect-call':
		case 'unprotect-call':
			return { of: 'call', command: { type: command.type } };
		case 'invite': {
			const executive = findPerson(command.executiveId);
			if (executive?.role !== 'executive') throw new Refusal('invitation.unknown-executive', command.executiveId);
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
			return {
				of: 'listening',
				listeningId: command.listeningId,
				command: { type: 'join-call', listener: listenerOf(who) },
			};
		case 'withdraw-invitation':
		case 'decline-invitation':
		case 'remove-listener':
			return { of: 'listening', listeningId: command.listeningId, command: { type: command.type } };
	}
}

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
