import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { machineClock } from '#server/clock.ts';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { redisJournal } from '#server/journal/journal-redis.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { testRedis } from '#tests/support/redis.ts';
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

/** Redis as the journal needs it: everything on the disk before it is answered; bare is an XADD an event. */
export async function redisTrial(): Promise<EngineTrial> {
	const redis = await testRedis();
	const client = new Redis({ path: redis.socket });
	let opened = 0;
	return {
		name: 'redis',
		async journal() {
			const { engine } = await redisJournal(redis.url, { site: `bench-${++opened}`, clock: machineClock() });
			return engine;
		},
		async bare(rows, atOnce, runMs) {
			const key = `bare-${++opened}`;
			const begin = performance.now();
			let count = 0;
			const write = async () => {
				while (performance.now() - begin < runMs) {
					const { event, ...about } = rows[count++ % rows.length] as RecordedText;
					const { body, ...shape } = event;
					await client.xadd(key, '*', 'about', JSON.stringify({ ...about, ...shape }), 'body', body);
				}
			};
			await Promise.all(Array.from({ length: atOnce }, write));
			return count;
		},
		bareAtOnce: 64,
		async close() {
			client.disconnect();
			await redis.remove();
		},
	};
}
