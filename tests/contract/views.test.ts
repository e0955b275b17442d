import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { v7 as uuidV7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { rebuildViews } from '#server/projections/rebuild.ts';
import { type Search, search } from '#server/projections/search.ts';
import { openViews, type Views } from '#server/projections/views.ts';
import { handClock } from '#tests/support/clock.ts';
import { callStarted } from '#tests/support/given.ts';
import { cast, journalOf, randomHistory } from '#tests/support/random-history.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const agent = { id: 'agent-1', name: 'Ann Agent', role: 'agent', team: 'Orders' } as const;
const written = (text: string, noteId = uuidV7()): SessionEvent => ({
	type: 'note-written',
	noteId,
	kind: 'observation',
	lane: 'team',
	text,
	anchorMs: 0,
	author: agent,
});

describe('the file of the views', () => {
	let folder: Awaited<ReturnType<typeof temporaryFolder>>;
	let path: string;
	let journal: Journal;
	let opened: { views: Views; search: Search } | undefined;
	beforeEach(async () => {
		folder = await temporaryFolder();
		path = `${folder.path}/views.sqlite`;
		journal = eventJournal(await sqliteJournal(':memory:'));
	});
	afterEach(async () => {
		await shut();
		await journal.close();
		await folder.remove();
	});

	async function open(of = journal) {
		const views = await openViews(path, of);
		const clock = handClock();
		const failed: unknown[] = [];
		const searching = search({ journal: of, views, clock, failed: (error) => failed.push(error) });
		opened = { views, search: searching };
		await searching.caughtUp();
		return { views, search: searching, clock, failed };
	}
	async function shut() {
		await opened?.search.stop();
		await opened?.views.close();
		opened = undefined;
	}
	const append = (expected: number, events: SessionEvent[]) =>
		journal.append(
			'test-1',
			expected,
			events.map((event) => ({ event, by: 'ycord', atMs: 1 })),
		);
	const textsOf = async (q: string) => (await opened?.search.find(agent, { q }))?.notes.map(({ text }) => text);

	test('a note is found once it is on record, and goes on being found after a restart without folding again', async () => {
		await append(0, [callStarted, written('a red one')]);
		await open();
		expect(await textsOf('red')).toEqual(['a red one']);
		await append(2, [written('a reddish one')]);
		await opened?.search.caughtUp();
		expect(await textsOf('red')).toEqual(['a reddish one', 'a red one']);
		await shut();
		const { views } = await open();
		expect(views.discarded).toBeUndefined();
		expect((await views.ask('opened', undefined)).search.seq).toBe(3);
		expect(await textsOf('red')).toEqual(['a reddish one', 'a red one']);
	});

	test('[V2] nobody else on the machine can read it, and what was deleted or erased is not in its bytes', async () => {
		const noteId = uuidV7();
		const marker = 'zanzibarmarker';
		await append(0, [callStarted, written(marker, noteId), written('stays')]);
		await open();
		const bytes = () => Buffer.concat([path, `${path}-wal`].map((file) => readFileSync(file))).toString('latin1');
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
		expect(bytes()).toContain(marker);
		await append(3, [{ type: 'note-deleted', noteId }]);
		await opened?.search.caughtUp();
		expect(bytes()).not.toContain(marker);
		expect(bytes()).not.toContain('zanzibar');
		expect(bytes()).toContain('stays');
	});

	test('[V3] a file of another journal is thrown away and folded again', async () => {
		const other = journalOf(randomHistory(randomNumbers(1), 3, 50), 'another');
		await open(other);
		await shut();
		await append(0, [callStarted, written('mine')]);
		expect((await open()).views.discarded).toBe('journal');
		expect(await textsOf('mine')).toEqual(['mine']);
	});

	test('[V3] a file that is ahead of a restored journal, or beside it, is thrown away and folded again', async () => {
		const records = randomHistory(randomNumbers(2), 3, 60);
		await open(journalOf(records));
		await shut();
		expect((await open(journalOf(records.slice(0, 20)))).views.discarded).toBe('position');
		await shut();
		const another = records.map((record) => ({ ...record, atMs: record.atMs + 1 }));
		expect((await open(journalOf(another))).views.discarded).toBe('position');
	});

	test('[V3] a file of another shape is thrown away and folded again', async () => {
		await append(0, [callStarted, written('mine')]);
		await open();
		await shut();
		const database = new DatabaseSync(path);
		database.exec('DROP TABLE note; PRAGMA user_version = 77');
		database.close();
		expect((await open()).views.discarded).toBe('shape');
		expect(await textsOf('mine')).toEqual(['mine']);
	});

	test('[V3] a file that is no database, or cut short, is thrown away and folded again', async () => {
		await append(0, [callStarted, written('mine')]);
		writeFileSync(path, 'this has never been a database, though it is long enough to look like one'.repeat(100));
		expect((await open()).views.discarded).toBe('damaged');
		expect(await textsOf('mine')).toEqual(['mine']);
		await shut();
		truncateSync(path, 6000);
		await open();
		expect(await textsOf('mine')).toEqual(['mine']);
	});

	test('[V3] damage that shows only in use is mended by folding again, and nothing else stops for it', async () => {
		const notes = Array.from({ length: 400 }, (_, n) => written(`mine ${n} ${'x'.repeat(200)}`));
		await append(0, [callStarted, ...notes]);
		await open();
		await shut();
		const bytes = readFileSync(path);
		bytes.fill(0xa5, 4096 * 2);
		writeFileSync(path, bytes);
		const { search: searching, clock, failed } = await open();
		await searching.find(agent, { q: 'mine' }).catch(() => {});
		await append(401, [written('mine last')]);
		// It says so, and tries again after a while.
		for (let tries = 0; tries < 4; tries++) {
			await new Promise((resolve) => setImmediate(resolve));
			clock.advance(5000);
		}
		await searching.caughtUp();
		const found = await searching.find(agent, { q: 'last' });
		expect(found.notes.map(({ text }) => text)).toEqual(['mine last']);
		expect((await searching.find(agent, { q: 'mine' })).more, String(failed)).toBe(true);
	});

	test('two servers do not share it: the second is told', async () => {
		await open();
		await expect(openViews(path, journal)).rejects.toThrow(/Another Ycord is running on the views/);
	});

	test('[V1] rebuilt from zero, everybody finds the same, page by page', async () => {
		const records = randomHistory(randomNumbers(seedFor('rebuild')), 10, 2500);
		const long = journalOf(records);
		await open(long);
		const everything = async () =>
			Promise.all(
				cast.flatMap((person) =>
					['refund', 'caf', '42'].map((q) => opened?.search.find(person, { q }).then((found) => found)),
				),
			);
		const before = await everything();
		expect(before.flatMap((found) => found?.notes ?? []).length).toBeGreaterThan(100);
		await shut();
		const views = await openViews(path, long);
		const progress: number[] = [];
		expect(await rebuildViews(long, views, (done) => progress.push(done))).toBe(records.length);
		expect(progress.at(-1)).toBe(records.length);
		await views.close();
		await open(long);
		expect(await everything()).toEqual(before);
	});
});
