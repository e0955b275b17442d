import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { AppendWork, Outcome } from '#server/journal/group-commit.ts';
import { type Lifetime, type Operations, ownerOf, reasonOf, serve } from '#server/sqlite/serve.ts';

/** One event as it lies in the database. */
export type Row = [
	seq: number,
	stream: string,
	version: number,
	by: string,
	atMs: number,
	type: string,
	typeVersion: number,
	body: string,
];

/** What the thread of a journal can be asked to do. */
export interface JournalOperations extends Operations, Lifetime {
	opened(): { id: string; last: number };
	/** Puts all on record in one transaction; what fails in one leaves the others as they are. */
	commit(group: readonly AppendWork[]): Outcome[];
	/** The next events of one stream, at most `limit`. */
	stream(asked: { stream: string; after: number; limit: number }): Row[];
	/** The next events of the whole journal, at most `limit`. */
	order(asked: { after: number; limit: number }): Row[];
	last(what: undefined): number;
}

/** The shape of the database, in `PRAGMA user_version`. */
const schemaVersion = 2;
/** What leads from each shape to the next, from an empty file on; a journal of any age is opened. */
const migrations = [
	`
	CREATE TABLE event (
		seq INTEGER PRIMARY KEY,
		stream TEXT NOT NULL,
		version INTEGER NOT NULL,
		by TEXT NOT NULL,
		at_ms REAL NOT NULL,
		type TEXT NOT NULL,
		type_version INTEGER NOT NULL,
		body TEXT NOT NULL,
		UNIQUE (stream, version)
	) STRICT;
	CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
		BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
	CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
		BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
	`,
	'CREATE TABLE journal (id TEXT NOT NULL) STRICT;',
];
const columns = 'seq, stream, version, by, at_ms, type, type_version, body';

/** Opens the journal; everything here blocks, so it lives on a thread of its own. */
function journalDatabase(path: string): JournalOperations {
	const release = ownerOf(path, 'journal');
	try {
		return operations(opened(path), release);
	} catch (error) {
		release();
		throw error;
	}
}

function opened(path: string): DatabaseSync {
	const database = new DatabaseSync(path, { timeout: 5000 });
	try {
		// FULL: a commit returns when it is on the disk, not in the system's memory only. [N1]
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
		const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
		if (found > schemaVersion)
			throw new Error(
				`The journal ${path} has the schema version ${found}, this Ycord knows up to ${schemaVersion}: a newer Ycord has written it.`,
			);
		if (found === schemaVersion) return database;
		database.exec(
			`BEGIN IMMEDIATE; ${migrations.slice(found).join('')} PRAGMA user_version = ${schemaVersion}; COMMIT`,
		);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** The journal's name, given once. */
function identityOf(database: DatabaseSync): string {
	database.prepare('INSERT INTO journal (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM journal)').run(randomUUID());
	return String(database.prepare('SELECT id FROM journal').get()?.id);
}

function operations(database: DatabaseSync, release: () => void): JournalOperations {
	const begin = database.prepare('BEGIN IMMEDIATE');
	const commit = database.prepare('COMMIT');
	const mark = database.prepare('SAVEPOINT one');
	const keep = database.prepare('RELEASE one');
	const drop = database.prepare('ROLLBACK TO one');
	const insert = database.prepare(
		'INSERT INTO event (stream, version, by, at_ms, type, type_version, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
	);
	const head = database.prepare('SELECT max(version) AS version FROM event WHERE stream = ?');
	const last = database.prepare('SELECT max(seq) AS seq FROM event');
	const stream = database.prepare(
		`SELECT ${columns} FROM event WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`,
	);
	const order = database.prepare(`SELECT ${columns} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`);
	stream.setReturnArrays(true);
	order.setReturnArrays(true);
	const lastSeq = () => Number(last.get()?.seq ?? 0);

	function append(work: AppendWork): Outcome {
		if ((head.get(work.stream)?.version ?? 0) !== work.expected) return { at: 'conflict' };
		mark.run();
		try {
			let seq = 0;
			let version = work.expected;
			for (const { by, atMs, event } of work.entries) {
				const { type, typeVersion, body } = event;
				const { lastInsertRowid } = insert.run(work.stream, ++version, by, atMs, type, typeVersion, body);
				seq ||= Number(lastInsertRowid);
			}
			keep.run();
			return { at: 'recorded', seq };
		} catch (error) {
			// A full disk ends the whole transaction, and then there is nothing left to undo one append in.
			if (!database.isTransaction) throw error;
			drop.run();
			keep.run();
			return { at: 'failed', reason: reasonOf(error) };
		}
	}

	return {
		opened: () => ({ id: identityOf(database), last: lastSeq() }),
		commit(group) {
			begin.run();
			try {
				const outcomes = group.map(append);
				commit.run();
				return outcomes;
			} catch (error) {
				if (database.isTransaction) database.exec('ROLLBACK');
				throw error;
			}
		},
		stream: (asked) => stream.all(asked.stream, asked.after, asked.limit) as unknown as Row[],
		order: ({ after, limit }) => order.all(after, limit) as unknown as Row[],
		last: lastSeq,
		close() {
			database.close();
			release();
		},
	};
}

serve('journal', journalDatabase);
