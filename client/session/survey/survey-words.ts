import type { Role } from '#shared/people.ts';
import type { SegmentView } from '#shared/survey.ts';

/** Whose idea it was, with a verb: `Robin asks for`. */
export function whoOffered({ offeredBy }: SegmentView): string {
	switch (offeredBy.how) {
		case 'quota':
			return 'The draw asks for';
		default:
			return `${offeredBy.person?.name ?? `An ${offeredBy.how}`} asks for`;
	}
}

/** Who may come on the line, as far as that is known before somebody does. */
export function whoComes({ asked, offeredBy }: SegmentView, executives: readonly string[]): string {
	const named = asked?.executive?.name ?? (offeredBy.how === 'executive' ? offeredBy.person?.name : undefined);
	if (named)
		return executives.includes(named)
			? `${named} gets ready now.`
			: `${named} is to come on the line, and does not listen just now.`;
	if (executives.length > 0) return `${either(executives)} can come on the line now.`;
	return 'No executive is listening: invite one, who can then come on the line.';
}

const either = (names: readonly string[]) => new Intl.ListFormat('en', { type: 'disjunction' }).format(names);

/** How an executive's turn ended. */
export function overWords({ over, taken }: SegmentView, meId: string): string {
	const name = taken?.executive.name ?? 'the executive';
	switch (over?.how) {
		case 'executive':
			return taken?.executive.id === meId ? 'You finished.' : `${name} finished.`;
		case 'taken-back':
			return 'The customer was taken back.';
		case 'time-limit':
			return 'The time was up.';
		case 'protected':
			return 'It was broken off because the call was protected.';
		case 'removed':
			return `A supervisor ended the listening of ${name}.`;
		case 'withdrawn':
			return 'The customer changed their mind.';
		case 'executive-lost':
			return `The connection of ${name} was lost.`;
		case 'agent-lost':
			return 'The connection of the agent was lost.';
		case 'gateway-lost':
			return 'The sound of the phone system was lost.';
		case 'call-ended':
			return 'The survey ended with it.';
		case undefined:
			return 'The survey did not come about.';
	}
}

/** Where the customer came to be. */
export function returnedWords(to: SegmentView['returnedTo'], isAgent: boolean): string {
	switch (to) {
		case 'queue':
			return 'The customer is in the queue';
		case 'announcement':
			return 'The customer hears an announcement';
		case 'hung-up':
			return 'The customer was hung up';
		default:
			return isAgent ? 'The customer is with you again' : 'The customer is with the agent again';
	}
}

/** Who speaks with the customer, in one line that is always on the agent's page; for others, only when it is not the agent. */
export function customerIsWith(segment: SegmentView | undefined, role: Role): string | undefined {
	const you = role === 'agent' ? 'you' : 'the agent';
	switch (segment?.at) {
		case 'live':
			return `${segment.taken?.executive.name ?? 'The executive'} speaks with ${role === 'agent' ? 'your' : 'the'} customer`;
		case 'finished':
		case 'lost':
			return `Customer on the way back to ${you}`;
		case 'withdrawn':
			if (segment.taken) return `Customer on the way back to ${you}`;
			break;
		case 'returned':
			if (segment.returnedTo === 'queue') return 'Customer in the queue';
			if (segment.returnedTo === 'announcement') return 'Customer hears an announcement';
			if (segment.returnedTo === 'hung-up') return 'Customer was hung up';
	}
	return role === 'agent' ? 'The customer is with you' : undefined;
}
