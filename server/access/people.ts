import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Accounts } from '#server/access/accounts.ts';
import { CannotStart } from '#server/cannot-start.ts';
import { Person, type Role } from '#shared/people.ts';

/** Who is known here. */
export interface People {
	find(id: string): Person | undefined;
	withRole(role: Role): Person[];
}

/** Demo people, clearly marked as such wherever they are shown. */
export const demoPeople: Person[] = [
	{ id: 'demo-agent', name: 'Alex (demo agent)', role: 'agent', team: 'Orders' },
	{ id: 'demo-executive', name: 'Robin (demo executive)', role: 'executive', team: 'Leadership' },
	{ id: 'demo-executive-2', name: 'Kim (demo executive)', role: 'executive', team: 'Leadership' },
	{ id: 'demo-supervisor', name: 'Sam (demo supervisor)', role: 'supervisor', team: 'Orders' },
	{ id: 'demo-administrator', name: 'Lee (demo administrator)', role: 'administrator', team: 'Operations' },
];

/** Those who are listed, and those who have an account and may come in. */
export function people(list: readonly Person[], accounts?: Pick<Accounts, 'find' | 'all'>): People {
	const byId = new Map(list.map((person) => [person.id, Object.freeze({ ...person })]));
	const withAccount = () =>
		(accounts?.all() ?? []).map(({ id }) => accounts?.find(id)).filter((one) => one !== undefined);
	return {
		find: (id) => byId.get(id) ?? accounts?.find(id),
		withRole: (role) => [...byId.values(), ...withAccount()].filter((person) => person.role === role),
	};
}

/** Nobody is two people: throws with the id that an account and the list share. */
export function mustBeApart(list: readonly Person[], accounts: Pick<Accounts, 'all'>): void {
	const ids = new Set(list.map(({ id }) => id));
	const twice = accounts.all().find(({ id }) => ids.has(id));
	if (twice) throw new CannotStart(`YCORD_PEOPLE: “${twice.id}” stands there and has an account; take one away.`);
}

const PeopleFile = Type.Object({ people: Type.Array(Person, { minItems: 1, maxItems: 10_000 }) });

/** Reads the people file (`YCORD_PEOPLE`): `{"people": [{id, name, role, team}]}`. Throws with what is wrong and where. */
export function readPeople(path: string): Person[] {
	let content: unknown;
	try {
		content = JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		throw new CannotStart(`YCORD_PEOPLE: ${path} cannot be read as JSON: ${(error as Error).message}`);
	}
	if (!Value.Check(PeopleFile, content)) {
		const [first] = Value.Errors(PeopleFile, content);
		throw new CannotStart(
			`YCORD_PEOPLE: ${path}: ${first?.instancePath || 'the file'} ${first?.message ?? 'is not a list of people'}; expected {"people": [{"id", "name", "role": "agent|executive|supervisor|administrator", "team"}]}`,
		);
	}
	const seen = new Set<string>();
	for (const { id } of content.people) {
		if (seen.has(id)) throw new CannotStart(`YCORD_PEOPLE: ${path}: the id “${id}” stands there twice`);
		seen.add(id);
	}
	return content.people;
}
