import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

/** An event as text, with its type and the version of that type's shape. */
export type EventText = [type: string, typeVersion: number, body: string];

/** One append as it is put to the database. */
export interface AppendWork {
	stream: string;
	expected: number;
	by: string;
	atMs: number;
	events: EventText[];
}

/** What became of one append of a group. `seq` is the place of its first event. */
export type Outcome = { at: 'recorded'; seq: number } | { at: 'conflict' } | { at: 'failed'; reason: string };

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

/** What the thread can be asked to do, and what each gives back. */
export interface Asked {
	/** Puts all on record in one transaction; what fails in one leaves the others as they are. */
	commit: AppendWork[];
	/** The next events of one stream, at most `limit`. */
	stream: { stream: string; after: number; limit: number };
	/** The next events of the whole journal, at most `limit`. */
	order: { after: number; limit: number };
	last: undefined;
	close: undefined;
}
export interface Given {
	commit: Outcome[];
	stream: Row[];
	order: Row[];
	last: number;
	close: undefined;
}
export type Kind = keyof Asked;
export interface Request<K extends Kind = Kind> {
	id: number;
	kind: K;
	what: Asked[K];
}
/** `id` 0 is the answer to the opening: the last position, or why the journal cannot be opened. */
export type Answer = { id: number; given: Given[Kind] } | { id: number; failed: string };

/** The shape of the database, in `PRAGMA user_version`. */
const schemaVersion = 1;
const schema = `
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
	PRAGMA user_version = ${schemaVersion};
`;
const columns = 'seq, stream, version, by, at_ms, type, type_version, body';

type Operations = { [K in Kind]: (what: Asked[K]) => Given[K] };

/** Opens the journal; everything here blocks, so it lives on a thread of its own. */
function journalDatabase(path: string): Operations {
	const release = path === ':memory:' ? () => {} : ownerOf(path);
	try {
		return operations(opened(path), release);
	} catch (error) {
		release();
		throw error;
	}
}

/** Keeps a second server off the folder for as long as this process lives; the system lets go of it even after `kill -9`. */
function ownerOf(path: string): () => void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
	try {
		lock.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		lock.close();
		if (reasonOf(error) !== 'database is locked') throw error;
		throw new Error(`Another Ycord is running on the journal ${path}. Stop it first, or choose another data folder.`);
	}
	return () => lock.close();
}

function opened(path: string): DatabaseSync {
	const database = new DatabaseSync(path, { timeout: 5000 });
	try {
		// FULL: a commit returns when it is on the disk, not in the system's memory only. [N1]
		database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
		const found = database.prepare('PRAGMA user_version').get()?.user_version;
		if (found === schemaVersion) return database;
		if (found !== 0)
			throw new Error(
				`The journal ${path} has the schema version ${found}, this Ycord knows up to ${schemaVersion}: a newer Ycord has written it.`,
			);
		database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

function operations(database: DatabaseSync, release: () => void): Operations {
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

	function append(work: AppendWork): Outcome {
		if ((head.get(work.stream)?.version ?? 0) !== work.expected) return { at: 'conflict' };
		mark.run();
		try {
			let seq = 0;
			let version = work.expected;
			for (const [type, typeVersion, body] of work.events) {
				const { lastInsertRowid } = insert.run(work.stream, ++version, work.by, work.atMs, type, typeVersion, body);
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
		last: () => Number(last.get()?.seq ?? 0),
		close() {
			database.close();
			release();
		},
	};
}

/** What SQLite says of an error in its own constant words, without the values it was about. */
function reasonOf(error: unknown): string {
	if (error instanceof Error && 'errstr' in error) return String(error.errstr);
	return error instanceof Error ? error.message : 'unknown';
}

function serve(port: MessagePort, path: string) {
	const answer = (one: Answer) => port.postMessage(one);
	let open: Operations;
	try {
		open = journalDatabase(path);
		answer({ id: 0, given: open.last(undefined) });
	} catch (error) {
		const bySqlite = error instanceof Error && 'errstr' in error;
		const reason = bySqlite ? `The journal ${path} cannot be opened: ${error.errstr}.` : reasonOf(error);
		return answer({ id: 0, failed: reason });
	}
	port.on('message', ({ id, kind, what }: Request) => {
		try {
			// Kind and what belong together in a Request, which the compiler cannot follow through a table.
			const given = (open[kind] as (what: Asked[Kind]) => Given[Kind])(what);
			answer({ id, given });
		} catch (error) {
			answer({ id, failed: reasonOf(error) });
		}
		if (kind === 'close') port.close();
	});
}

if (parentPort) serve(parentPort, String(workerData));
