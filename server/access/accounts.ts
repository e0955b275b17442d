import type { Person } from '#shared/people.ts';

/** What is shown of an account. */
export interface Account extends Person {
	disabled: boolean;
	/** Whether they have chosen a password yet. */
	hasPassword: boolean;
	/** Whether an authenticator's code is asked for too. */
	hasCode: boolean;
	/** Signs in at the identity provider, which says what they are. */
	byProvider: boolean;
}

/** What an account is checked against. */
export interface AccountSecrets {
	/** PHC string. */
	password: string;
	/** Of an authenticator (RFC 6238). */
	codeSecret?: Uint8Array;
}

/** People who are kept here and sign in with a password, beside those of the people's file. */
export interface Accounts {
	/** Refuses with `people.exists`, `people.too-many`. */
	add(person: Person, nowMs: number): void;
	/** All of them, by id. */
	all(): Account[];
	/** Somebody who may come in; undefined for whoever is disabled. */
	find(id: string): Person | undefined;
	/** Says anew what somebody is. Refuses with `people.unknown`. */
	change(person: Person): void;
	/** Refuses with `people.unknown`. */
	setDisabled(id: string, disabled: boolean): void;
	/**
	 * Makes or changes the account of whom the identity provider has signed in. True if they may come in; false, and nothing
	 * is changed, if they are disabled. Refuses with `people.exists`, `people.too-many`.
	 */
	fromProvider(person: Person, nowMs: number): boolean;
	/** What signs somebody in who may come in and has chosen a password. */
	secrets(id: string): AccountSecrets | undefined;
	/** Refuses with `people.unknown`. */
	setSecrets(id: string, secrets: AccountSecrets): void;
	/** Forgets password and authenticator. Refuses with `people.unknown`. */
	clearSecrets(id: string): void;
	/** True once for each step of an authenticator's clock, and for none that lies before one that was used. */
	takeStep(id: string, step: number): boolean;
}

/** Accounts there can be. [B1] */
export const maxAccounts = 10_000;
