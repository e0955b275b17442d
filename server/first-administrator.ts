import type { House } from '#server/app.ts';

/** Who sets Ycord up where nobody is known yet. */
const first = { id: 'administrator', name: 'Administrator', role: 'administrator', team: 'Operations' } as const;

/**
 * Where nobody is known yet, or the first administrator has not chosen a password so far: a new one-time link to do so,
 * as a whole address. Undefined once somebody is known.
 */
export function firstAdministrator({ peopleDesk, address }: House): string | undefined {
	const { people, listed } = peopleDesk.list();
	const [only, ...others] = people;
	if (listed.length > 0 || others.length > 0) return undefined;
	if (only && (only.id !== first.id || only.hasPassword || only.disabled)) return undefined;
	const { path } = only ? peopleDesk.reset(only.id) : peopleDesk.add(first);
	return `${address()}${path}`;
}
