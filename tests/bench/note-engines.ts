import { DatabaseSync } from 'node:sqlite';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** An engine under measurement, and the same appends done bare, without Ycord. */
export interface EngineTrial {
	name: 'sqlite' | 'redis';
	/** A fresh journal. */
	journal(): Promise<JournalEngine>;
	/** Puts these rows on record bare, each confirmed by itself, this many under way at once, until the time is over; gives back how many. */
	bare(rows: readonly RecordedText[], atOnce: number, runMs: number): Promise<number>;
	/** How many the engine can have under way bare: one where a commit blocks. */
	bareAtOnce: number;
	close(): Promise<void>;
}

/** SQLite as the journal has it: WAL, `synchronous=FULL`, the same table; bare is one prepared insert a commit. */
export async function sqliteTrial(): Promise<EngineTrial> {
	const { path, remove } = await temporaryFolder();
	let opened = 0;
	return {
		name: 'sqlite',
		journal: () => sqliteJournal(`${path}/${++opened}.sqlite`),
		async bare(rows, _, runMs) {
			const database = new DatabaseSync(`${path}/bare-${++opened}.sqlite`);
			database.exec(`
				PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
				CREATE TABLE event (seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, by TEXT NOT NULL,
					at_ms REAL NOT NULL, type TEXT NOT NULL, type_version INTEGER NOT NULL, body TEXT NOT NULL,
					UNIQUE (stream, version)) STRICT`);
			const insert = database.prepare(
				'INSERT INTO event (stream, version, by, at_ms, type, type_version, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
			);
			const begin = performance.now();
			let count = 0;
			for (; performance.now() - begin < runMs; count++) {
				const { stream, by, atMs, event } = rows[count % rows.length] as RecordedText;
				insert.run(stream, count + 1, by, atMs, event.type, event.typeVersion, event.body);
			}
			database.close();
			return count;
		},
		bareAtOnce: 1,
		close: remove,
	};
}
