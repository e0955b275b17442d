import { RestRefused } from '#client/rest/rest.ts';
import type { Role } from '#shared/people.ts';
import type { ResultsQuery } from '#shared/survey-results.ts';

/** The page each role has for itself. */
export const homeOf: Record<Role, { href: string; word: string }> = {
	agent: { href: '/agent', word: 'Your call' },
	executive: { href: '/listen', word: 'Listening' },
	supervisor: { href: '/board', word: 'Board' },
	administrator: { href: '/settings/gateways', word: 'Gateways' },
};

const isRole = (word: string | null): word is Role => word !== null && Object.hasOwn(homeOf, word);

/** The role an address asks in: `?as=executive`. */
export function roleIn(search: string): Role | undefined {
	const word = new URLSearchParams(search).get('as');
	return isRole(word) ? word : undefined;
}

/** Where notes are searched. */
export const searchPath = (as: Role) => `/notes?as=${as}`;

/** Where it stands what came of asking customers. */
export const resultsPath = (as: Role) => `/results?as=${as}`;

/** Where the same is taken away as a file, a line a segment. */
export const resultsFilePath = (query: ResultsQuery & { as: Role }) =>
	`/api/survey/results.csv?${new URLSearchParams(query)}`;

/** Where the record of a session stands, or one note in it. */
export const recordPath = (callId: string, as: Role, noteId?: string) =>
	`/record/${encodeURIComponent(callId)}?as=${as}${noteId === undefined ? '' : `#${noteId}`}`;

/** Where the same record is taken away as a file. */
export const exportPath = (callId: string, as: Role, ending: 'md' | 'csv' | 'jsonl') =>
	`/api/calls/${encodeURIComponent(callId)}/record.${ending}?as=${as}`;

/**
 * Asks as `first`, and as the other roles only while this browser is signed in as none of those before: a link that
 * somebody in another role has sent opens all the same. Rejects as `ask` does.
 */
export async function inSomeRole<Answer>(
	first: Role | undefined,
	ask: (as: Role) => Promise<Answer>,
): Promise<{ as: Role; answer: Answer }> {
	const others = (['supervisor', 'executive', 'agent'] as const).filter((role) => role !== first);
	let refused: unknown;
	for (const as of first ? [first, ...others] : others)
		try {
			return { as, answer: await ask(as) };
		} catch (error) {
			if (!(error instanceof RestRefused && error.code === 'access.sign-in')) throw error;
			refused = error;
		}
	throw refused;
}
