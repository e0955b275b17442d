import type { Session } from '#server/domain/session.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { Person, Role } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/**
 * Who may ask for what: one table. Everything a person asks passes it before anything is decided. An administrator stands
 * nowhere in it: setting Ycord up is no reason to hear a call.
 */
const may = {
	'protect-call': ['agent', 'supervisor'],
	'unprotect-call': ['agent', 'supervisor'],
	invite: ['agent'],
	'withdraw-invitation': ['agent'],
	'accept-invitation': ['executive'],
	'decline-invitation': ['executive'],
	'join-call': ['supervisor'],
	'remove-listener': ['supervisor'],
	'write-note': ['agent', 'executive', 'supervisor'],
	'edit-note': ['agent', 'executive', 'supervisor'],
	'delete-note': ['agent', 'executive', 'supervisor'],
	'widen-note': ['agent', 'executive', 'supervisor'],
	'hear-note': ['agent', 'executive', 'supervisor'],
	'link-note': ['agent', 'executive', 'supervisor'],
	'offer-survey': ['agent', 'executive'],
	'ask-survey': ['agent'],
	'record-consent': ['agent'],
	'withdraw-consent': ['agent'],
	'take-line': ['executive'],
	'take-back': ['agent', 'supervisor'],
	'finish-survey': ['executive'],
	'answer-question': ['executive'],
	'tell-identity': ['agent', 'executive'],
} satisfies Record<SessionCommand['type'], Role[]>;

/** Refuses what nobody of this role may ask. Before any session is looked at: or the refusal would tell which there are. */
export function mustBeOfRole(person: Person, { type }: Pick<SessionCommand, 'type'>): void {
	const allowed: readonly Role[] = may[type];
	if (!allowed.includes(person.role))
		throw new Refusal(
			'access.denied',
			`Only ${allowed.join(' or ')} may do this; you are signed in as ${person.role}.`,
		);
}

/** Refuses what this person may not ask. The second half of the table: it must also be their own session. */
export function mustBeAllowed(person: Person, command: SessionCommand, session: Session): void {
	mustBeOfRole(person, command);
	if (!isIn(person, session)) throw new Refusal('call.unknown');
	const isAnswer = command.type === 'accept-invitation' || command.type === 'decline-invitation';
	if (isAnswer && listenerOf(session, command.listeningId) !== person.id) throw new Refusal('listening.unknown');
}

/**
 * Whether a session is this person's: the agent's own call, a call of the supervisor's team, a call the executive is
 * or was invited to and has not been shut out of.
 */
export function isIn(person: Person, session: Session): boolean {
	if (session.call.at === 'none') return false;
	switch (person.role) {
		case 'agent':
			return session.call.facts.agentId === person.id;
		case 'supervisor':
			return session.call.facts.team === person.team;
		case 'executive':
			return [...session.listenings.values()].some(
				(one) => one.at !== 'none' && one.listener.id === person.id && one.at !== 'withdrawn' && one.at !== 'removed',
			);
		case 'administrator':
			return false;
	}
}

const listenerOf = (session: Session, listeningId: string) => {
	const listening = session.listenings.get(listeningId);
	return listening && listening.at !== 'none' ? listening.listener.id : undefined;
};
