import { describe, expect, test } from 'vitest';
import type { Asked } from '#client/pages/search/asked.ts';
import { finding } from '#client/pages/search/finding.ts';
import type { FoundNote, FoundNotes } from '#shared/rest.ts';

const asked = (q: string): Asked => ({ q, kind: undefined, tag: '' });
const note = (place: number) => ({ noteId: `n${place}`, place }) as FoundNote;

/** A search whose pauses and answers are in the test's hands. */
function search() {
	const questions: {
		q: string;
		before: string | undefined;
		answer: (found: FoundNotes) => Promise<void>;
		refuse: (error: Error) => Promise<void>;
	}[] = [];
	let waiting: (() => void) | undefined;
	const one = finding({
		ask: ({ q }, before) => {
			const { promise, resolve, reject } = Promise.withResolvers<FoundNotes>();
			const settled = async () => {
				await promise.catch(() => {});
				await Promise.resolve();
			};
			questions.push({
				q,
				before,
				answer: (found) => {
					resolve(found);
					return settled();
				},
				refuse: (error) => {
					reject(error);
					return settled();
				},
			});
			return promise;
		},
		later: (run) => {
			waiting = run;
			return () => {
				waiting = undefined;
			};
		},
	});
	const pause = () => {
		waiting?.();
		waiting = undefined;
	};
	const question = (index: number) => {
		const found = questions[index];
		if (!found) throw new Error(`nothing was asked ${index + 1} times`);
		return found;
	};
	return { ...one, questions, question, pause, now: () => one.found.get() };
}
const places = (notes: readonly FoundNote[]) => notes.map(({ place }) => place);

describe('a search that follows what is typed', () => {
	test('asks once for what was typed in one go', () => {
		const { look, pause, questions } = search();
		for (const q of ['f', 'fl', 'flat']) look(asked(q));
		expect(questions).toEqual([]);
		pause();
		expect(questions.map(({ q }) => q)).toEqual(['flat']);
	});

	test('an earlier answer that comes late never stands over a later one', async () => {
		const { look, question, now } = search();
		look(asked('fl'), 'now');
		look(asked('flat'), 'now');
		await question(1).answer({ notes: [note(2)], more: false });
		await question(0).answer({ notes: [note(1), note(3)], more: true });
		expect([now().asked.q, places(now().notes)]).toEqual(['flat', [2]]);
	});

	test('what was found stays until the next answer; an emptied field shows nothing, whatever still comes', async () => {
		const { look, question, now } = search();
		look(asked('flat'), 'now');
		await question(0).answer({ notes: [note(2)], more: false });
		look(asked('flats'), 'now');
		expect([now().at, places(now().notes)]).toEqual(['looking', [2]]);
		look(asked(' '));
		expect([now().at, places(now().notes)]).toEqual(['nothing-asked', []]);
		await question(1).answer({ notes: [note(5)], more: false });
		expect(now().at).toBe('nothing-asked');
	});

	test('more goes on after the last one found, once at a time, and nothing comes twice', async () => {
		const { look, goOn, question, questions, now } = search();
		look(asked('flat'), 'now');
		await question(0).answer({ notes: [note(9), note(7)], more: true });
		goOn();
		goOn();
		expect(questions.map(({ before }) => before)).toEqual([undefined, '7']);
		await question(1).answer({ notes: [note(7), note(4)], more: false });
		expect([places(now().notes), now().more, now().adding]).toEqual([[9, 7, 4], false, false]);
	});

	test('more of an old search is not put under a new one', async () => {
		const { look, goOn, question, now } = search();
		look(asked('flat'), 'now');
		await question(0).answer({ notes: [note(9)], more: true });
		goOn();
		look(asked('label'), 'now');
		await question(2).answer({ notes: [note(8)], more: false });
		await question(1).answer({ notes: [note(3)], more: false });
		expect(places(now().notes)).toEqual([8]);
	});

	test('a refusal is kept with its reason and can be asked again; a refused more leaves what was found', async () => {
		const { look, again, goOn, question, now } = search();
		look(asked('flat'), 'now');
		await question(0).refuse(new Error('no'));
		expect(now()).toMatchObject({ at: 'refused', notes: [], error: new Error('no') });
		again();
		await question(1).answer({ notes: [note(9)], more: true });
		goOn();
		await question(2).refuse(new Error('not now'));
		expect(now()).toMatchObject({ at: 'there', more: true, adding: false, error: new Error('not now') });
		expect(places(now().notes)).toEqual([9]);
	});

	test('after it was stopped nothing is asked and nothing changes', async () => {
		const { look, stop, pause, question, questions, now } = search();
		look(asked('flat'), 'now');
		look(asked('label'));
		stop();
		pause();
		await question(0).answer({ notes: [note(1)], more: false });
		expect([questions.length, now().at]).toEqual([1, 'looking']);
	});
});
