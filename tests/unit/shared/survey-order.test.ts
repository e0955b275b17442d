import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Question } from '#shared/survey.ts';
import { answersTo, isComplete, path } from '#shared/survey-order.ts';
import { seedFor } from '#tests/support/seed.ts';
import { script } from '#tests/support/segment-story.ts';

const ids = (answers: Record<string, string>, questions = script.questions) =>
	path({ questions }, new Map(Object.entries(answers))).map(({ id }) => id);

describe('[W13] the questions that are asked', () => {
	test('are all of them, one after the other, as long as no rule says otherwise', () =>
		expect(ids({})).toEqual(['recommend', 'satisfied', 'solved', 'missing', 'one-thing']));
	test('leave out what an answer makes needless, and have it again when the answer is taken back', () => {
		expect(ids({ solved: 'yes' })).toEqual(['recommend', 'satisfied', 'solved', 'one-thing']);
		expect(ids({ solved: 'no' })).toEqual(ids({}));
	});
	test('end where a rule says so', () => {
		const [first, ...rest] = script.questions as [Question, ...Question[]];
		const ends = { ...first, skips: [{ when: ['0', '1'], to: 'end' }] };
		expect(ids({ recommend: '1' }, [ends, ...rest])).toEqual(['recommend']);
		expect(ids({ recommend: '2' }, [ends, ...rest])).toHaveLength(5);
	});
	test('follow the first rule that fits', () => {
		const [first, ...rest] = script.questions as [Question, ...Question[]];
		const skips = [
			{ when: ['9'], to: 'one-thing' },
			{ when: ['9', '10'], to: 'solved' },
		];
		expect(ids({ recommend: '9' }, [{ ...first, skips }, ...rest])).toEqual(['recommend', 'one-thing']);
		expect(ids({ recommend: '10' }, [{ ...first, skips }, ...rest])).toEqual([
			'recommend',
			'solved',
			'missing',
			'one-thing',
		]);
	});
	test('are answered in full when each of them has an answer; those that were left out do not count', () => {
		const answers = new Map([
			['recommend', '9'],
			['satisfied', '5'],
			['solved', 'yes'],
		]);
		expect(isComplete(script, answers)).toBe(false);
		expect(isComplete(script, answers.set('one-thing', 'nothing'))).toBe(true);
		expect(isComplete(script, answers.set('solved', 'no'))).toBe(false);
	});
	test('are each asked once, in the script’s order, and come to an end, whatever rules and answers there are', () => {
		const names = ['a', 'b', 'c', 'd', 'e'];
		// Also rules no script may have: back, to itself, to nowhere.
		const rule = fc.record({
			when: fc.subarray(['yes', 'no'], { minLength: 1 }),
			to: fc.constantFrom(...names, 'end', 'nowhere'),
		});
		const questions = fc
			.array(fc.array(rule, { maxLength: 3 }), { minLength: 1, maxLength: names.length })
			.map((all) =>
				all.map((skips, place): Question => ({ id: names[place] as string, kind: 'yes-no', text: '?', skips })),
			);
		const answers = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('yes', 'no'));
		fc.assert(
			fc.property(questions, answers, (questions, answers) => {
				const asked = ids(answers, questions);
				const places = asked.map((id) => names.indexOf(id));
				expect(places[0]).toBe(0);
				for (const [at, place] of places.slice(1).entries()) expect(place).toBeGreaterThan(places[at] as number);
			}),
			{ seed: seedFor('the order of questions') },
		);
	});
});

test('[W13] each kind of question has a key for each of its answers; an open one is typed', () => {
	const question = { id: 'q', text: '?' };
	expect(answersTo({ ...question, kind: 'scale-10' })).toHaveLength(11);
	expect(answersTo({ ...question, kind: 'scale-5' })).toEqual(['1', '2', '3', '4', '5']);
	expect(answersTo({ ...question, kind: 'yes-no' })).toEqual(['yes', 'no']);
	expect(answersTo({ ...question, kind: 'choice', choices: [{ id: 'money', text: 'Money' }] })).toEqual(['money']);
	expect(answersTo({ ...question, kind: 'open' })).toEqual([]);
});
