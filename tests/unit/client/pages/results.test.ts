import { describe, expect, test } from 'vitest';
import { narrowedIn, narrowedParts, notNarrowed, queryOf } from '#client/pages/results/narrowed.ts';
import {
	answersWords,
	intervalWords,
	percentWords,
	scoreWords,
	stepsOf,
	versionsWords,
} from '#client/pages/results/result-words.ts';

describe('what results are narrowed down to', () => {
	test('stands in the address, and what makes no sense there is overlooked', () => {
		const narrowed = narrowedIn('as=executive&queue=Orders&script=service&version=2&days=30&rehearsal=no');
		expect(narrowed).toEqual({
			...notNarrowed,
			...{ queue: 'Orders', script: 'service', version: '2', days: '30', rehearsal: 'no' },
		});
		expect(narrowedIn(new URLSearchParams(narrowedParts(narrowed)).toString())).toEqual(narrowed);
		expect(narrowedIn('version=2&identity=friend&days=31&from=yesterday&rehearsal=1&script=../x')).toEqual(notNarrowed);
		expect(narrowedIn('version=all').version).toBe('all');
	});

	test('a period of days ends now; one from the calendar takes its last day in', () => {
		expect(queryOf({ ...notNarrowed, days: '7', queue: 'Orders' }, 1_000_000_000_000)).toEqual({
			queue: 'Orders',
			fromMs: String(1_000_000_000_000 - 7 * 86_400_000),
		});
		expect(queryOf({ ...notNarrowed, from: '2026-11-20', until: '2026-11-21' }, 0)).toEqual({
			fromMs: String(new Date(2026, 10, 20).getTime()),
			toMs: String(new Date(2026, 10, 22).getTime()),
		});
		expect(queryOf(notNarrowed, 5)).toEqual({});
	});
});

describe('results in words', () => {
	test('few answers are said to be few', () => {
		expect([0, 1, 7, 29, 30].map(answersWords)).toEqual([
			'No answers yet.',
			'1 answer: too few to tell a change from chance.',
			'7 answers: too few to tell a change from chance.',
			'29 answers: too few to tell a change from chance.',
			'30 answers.',
		]);
	});

	test('a score has its sign, a share its percent, and both their interval', () => {
		expect([0.334, -0.2, 0.001, -0.004].map(scoreWords)).toEqual(['+33', '−20', '0', '0']);
		expect([percentWords(1, 3), percentWords(0, 0)]).toEqual(['33 %', '–']);
		const measured = { value: 0.3, low: -0.05, high: 0.61 };
		expect(intervalWords(measured, 'nps')).toBe('between −5 and +61 with 95 % confidence');
		expect(intervalWords({ ...measured, low: 0.05 }, 'csat')).toBe('between 5 % and 61 % with 95 % confidence');
		expect([[2], [1, 2], [1, 2, 3]].map(versionsWords)).toEqual([
			'version 2',
			'versions 1 and 2',
			'versions 1, 2 and 3',
		]);
	});

	const counts = {
		...{ asked: 5, noAnswer: 1, declined: 1, notNow: 0, agreed: 3, notHeld: 1 },
		...{ held: 2, complete: 1, partial: 1, goingOn: 0, erased: 0, rehearsals: 0 },
	};
	test('the way of the calls leads from the possible to the complete, and says who did not come further', () => {
		const steps = stepsOf({ ...counts, possible: 9, notAsked: 4 });
		expect(steps.map(({ word, count, lost }) => [word, count, ...lost])).toEqual([
			['Possible', 9, '4 not asked'],
			['Asked', 5, '1 declined', '1 no answer on record'],
			['Agreed', 3, '1 not held'],
			['Held', 2, '1 partial'],
			['Complete', 1],
		]);
	});

	test('of one script alone it begins with those who were asked', () => {
		const [first] = stepsOf(counts);
		expect(first).toMatchObject({ word: 'Asked', of: undefined });
	});
});
