import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
	type Access,
	type BrowserSession,
	type MappedAgent,
	type MappedAgents,
	maxMappedAgents,
	maxPerPerson,
} from '#server/access/access.ts';
import { accountSchema, sqliteAccounts } from '#server/access/accounts-sqlite.ts';
import { serviceSchema, sqliteServiceKeys } from '#server/access/service-keys.ts';
import { secretPattern } from '#shared/ids.ts';
import { Refusal } from '#shared/refusals.ts';

/** The shape of the database, in `PRAGMA user_version`: 1 had links and sessions only, 2 no accounts and no service keys. */
const schemaVersion = 3;
const keySchema = (...tables: ('link' | 'session' | 'welcome')[]) =>
	tables
		.map(
			(table) => `
	CREATE TABLE ${table} (
		id INTEGER PRIMARY KEY,
		secret_hash BLOB NOT NULL UNIQUE,
		person_id TEXT NOT NULL,
		expires_at_ms REAL NOT NULL,
		once INTEGER NOT NULL
	) STRICT;
	CREATE INDEX ${table}_by_person ON ${table} (person_id);
	CREATE INDEX ${table}_by_expiry ON ${table} (expires_at_ms);`,
		)
		.join('');
const agentSchema = `
	CREATE TABLE IF NOT EXISTS gateway_agent (
		gateway TEXT NOT NULL,
		name TEXT NOT NULL,
		person_id TEXT NOT NULL,
		by_id TEXT NOT NULL,
		at_ms REAL NOT NULL,
		PRIMARY KEY (gateway, name)
	) STRICT, WITHOUT ROWID;`;
/** What is missing in a database of an earlier shape, by that shape. */
const missing: Readonly<Record<number, string>> = {
	0: `${keySchema('link', 'session', 'welcome')}${agentSchema}${accountSchema}${serviceSchema}`,
	1: `${agentSchema}${keySchema('welcome')}${accountSchema}${serviceSchema}`,
	2: `${keySchema('welcome')}${accountSchema}${serviceSchema}`,
};

/**
 * The embedded engine: one SQLite database at `path`, or `:memory:`. Signing in is rare, so it works on the main
 * thread; looking up a session reads one row. Throws an Error that says why, if the database cannot be opened.
 */
export function sqliteAccess(path: string): Access {
	const database = opened(path);
	const links = keys(database, 'link');
	const welcomes = keys(database, 'welcome');
	const tellers = new Set<(sessionIds: readonly string[]) => void>();
	const sessions = keys(database, 'session', (ids) => {
		for (const tell of tellers) tell(ids);
	});
	return {
		mintLink: (personId, { nowMs, expiresAtMs, once = false }) => links.make(personId, nowMs, expiresAtMs, once),
		useLink: (secret, nowMs) => links.use(secret, nowMs)?.personId,
		revokeLinks: (personId) => links.endAll(personId),
		mintWelcome: (personId, { nowMs, expiresAtMs }) => welcomes.make(personId, nowMs, expiresAtMs, true),
		welcome: (secret, nowMs) => welcomes.look(secret, nowMs)?.personId,
		useWelcome: (secret, nowMs) => welcomes.use(secret, nowMs)?.personId,
		revokeWelcomes: (personId) => welcomes.endAll(personId),
		openSession: (personId, { nowMs, expiresAtMs }) => sessions.make(personId, nowMs, expiresAtMs, false),
		session: (cookieSecret, nowMs) => sessions.look(cookieSecret, nowMs),
		personOf: (cookieSecret, nowMs) => sessions.look(cookieSecret, nowMs)?.personId,
		endSession: (cookieSecret) => sessions.end(cookieSecret),
		endSessions: (personId) => sessions.endAll(personId),
		onEnded(tell) {
			tellers.add(tell);
			return () => tellers.delete(tell);
		},
		accounts: sqliteAccounts(database, sessions.endAll),
		agents: mappedAgents(database),
		services: sqliteServiceKeys(database),
		close: () => database.close(),
	};
}

function opened(path: string): DatabaseSync {
	if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const database = new DatabaseSync(path, { timeout: 5000 });
	try {
		// Authenticators' secrets are in here: for its owner alone, and what SQLite writes beside it too.
		if (path !== ':memory:') chmodSync(path, 0o600);
		// FULL: what was revoked stays revoked when the power goes.
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
		const found = database.prepare('PRAGMA user_version').get()?.user_version;
		if (found === schemaVersion) return database;
		const lacks = missing[Number(found)];
		if (lacks === undefined)
			throw new Error(
				`The sign-in database ${path} has the schema version ${found}, this Ycord knows up to ${schemaVersion}: a newer Ycord has written it.`,
			);
		database.exec(`BEGIN IMMEDIATE; ${lacks} PRAGMA user_version = ${schemaVersion}; COMMIT`);
		return database;
	} catch (error) {
		database.close();
		if (error instanceof Error && 'errstr' in error)
			throw new Error(`The sign-in database ${path} cannot be opened: ${error.errstr}.`, { cause: error });
		throw error;
	}
}

/** The keys of one kind; they differ only in what they open, and that somebody wants to know of a session's end. */
function keys(
	database: DatabaseSync,
	table: 'link' | 'session' | 'welcome',
	ended: (ids: readonly string[]) => void = () => {},
) {
	const insert = database.prepare(
		`INSERT INTO ${table} (secret_hash, person_id, expires_at_ms, once) VALUES (?, ?, ?, ?)`,
	);
	const sweep = database.prepare(`DELETE FROM ${table} WHERE expires_at_ms <= ?`);
	const keepNewest = database.prepare(
		`DELETE FROM ${table} WHERE person_id = ?1 AND id NOT IN
			(SELECT id FROM ${table} WHERE person_id = ?1 ORDER BY id DESC LIMIT ${maxPerPerson}) RETURNING secret_hash`,
	);
	const find = database.prepare(
		`SELECT person_id, expires_at_ms, once FROM ${table} WHERE secret_hash = ? AND expires_at_ms > ?`,
	);
	const remove = database.prepare(`DELETE FROM ${table} WHERE secret_hash = ?`);
	const removeAll = database.prepare(`DELETE FROM ${table} WHERE person_id = ? RETURNING secret_hash`);
	const tell = (removed: readonly Record<string, unknown>[]) => {
		if (removed.length > 0) ended(removed.map((row) => idOf(row.secret_hash as Uint8Array)));
	};

	const look = (secret: string, nowMs: number) => {
		if (!isSecret.test(secret)) return undefined;
		const hash = hashOf(secret);
		const found = find.get(hash, nowMs);
		if (!found) return undefined;
		const { person_id, expires_at_ms, once } = found;
		return { id: idOf(hash), personId: String(person_id), expiresAtMs: Number(expires_at_ms), once: once === 1 };
	};

	return {
		look,
		make(personId: string, nowMs: number, expiresAtMs: number, once: boolean): string {
			const secret = randomBytes(32).toString('base64url');
			let oldest: Record<string, unknown>[];
			database.exec('BEGIN IMMEDIATE');
			try {
				sweep.run(nowMs);
				insert.run(hashOf(secret), personId, expiresAtMs, once ? 1 : 0);
				oldest = keepNewest.all(personId);
				database.exec('COMMIT');
			} catch (error) {
				if (database.isTransaction) database.exec('ROLLBACK');
				throw error;
			}
			tell(oldest);
			return secret;
		},
		use(secret: string, nowMs: number): BrowserSession | undefined {
			const found = look(secret, nowMs);
			// Used up before it opens anything: of two that come at once, one finds nothing to remove.
			if (found?.once && remove.run(hashOf(secret)).changes === 0) return undefined;
			return found;
		},
		end(secret: string): void {
			if (!isSecret.test(secret)) return;
			const hash = hashOf(secret);
			if (remove.run(hash).changes > 0) ended([idOf(hash)]);
		},
		endAll(personId: string): void {
			tell(removeAll.all(personId));
		},
	};
}

function mappedAgents(database: DatabaseSync): MappedAgents {
	const put = database.prepare(
		`INSERT INTO gateway_agent (gateway, name, person_id, by_id, at_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (gateway, name) DO UPDATE SET person_id = excluded.person_id, by_id = excluded.by_id, at_ms = excluded.at_ms`,
	);
	const remove = database.prepare('DELETE FROM gateway_agent WHERE gateway = ? AND name = ?');
	const find = database.prepare('SELECT person_id FROM gateway_agent WHERE gateway = ? AND name = ?');
	const list = database.prepare(
		'SELECT gateway, name, person_id AS personId, by_id AS byId, at_ms AS atMs FROM gateway_agent ORDER BY gateway, name',
	);
	const count = database.prepare('SELECT count(*) AS count FROM gateway_agent');
	const personOf = (gateway: string, name: string) => {
		const found = find.get(gateway, name);
		return found && String(found.person_id);
	};
	return {
		map({ gateway, name, personId, byId, atMs }) {
			if (personOf(gateway, name) === undefined && Number(count.get()?.count) >= maxMappedAgents)
				throw new Refusal('gateway.too-many-agents', String(maxMappedAgents));
			put.run(gateway, name, personId, byId, atMs);
		},
		unmap: (gateway, name) => remove.run(gateway, name).changes > 0,
		personOf,
		all: () => list.all() as unknown as MappedAgent[],
	};
}

const isSecret = new RegExp(secretPattern);
/** The secret is 256 random bits, so a plain hash cannot be guessed back. */
const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
const idOf = (hash: Uint8Array) => Buffer.from(hash).toString('base64url');
