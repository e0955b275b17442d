import { Type } from 'typebox';
import type { Access } from '#server/access/access.ts';
import type { Account } from '#server/access/accounts.ts';
import { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** How long a link by which somebody chooses a password is good: a day. */
export const welcomeMs = 24 * 60 * 60_000;

/** What the operator asks about one account. */
export const NamedPerson = Type.Object({ id: Person.properties.id }, { additionalProperties: false });
/** What an account is to be from now on; what is not given stays. */
export const ChangedPerson = Type.Object(
	{
		id: Person.properties.id,
		name: Type.Optional(Person.properties.name),
		role: Type.Optional(Person.properties.role),
		team: Type.Optional(Person.properties.team),
	},
	{ additionalProperties: false },
);
export type ChangedPerson = Pick<Person, 'id'> & Partial<Person>;

/** A link by which somebody chooses a password: given out once, good once. */
export interface Welcome {
	person: Person;
	/** Its path, such as `/welcome/…`. */
	path: string;
}

/** Everybody who is known here: with an account, or listed in a file. */
export interface ListedPeople {
	people: Account[];
	listed: Person[];
}

/** What the operator does with accounts, by the command line. Each refuses by name. */
export interface PeopleDesk {
	list(): ListedPeople;
	/** Makes an account, and the link by which its person chooses a password. */
	add(person: Person): Welcome;
	/** Says anew what somebody is: they are signed out, and sign in as that. [I1] */
	change(changed: ChangedPerson): Person;
	/** Signs somebody out everywhere and lets them in no more. [I1] */
	disable(id: string): Person;
	enable(id: string): Person;
	/** Signs somebody out, forgets password and authenticator, and makes a new link to choose them by. */
	reset(id: string): Welcome;
}

export interface PeopleDeskNeeds {
	access: Access;
	/** The people who are listed in a file: theirs is not changed here. */
	listed: readonly Person[];
	now: () => number;
}

export function peopleDesk({ access, listed, now }: PeopleDeskNeeds): PeopleDesk {
	const { accounts } = access;
	const accountOf = (id: string, isOurs = false): Person => {
		if (listed.some((one) => one.id === id)) throw new Refusal('people.listed', id);
		const found = accounts.all().find((one) => one.id === id);
		if (!found) throw new Refusal('people.unknown', id);
		const { name, role, team, byProvider } = found;
		if (isOurs && byProvider) throw new Refusal('people.by-provider', id);
		return { id, name, role, team };
	};
	const shutOut = (id: string) => {
		access.revokeLinks(id);
		access.revokeWelcomes(id);
		access.endSessions(id);
	};
	const welcome = (person: Person): Welcome => {
		access.revokeWelcomes(person.id);
		const nowMs = now();
		return { person, path: `/welcome/${access.mintWelcome(person.id, { nowMs, expiresAtMs: nowMs + welcomeMs })}` };
	};
	return {
		list: () => ({ people: accounts.all(), listed: [...listed] }),
		add(person) {
			if (listed.some(({ id }) => id === person.id)) throw new Refusal('people.exists', person.id);
			accounts.add(person, now());
			return welcome(person);
		},
		change(changed) {
			const person = { ...accountOf(changed.id, true), ...changed };
			accounts.change(person);
			access.endSessions(person.id);
			return person;
		},
		disable(id) {
			const person = accountOf(id);
			accounts.setDisabled(id, true);
			shutOut(id);
			return person;
		},
		enable(id) {
			const person = accountOf(id);
			accounts.setDisabled(id, false);
			return person;
		},
		reset(id) {
			const person = accountOf(id, true);
			accounts.clearSecrets(id);
			shutOut(id);
			return welcome(person);
		},
	};
}
