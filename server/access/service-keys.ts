import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { maxServiceKeys, type ServiceKey, type ServiceKeys, type ServiceScope } from '#server/access/access.ts';
import { Refusal } from '#shared/refusals.ts';

/** The table of service keys. */
export const serviceSchema = `
	CREATE TABLE IF NOT EXISTS service_key (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		key_hash BLOB NOT NULL UNIQUE,
		name TEXT NOT NULL,
		scopes TEXT NOT NULL,
		made_ms REAL NOT NULL,
		used_ms REAL
	) STRICT;`;

/** Begins every key, so that whoever finds one in a repository knows what it is. */
const keyPrefix = 'ycord_';
const isKey = /^ycord_[A-Za-z0-9_-]{43}$/;
/** A key's use is written down no more often than this. */
const usedEveryMs = 60_000;

export function sqliteServiceKeys(database: DatabaseSync): ServiceKeys {
	const insert = database.prepare('INSERT INTO service_key (key_hash, name, scopes, made_ms) VALUES (?, ?, ?, ?)');
	const find = database.prepare('SELECT * FROM service_key WHERE key_hash = ?');
	const list = database.prepare('SELECT * FROM service_key ORDER BY name, id');
	const used = database.prepare('UPDATE service_key SET used_ms = ? WHERE id = ?');
	const remove = database.prepare('DELETE FROM service_key WHERE id = ?');
	const count = database.prepare('SELECT count(*) AS count FROM service_key');
	return {
		make(name, scopes, nowMs) {
			if (Number(count.get()?.count) >= maxServiceKeys) throw new Refusal('access.too-many-service-keys');
			const key = `${keyPrefix}${randomBytes(32).toString('base64url')}`;
			insert.run(hashOf(key), name, scopes.join(' '), nowMs);
			return key;
		},
		use(key, nowMs) {
			if (!isKey.test(key)) return undefined;
			const row = find.get(hashOf(key));
			if (!row) return undefined;
			if (nowMs - Number(row.used_ms ?? 0) >= usedEveryMs) used.run(nowMs, row.id as number);
			return shown(row);
		},
		all: () => list.all().map(shown),
		remove: (id) => remove.run(id).changes > 0,
	};
}

const shown = ({ id, name, scopes, made_ms, used_ms }: Record<string, unknown>): ServiceKey => ({
	id: Number(id),
	name: String(name),
	scopes: String(scopes).split(' ') as ServiceScope[],
	madeMs: Number(made_ms),
	...(used_ms === null ? {} : { usedMs: Number(used_ms) }),
});

/** The key is 256 random bits, so a plain hash cannot be guessed back. */
const hashOf = (key: string) => createHash('sha256').update(key).digest();
