import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { recordsBetween, sessionsSince } from '#server/projections/checkpoint.ts';
import { nowhere, type SessionsCheckpoint } from '#server/projections/position.ts';
import { projector } from '#server/projections/projector.ts';
import { search } from '#server/projections/search.ts';
import { openViews } from '#server/projections/views.ts';
import { cast } from '#tests/support/random-history.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folding = fileURLToPath(import.meta.resolve('#tests/support/fold-until-stopped.ts'));

test('[V1] [N1] after kill -9 between checkpoints the views are as if nothing had happened', async () => {
	const { path: folder, remove } = await temporaryFolder();
	const seed = seedFor('kill -9 of views');
	const random = randomNumbers(seed);
	let [reached = 0, kept = 0] = [0, 0];
	for (let round = 0; round < 3; round++) {
		const killAt = reached + recordsBetween + random(900);
		const child = spawn(process.execPath, [folding, folder, String(seed)]);
		// What is written to a process that has just been killed is lost.
		child.stdin.on('error', () => {});
		let errors = '';
		child.stderr.setEncoding('utf8').on('data', (part) => {
			errors += part;
		});
		const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
		for await (const line of createInterface({ input: child.stdout })) {
			[reached = 0, kept = 0] = line.split(' ').map(Number);
			if (reached >= killAt && kept > 0) child.kill('SIGKILL');
			else child.stdin.write('.');
		}
		expect(await ended, errors).toBe('SIGKILL');

		const journal = eventJournal(await sqliteJournal(`${folder}/journal.sqlite`));
		const shown = await shownBy(journal, `${folder}/views.sqlite`);
		expect(shown).toMatchObject({ discarded: undefined });
		expect(shown.at).toBeGreaterThanOrEqual(kept);
		const anew = await shownBy(journal, ':memory:');
		expect(shown.sessions).toEqual(anew.sessions);
		expect(shown.found).toEqual(anew.found);
		expect(shown.found.flat().length).toBeGreaterThan(20);
		await journal.close();
	}
	await remove();
}, 60_000);

/** What a server that starts on these views shows. */
async function shownBy(journal: Journal, path: string) {
	const views = await openViews(path, journal);
	const saved: SessionsCheckpoint =
		path === ':memory:' ? { ...nowhere, held: [] } : (await views.ask('opened', undefined)).sessions;
	const sessions = await sessionsSince(saved, journal);
	const following = projector(journal, sessions.seq, sessions.fold);
	await following.caughtUp();
	const failed = (error: unknown) => {
		throw error;
	};
	const searching = search({ journal, views, clock: machineClock(), failed });
	await searching.caughtUp();
	const found = await Promise.all(
		cast.flatMap((person) => ['refund', 'caf'].map(async (q) => (await searching.find(person, { q })).notes)),
	);
	await following.stop();
	await searching.stop();
	await views.close();
	return {
		discarded: views.discarded,
		at: saved.seq,
		found,
		sessions: [...sessions.all()].map(({ call, listenings, notes, segments }) => [
			call,
			[...listenings],
			[...notes],
			[...segments],
		]),
	};
}
