import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionDecision } from '#server/domain/session.ts';
import type { Entry, Journal, Recorded } from '#server/journal/journal.ts';
import { turns } from '#server/turns.ts';
import { Refusal } from '#shared/refusals.ts';
import { callStarted } from '#tests/support/given.ts';
import { noteStarted } from '#tests/support/notes.ts';
import { seedFor } from '#tests/support/seed.ts';

type Fate = 'recorded' | 'unavailable' | 'beaten';

/** A journal that answers when the test lets it, and as the test says; `beaten`: another node wrote first. */
function slowJournal() {
	const records: Recorded[] = [{ seq: 1, stream: 'test-1', version: 1, by: 'x', atMs: 0, event: callStarted }];
	const asked: { run(fate: Fate): void; expected: number; size: number }[] = [];
	const add = ({ event, by }: Pick<Entry, 'event' | 'by'>) => {
		const seq = records.length + 1;
		const record = { seq, stream: 'test-1', version: seq, by, atMs: 0, event };
		records.push(record);
		return record;
	};
	const journal = {
		append: (_stream: string, expected: number, entries: readonly Entry[]) =>
			new Promise<Recorded[]>((resolve, reject) => {
				asked.push({
					expected,
					size: entries.length,
					run(fate) {
						if (fate === 'unavailable') return reject(new Refusal('journal.unavailable'));
						if (fate === 'beaten') add({ event: { type: 'call-held' }, by: 'elsewhere' });
						if (expected !== records.length) return reject(new Refusal('journal.conflict'));
						resolve(entries.map(add));
					},
				});
			}),
		read: async () => [...records],
	} as unknown as Journal;
	return { journal, records, asked };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const written = (records: readonly Recorded[]) =>
	records.flatMap(({ event }) => (event.type === 'note-written' ? [event.text] : []));

function writing(journal: Journal) {
	const seen: Recorded[] = [];
	const taking = turns({ journal, now: () => 0, recorded: (records) => seen.push(...records) });
	const write = (text: string, noteId = text) =>
		taking
			.change('test-1', 'eve', () => noteStarted(noteId, text))
			.then(
				({ seq, records }) => ({ text, seq, changed: records.length }),
				({ code }: Refusal) => ({ text, code }),
			);
	return { taking, write, seen };
}

describe('changes of one session', () => {
	test('that come together share an append, and those that come meanwhile the next; all are answered in order', async () => {
		const { journal, asked, records } = slowJournal();
		const { write, seen } = writing(journal);
		const answers = [write('a'), write('b')];
		await turn();
		answers.push(write('c'), write('d'), write('e'));
		await turn();
		expect(asked).toMatchObject([{ expected: 1, size: 2 }]);
		asked[0]?.run('recorded');
		await turn();
		expect(asked).toMatchObject([{ size: 2 }, { expected: 3, size: 3 }]);
		asked[1]?.run('recorded');
		expect(await Promise.all(answers)).toEqual(
			[2, 3, 4, 5, 6].map((seq, index) => ({ text: 'abcde'[index], seq, changed: 1 })),
		);
		expect(written(records)).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(seen).toEqual(records.slice(1));
	});

	test('[N1] [N3] a note sent twice is not acknowledged before the first of them is on record', async () => {
		const { journal, asked } = slowJournal();
		const { write } = writing(journal);
		let answered = 0;
		const writeSame = async () => {
			const one = await write('same');
			answered++;
			return one;
		};
		const answers = Promise.all([writeSame(), writeSame()]);
		await turn();
		expect([asked.length, answered]).toEqual([1, 0]);
		asked[0]?.run('recorded');
		expect(await answers).toMatchObject([{ changed: 1 }, { changed: 0 }]);
	});

	test('[N1] what was decided on a note that never came to be is decided again', async () => {
		const { journal, asked, records } = slowJournal();
		const { write } = writing(journal);
		const first = write('first', 'id');
		const same = write('first', 'id');
		const other = write('other words', 'id');
		await turn();
		asked[0]?.run('unavailable');
		expect(await first).toEqual({ text: 'first', code: 'journal.unavailable' });
		await turn();
		asked[1]?.run('recorded');
		expect(await same).toMatchObject({ changed: 1 });
		expect(await other).toEqual({ text: 'other words', code: 'note.id-taken' });
		expect(written(records)).toEqual(['first']);
	});

	test('whoever is beaten by another node each time is told so in the end, and the next one is not', async () => {
		const { journal, asked } = slowJournal();
		const { write } = writing(journal);
		const unlucky = write('unlucky');
		for (let tries = 0; tries < 10; tries++) {
			await turn();
			asked[tries]?.run('beaten');
		}
		expect(await unlucky).toEqual({ text: 'unlucky', code: 'journal.conflict' });
		const lucky = write('lucky');
		await turn();
		asked[10]?.run('recorded');
		expect(await lucky).toMatchObject({ changed: 1 });
	});

	test('[N1] [N2] [N3] whatever the journal does: what is acknowledged is on record once, in the order it was asked', async () => {
		const fate = fc.constantFrom<Fate>('recorded', 'recorded', 'recorded', 'unavailable', 'beaten');
		const steps = fc.array(fc.record({ writes: fc.nat(5), fates: fc.array(fate, { maxLength: 6 }) }), {
			maxLength: 12,
		});
		await fc.assert(
			fc.asyncProperty(steps, async (plan) => {
				const { journal, asked, records } = slowJournal();
				const { write, seen } = writing(journal);
				const answers: ReturnType<typeof write>[] = [];
				let next = 0;
				for (const { writes, fates } of plan) {
					for (let n = 0; n < writes; n++) answers.push(write(`${answers.length}`));
					await turn();
					for (const one of fates) asked[next++]?.run(one);
					next = Math.min(next, asked.length);
					await turn();
				}
				let settled = false;
				const all = Promise.all(answers).finally(() => {
					settled = true;
				});
				for (;;) {
					await turn();
					if (settled) break;
					for (const { run } of asked.slice(next)) run('recorded');
					next = asked.length;
				}
				const acknowledged = (await all).filter((one) => 'seq' in one).map(({ text }) => text);
				expect(written(records)).toEqual(acknowledged);
				expect(written(seen)).toEqual(acknowledged);
				for (const one of await all)
					if ('code' in one) expect(['journal.unavailable', 'journal.conflict']).toContain(one.code);
			}),
			{ numRuns: 200, seed: seedFor('turns') },
		);
	});

	test('[N2] many writers and a journal that works are all acknowledged, each on its own place', async () => {
		const { journal, asked, records } = slowJournal();
		const { write } = writing(journal);
		const answers = Array.from({ length: 300 }, (_, n) => write(`${n}`));
		let next = 0;
		for (let n = 0; n < 20; n++) {
			await turn();
			for (const { run } of asked.slice(next)) run('recorded');
			next = asked.length;
		}
		expect((await Promise.all(answers)).map((one) => 'seq' in one && one.seq)).toEqual(
			answers.map((_, index) => index + 2),
		);
		expect(records).toHaveLength(301);
	});

	test('a session that cannot be read is refused to those who asked, and read again for the next', async () => {
		const { journal, asked } = slowJournal();
		const { read } = journal;
		journal.read = async () => {
			throw new Refusal('journal.unavailable');
		};
		const { write } = writing(journal);
		expect(await Promise.all([write('a'), write('b')])).toMatchObject([
			{ code: 'journal.unavailable' },
			{ code: 'journal.unavailable' },
		]);
		journal.read = read;
		const later = write('c');
		await turn();
		asked[0]?.run('recorded');
		expect(await later).toMatchObject({ changed: 1 });
	});

	test('whoever asks again in the moment they are refused is not forgotten', async () => {
		const { journal, asked } = slowJournal();
		const { read } = journal;
		journal.read = () => Promise.reject(new Refusal('journal.unavailable'));
		const { taking } = writing(journal);
		const ask = () => taking.change('test-1', 'eve', () => noteStarted('a', 'a'));
		const again = ask().catch(() => {
			journal.read = read;
			return ask();
		});
		await turn();
		asked[0]?.run('recorded');
		expect((await again).records).toHaveLength(1);
	});

	test('what a rule throws besides refusals reaches who asked, and nobody else', async () => {
		const { journal, asked } = slowJournal();
		const { taking, write } = writing(journal);
		const broken = taking.change('test-1', 'eve', (): SessionDecision => {
			throw new TypeError('broken');
		});
		const fine = write('fine');
		await expect(broken).rejects.toThrow(TypeError);
		await turn();
		asked[0]?.run('recorded');
		expect(await fine).toMatchObject({ changed: 1 });
	});
});
