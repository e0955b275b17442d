import { writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setEnvironmentData } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { maxWaiting, sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const held = { type: 'call-held' as const };
const entries = (by: string, atMs: number, ...events: SessionEvent[]) => events.map((event) => ({ event, by, atMs }));

describe('sqlite journal in trouble', () => {
	let folder: Awaited<ReturnType<typeof temporaryFolder>>;
	let path: string;
	const opened: Journal[] = [];
	const open = async (at = path) => {
		const journal = eventJournal(await sqliteJournal(at));
		opened.push(journal);
		return journal;
	};
	beforeEach(async () => {
		folder = await temporaryFolder();
		path = `${folder.path}/made for it/journal.sqlite`;
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((one) => one.close()));
		await folder.remove();
	});
	/** Does something to the database that no journal would. */
	const meddle = (sql: string) => {
		const database = new DatabaseSync(path);
		try {
			database.exec(sql);
		} finally {
			database.close();
		}
	};

	test('a journal written by a newer Ycord is not opened, and the message says so', async () => {
		await (await open()).close();
		meddle('PRAGMA user_version = 3');
		await expect(open()).rejects.toThrow(/journal\.sqlite has the schema version 3, .* knows up to 2: a newer Ycord/);
	});

	test('a second server is kept off the folder until the first has let go', async () => {
		const first = await open();
		await expect(open()).rejects.toThrow(/Another Ycord is running on the journal .*journal\.sqlite/);
		await first.append('twilio-1', 0, entries('gateway:twilio', 1, held));
		await first.close();
		expect(await (await open()).last()).toBe(1);
	});

	test('a file that is no journal is not opened, and the message names it', async () => {
		const other = `${folder.path}/notes.txt`;
		await writeFile(other, 'this is not a database, but long enough to be looked at by one'.repeat(20));
		await expect(open(other)).rejects.toThrow(/The journal .*notes\.txt cannot be opened: file is not a database/);
	});

	test('journals in memory are each their own', async () => {
		const [one, other] = [await open(':memory:'), await open(':memory:')];
		await one.append('twilio-1', 0, entries('gateway:twilio', 1, held));
		expect([await one.last(), await other.last()]).toEqual([1, 0]);
	});

	test('[B1] more appends than may wait are refused by name at once, and those that wait are recorded', async () => {
		const journal = await open(':memory:');
		const accepted = Array.from({ length: maxWaiting }, (_, n) =>
			journal.append(`twilio-${n}`, 0, entries('eva', 1, held)),
		);
		await expect(journal.append('twilio-x', 0, entries('eva', 1, held))).rejects.toMatchObject({
			code: 'journal.full',
		});
		await Promise.all(accepted);
		expect(await journal.last()).toBe(maxWaiting);
		await journal.append('twilio-x', 0, entries('eva', 1, held));
	});

	test('[J1] an append the database cannot hold leaves nothing, and those that came with it are recorded', async () => {
		const journal = await open();
		meddle(`CREATE TRIGGER poison BEFORE INSERT ON event WHEN NEW.type = 'call-lost'
			BEGIN SELECT RAISE(ABORT, 'not this one'); END`);
		const outcomes = await Promise.allSettled([
			journal.append('twilio-1', 0, entries('eva', 1, held)),
			journal.append('twilio-2', 0, entries('eva', 1, held, { type: 'call-lost' })),
			journal.append('twilio-3', 0, entries('eva', Number.NaN, held)),
			journal.append('twilio-4', 0, entries('eva', 1, held)),
		]);
		expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
		const refused = { reason: { code: 'journal.unavailable', cause: 'constraint failed' } };
		expect(outcomes.slice(1, 3)).toMatchObject([refused, refused]);
		expect(await journal.read('twilio-2')).toEqual([]);
		expect(await journal.read('twilio-4')).toMatchObject([{ seq: 2 }]);
	});

	test('[J1] when the database fails nothing is acknowledged, and it goes on once the database does', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entries('eva', 1, held));
		meddle('ALTER TABLE event RENAME TO elsewhere');
		const gone = { code: 'journal.unavailable', cause: expect.any(String) };
		await expect(journal.append('twilio-1', 1, entries('eva', 1, held))).rejects.toMatchObject(gone);
		await expect(journal.read('twilio-1')).rejects.toMatchObject(gone);
		await expect(journal.last()).rejects.toMatchObject(gone);
		meddle('ALTER TABLE elsewhere RENAME TO event');
		expect(await journal.append('twilio-1', 1, entries('eva', 1, held))).toMatchObject([{ seq: 2 }]);
	});

	test('[J3] who follows a journal that cannot be read is told, not left waiting', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entries('eva', 1, held));
		await journal.close();
		meddle("INSERT INTO event VALUES (2, 'twilio-1', 2, 'eva', 1, 'call-teleported', 3, '{}')");
		const again = await open();
		const following = again.follow(0, new AbortController().signal)[Symbol.asyncIterator]();
		expect((await following.next()).value).toMatchObject({ seq: 1 });
		await expect(following.next()).rejects.toThrow(/“call-teleported”/);
		await expect(again.read('twilio-1')).rejects.toThrow(/“call-teleported”/);
	});

	test('[J3] what something else wrote into the database is followed in its place', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entries('eva', 1, held));
		meddle(`INSERT INTO event VALUES (2, 'twilio-2', 1, 'eva', 1, 'call-held', 1, '{"type":"call-held"}')`);
		await journal.append('twilio-1', 1, entries('eva', 1, held));
		const seqs: number[] = [];
		for await (const one of journal.follow(0, new AbortController().signal)) if (seqs.push(one.seq) === 3) break;
		expect(seqs).toEqual([1, 2, 3]);
	});

	test('[J1] [J3] when the thread of the database dies, all who wait on the journal are told, and so is who comes later', async () => {
		const dies =
			"import { parentPort } from 'node:worker_threads';" +
			"parentPort.on('message', ({ kind }) => { if (kind === 'commit') process.exit(1); });";
		setEnvironmentData('ycord:worker-exec-argv', ['--import', `data:text/javascript,${encodeURIComponent(dies)}`]);
		const journal = await open().finally(() => setEnvironmentData('ycord:worker-exec-argv', undefined));
		const gone = { code: 'journal.unavailable', cause: expect.any(String) };
		const following = journal.follow(0, new AbortController().signal)[Symbol.asyncIterator]();
		const waiting = [following.next(), journal.append('twilio-1', 0, entries('eva', 1, held))];
		const outcomes = await Promise.allSettled(waiting);
		expect(outcomes).toMatchObject([{ reason: gone }, { reason: gone }]);
		await expect(journal.append('twilio-1', 0, entries('eva', 1, held))).rejects.toMatchObject(gone);
		await expect(journal.read('twilio-1')).rejects.toMatchObject(gone);
		await expect(journal.last()).rejects.toMatchObject(gone);
	});

	test('nothing on record can be changed or removed by way of SQL', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entries('eva', 1, held));
		expect(() => meddle("UPDATE event SET by = 'someone else'")).toThrow('only ever added to');
		expect(() => meddle('DELETE FROM event')).toThrow('only ever added to');
	});
});
