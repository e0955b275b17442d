import type { DatabaseSync } from 'node:sqlite';
import { type Account, type Accounts, maxAccounts } from '#server/access/accounts.ts';
import type { Person, Role } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** What accounts need of the sign-in database. */
export const accountSchema = `
	CREATE TABLE account (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		role TEXT NOT NULL,
		team TEXT NOT NULL,
		password TEXT,
		code_secret BLOB,
		used_step INTEGER NOT NULL DEFAULT 0,
		disabled INTEGER NOT NULL DEFAULT 0,
		by_provider INTEGER NOT NULL DEFAULT 0,
		made_at_ms REAL NOT NULL
	) STRICT, WITHOUT ROWID;`;

/** Accounts in the sign-in database; `signOut` ends a person's sessions. Who they are is also kept in memory: it is asked for with everything anybody does. */
export function sqliteAccounts(database: DatabaseSync, signOut: (personId: string) => void): Accounts {
	const insert = database.prepare(
		'INSERT INTO account (id, name, role, team, made_at_ms, by_provider) VALUES (?, ?, ?, ?, ?, ?)',
	);
	const update = database.prepare('UPDATE account SET name = ?, role = ?, team = ? WHERE id = ?');
	const disable = database.prepare('UPDATE account SET disabled = ? WHERE id = ?');
	const find = database.prepare('SELECT password, code_secret FROM account WHERE id = ?');
	const secure = database.prepare('UPDATE account SET password = ?, code_secret = ?, used_step = 0 WHERE id = ?');
	const take = database.prepare('UPDATE account SET used_step = ?1 WHERE id = ?2 AND used_step < ?1');
	const list = database.prepare(
		`SELECT id, name, role, team, disabled, by_provider AS byProvider, password IS NOT NULL AS hasPassword, code_secret IS NOT NULL AS hasCode
			FROM account ORDER BY id`,
	);
	const all = (): Account[] =>
		list.all().map((row) => ({
			id: String(row.id),
			name: String(row.name),
			role: String(row.role) as Role,
			team: String(row.team),
			disabled: row.disabled === 1,
			hasPassword: row.hasPassword === 1,
			hasCode: row.hasCode === 1,
			byProvider: row.byProvider === 1,
		}));
	const known = new Map<string, { person: Person; disabled: boolean }>();
	const keptOf = ({ id, name, role, team }: Person): Person => Object.freeze({ id, name, role, team });
	const keep = (person: Person, disabled: boolean) => known.set(person.id, { person: keptOf(person), disabled });
	for (const account of all()) keep(account, account.disabled);
	const mustBeKnown = (id: string) => {
		const one = known.get(id);
		if (!one) throw new Refusal('people.unknown', id);
		return one;
	};
	const mayComeIn = (id: string) => {
		const one = known.get(id);
		return one?.disabled === false ? one.person : undefined;
	};

	const add = (person: Person, nowMs: number, byProvider: boolean) => {
		if (known.has(person.id)) throw new Refusal('people.exists', person.id);
		if (known.size >= maxAccounts) throw new Refusal('people.too-many', String(maxAccounts));
		insert.run(person.id, person.name, person.role, person.team, nowMs, byProvider ? 1 : 0);
		keep(person, false);
	};
	const change = (person: Person) => {
		const { disabled } = mustBeKnown(person.id);
		update.run(person.name, person.role, person.team, person.id);
		keep(person, disabled);
	};

	return {
		add: (person, nowMs) => add(person, nowMs, false),
		all,
		find: mayComeIn,
		change,
		fromProvider(person, nowMs) {
			const before = known.get(person.id);
			if (!before) add(person, nowMs, true);
			else if (before.disabled) return false;
			else if (JSON.stringify(before.person) !== JSON.stringify(keptOf(person))) {
				change(person);
				// Somebody else in what they may see: what is open was opened as who they were. [I1]
				if (before.person.role !== person.role || before.person.team !== person.team) signOut(person.id);
			}
			return true;
		},
		setDisabled(id, disabled) {
			const { person } = mustBeKnown(id);
			disable.run(disabled ? 1 : 0, id);
			keep(person, disabled);
		},
		secrets(id) {
			const found = mayComeIn(id) && find.get(id);
			if (!found || found.password === null) return undefined;
			const codeSecret = found.code_secret as Uint8Array | null;
			return { password: String(found.password), ...(codeSecret ? { codeSecret } : {}) };
		},
		setSecrets(id, { password, codeSecret }) {
			mustBeKnown(id);
			secure.run(password, codeSecret ?? null, id);
		},
		clearSecrets(id) {
			mustBeKnown(id);
			secure.run(null, null, id);
		},
		takeStep: (id, step) => take.run(step, id).changes > 0,
	};
}
