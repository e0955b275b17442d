import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type KeyPage, maxInPage, type Rewrapped } from '#server/keys/keys.ts';
import { type Lifetime, type Operations, serve } from '#server/sqlite/serve.ts';

/** What the thread of the keys can be asked to do; each as `KeyStore` says. */
export interface KeyOperations extends Operations, Lifetime {
	opened(): undefined;
	find(callId: string): string | undefined;
	keep(asked: { callId: string; wrapped: string }): string | undefined;
	replace(keys: readonly Rewrapped[]): number;
	destroy(callId: string): void;
	page(from: string | undefined): KeyPage;
	destroyed(what: undefined): number;
}

/** The shape of the database, in `PRAGMA user_version`. */
const schemaVersion = 1;
/**
 * Rows are only ever added at the end, and a new value has the length of the old one: so no row ever moves to another
 * page. `secure_delete` clears what is freed within a page, but not the copy of a row that stays behind in the page it was
 * moved from: keyed by the call's id, in no order, one key in a thousand was still in the file.
 */
const schema = `
	CREATE TABLE key (
		id INTEGER PRIMARY KEY,
		call_id TEXT NOT NULL UNIQUE,
		wrapped TEXT NOT NULL,
		destroyed INTEGER NOT NULL
	) STRICT;
	CREATE TRIGGER key_is_not_removed BEFORE DELETE ON key
		BEGIN SELECT RAISE(ABORT, 'a destroyed key leaves its mark'); END;
	CREATE TRIGGER destroyed_key_stays BEFORE UPDATE ON key WHEN OLD.destroyed = 1
		BEGIN SELECT RAISE(ABORT, 'a destroyed key does not come back'); END;
`;

function opened(path: string): DatabaseSync {
	if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const database = new DatabaseSync(path, { timeout: 5000 });
	try {
		// FULL: a key is on the disk before anything is sealed with it, and gone from it before anybody is told so.
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
		const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
		if (found > schemaVersion)
			throw new Error(
				`The key store ${path} has the schema version ${found}, this Ycord knows up to ${schemaVersion}: a newer Ycord has written it.`,
			);
		if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** Opens the keys; everything here blocks, so it lives on a thread of its own. */
function keyDatabase(path: string): KeyOperations {
	const database = opened(path);
	const find = database.prepare('SELECT wrapped FROM key WHERE call_id = ? AND destroyed = 0');
	const keep = database.prepare(
		'INSERT INTO key (call_id, wrapped, destroyed) VALUES (?, ?, 0) ON CONFLICT DO NOTHING',
	);
	const replace = database.prepare('UPDATE key SET wrapped = ? WHERE call_id = ? AND wrapped = ? AND destroyed = 0');
	const destroy = database.prepare(
		`INSERT INTO key (call_id, wrapped, destroyed) VALUES (?, '', 1) ON CONFLICT DO
			UPDATE SET wrapped = printf('%.*c', length(wrapped), '-'), destroyed = 1 WHERE destroyed = 0`,
	);
	const page = database.prepare(
		'SELECT id, call_id, wrapped FROM key WHERE id > ? AND destroyed = 0 ORDER BY id LIMIT ?',
	);
	const destroyed = database.prepare('SELECT count(*) AS count FROM key WHERE destroyed = 1');
	const empty = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)');

	/** Whether the write-ahead log may still hold what is destroyed, by this process or by one that was killed. */
	let isLeftInLog = true;
	function emptyLog() {
		if (!isLeftInLog) return;
		if (empty.get()?.busy !== 0) throw new Error('the key is destroyed, and still lies in a file that is being read');
		isLeftInLog = false;
	}
	const wrappedOf = (callId: string) => find.get(callId)?.wrapped as string | undefined;

	return {
		opened() {
			emptyLog();
			return undefined;
		},
		find: wrappedOf,
		keep({ callId, wrapped }) {
			keep.run(callId, wrapped);
			return wrappedOf(callId);
		},
		replace(keys) {
			database.exec('BEGIN IMMEDIATE');
			try {
				let replaced = 0;
				for (const { callId, was, wrapped } of keys) replaced += Number(replace.run(wrapped, callId, was).changes);
				database.exec('COMMIT');
				return replaced;
			} catch (error) {
				if (database.isTransaction) database.exec('ROLLBACK');
				throw error;
			}
		},
		destroy(callId) {
			if (destroy.run(callId).changes > 0) isLeftInLog = true;
			emptyLog();
		},
		page(from) {
			const rows = page.all(from === undefined ? 0 : Number(from), maxInPage);
			const keys = rows.map((row) => ({ callId: String(row.call_id), wrapped: String(row.wrapped) }));
			return { keys, next: rows.length === maxInPage ? String(rows.at(-1)?.id) : undefined };
		},
		destroyed: () => Number(destroyed.get()?.count),
		close() {
			database.close();
		},
	};
}

serve('key store', keyDatabase);
