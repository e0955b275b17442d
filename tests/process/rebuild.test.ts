import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { eventJournal } from '#server/journal/events.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { search } from '#server/projections/search.ts';
import { openViews } from '#server/projections/views.ts';
import { cast, randomHistory } from '#tests/support/random-history.ts';
import { randomNumbers } from '#tests/support/seed.ts';
import { spawned } from '#tests/support/spawned.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const rebuild = (data: string) => spawned([bin, 'rebuild', '--data', data], {}).ended;
const openJournal = async (data: string) => eventJournal(await sqliteJournal(`${data}/journal.sqlite`));

async function foundIn(data: string) {
	const journal = await openJournal(data);
	const views = await openViews(`${data}/views.sqlite`, journal);
	const { search: at, sessions } = await views.ask('opened', undefined);
	const searching = search({ journal, views, clock: machineClock(), failed: () => {} });
	await searching.caughtUp();
	const found = await Promise.all(cast.map((person) => searching.find(person, { q: 'refund' })));
	await searching.stop();
	await views.close();
	await journal.close();
	return { found, at: [at.seq, sessions.seq], held: sessions.held.length };
}

test('[V1] ycord rebuild folds the journal into new views, says how far it is and what it took', async () => {
	const { path: data, remove } = await temporaryFolder();
	const journal = await openJournal(data);
	const history = randomHistory(randomNumbers(11), 8, 3000);
	for (const { stream, version, by, atMs, event } of history)
		await journal.append(stream, version - 1, [{ event, by, atMs }]);
	await journal.close();
	const { found } = await foundIn(data);
	for (const how of ['there', 'gone']) {
		if (how === 'gone') rmSync(`${data}/views.sqlite`);
		const { code, out, err } = await rebuild(data);
		expect({ code, out }, err).toEqual({
			code: 0,
			out: expect.stringMatching(
				new RegExp(`^Rebuilt from ${history.length} events in \\d+\\.\\d s \\(\\d+ events/s\\)\\.\\n$`),
			),
		});
		expect(err.trimEnd().split('\n').at(-1)).toBe(`${history.length} of ${history.length} events`);
		expect(await foundIn(data)).toEqual({ found, at: [history.length, history.length], held: 8 });
	}
	await remove();
});

test('ycord rebuild of an empty folder is done at once', async () => {
	const { path: data, remove } = await temporaryFolder();
	expect(await rebuild(data)).toMatchObject({ code: 0, out: expect.stringContaining('Rebuilt from 0 events') });
	await remove();
});

test('ycord rebuild beside a running server is told so in one line, and changes nothing', async () => {
	const { path: data, remove } = await temporaryFolder();
	const journal = await openJournal(data);
	const { code, out, err } = await rebuild(data);
	expect({ code, out }).toEqual({ code: 1, out: '' });
	expect(err).toMatch(/^ycord: Another Ycord is running on the journal .*Stop it first.*\n$/);
	await journal.close();
	const views = await openViews(`${data}/views.sqlite`, journal);
	const again = await rebuild(data);
	expect(again.err).toMatch(/^ycord: Another Ycord is running on the views .*\n$/);
	await views.close();
	await remove();
});
