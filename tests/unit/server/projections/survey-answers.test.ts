import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnsweredSegment, surveyAnswers } from '#server/projections/survey-answers.ts';
import { type CountedCall, reachOf, type SegmentReach, tally } from '#server/projections/survey-counts.ts';
import type { Script } from '#shared/survey.ts';
import type { SurveyCounts } from '#shared/survey-results.ts';
import { seedFor } from '#tests/support/seed.ts';

const told = { named: 'a', role: 'b', company: 'c' };
const script: Script = {
	id: 'service',
	version: 1,
	language: 'en',
	title: 'How were we?',
	ask: told,
	who: told,
	questions: [
		{ id: 'recommend', kind: 'scale-10', text: 'Recommend?', metric: 'nps' },
		{ id: 'solved', kind: 'yes-no', text: 'Solved?', skips: [{ when: ['yes'], to: 'one-thing' }] },
		{ id: 'missing', kind: 'choice', text: 'Missing?', choices: ['a', 'b'].map((id) => ({ id, text: `Text ${id}` })) },
		{ id: 'one-thing', kind: 'open', text: 'One thing?' },
	],
};
const answered = (answers: Record<string, string>, changes: Partial<AnsweredSegment> = {}): AnsweredSegment => ({
	script,
	askedAtMs: 1,
	answers: new Map(Object.entries(answers)),
	...changes,
});

describe('the answers to a survey', () => {
	test('each question is told with how often each key was pressed, who was not asked it, and who did not answer', () => {
		const [survey] = surveyAnswers(
			[
				answered({ recommend: '10', solved: 'yes', 'one-thing': 'Less music' }),
				answered({ recommend: '6', solved: 'no', missing: 'b' }),
				answered({ recommend: '9' }),
			],
			false,
		);
		expect(survey).toMatchObject({ scriptId: 'service', versions: [1], languages: ['en'], segments: 3 });
		const [recommend, solved, missing, open] = survey?.questions ?? [];
		expect(recommend).toMatchObject({ answers: 3, unanswered: 0, skipped: 0, nps: { promoters: 2, detractors: 1 } });
		expect(recommend?.nps?.measured.value).toBeCloseTo(1 / 3);
		expect(recommend?.choices.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1]);
		expect(solved?.choices.map(({ value, count }) => [value, count])).toEqual([
			['yes', 1],
			['no', 1],
		]);
		expect(missing).toMatchObject({ answers: 1, unanswered: 1, skipped: 1 });
		expect(missing?.choices).toEqual([
			{ value: 'a', text: 'Text a', count: 0 },
			{ value: 'b', text: 'Text b', count: 1 },
		]);
		expect(open).toMatchObject({ answers: 1, unanswered: 2, choices: [], said: [] });
		expect(JSON.stringify(survey)).not.toContain('Less music');
	});

	test('scripts are never mixed, though their questions have the same names; languages of a version are', () => {
		const other = { ...script, id: 'delivery', title: 'Delivery' };
		const german = { ...script, language: 'de', title: 'Wie waren wir?' };
		const surveys = surveyAnswers(
			[
				answered({ recommend: '10' }),
				answered({ recommend: '0' }, { script: other, askedAtMs: 5 }),
				answered({ recommend: '8' }, { script: german, askedAtMs: 0 }),
			],
			true,
		);
		expect(surveys.map(({ scriptId, title, segments }) => [scriptId, title, segments])).toEqual([
			['delivery', 'Delivery', 1],
			['service', 'How were we?', 2],
		]);
		expect(surveys[1]?.languages).toEqual(['en', 'de']);
	});

	test('versions stand apart, and together only if that was asked for; a question that changed its kind stays two', () => {
		const [recommend, , missing, ...rest] = script.questions;
		if (!recommend || !missing) throw new Error('no questions');
		const second: Script = {
			...script,
			version: 2,
			questions: [
				{ ...recommend, text: 'Would you recommend us?' },
				{ id: 'solved', kind: 'scale-5', text: 'How well solved?', metric: 'csat' },
				{ ...missing, choices: [...(missing.choices ?? []), { id: 'c', text: 'Text c' }] },
				...rest,
			],
		};
		const segments = [
			answered({ recommend: '10', solved: 'no', missing: 'a' }),
			answered({ recommend: '10', solved: '5', missing: 'c' }, { script: second, askedAtMs: 2 }),
			// The old words, read out once more by somebody who had not been told.
			answered({ recommend: '0' }, { askedAtMs: 3 }),
		];
		expect(surveyAnswers(segments, false).map(({ versions, segments }) => [versions, segments])).toEqual([
			[[1], 2],
			[[2], 1],
		]);
		const [mixed, ...others] = surveyAnswers(segments, true);
		expect(others).toEqual([]);
		expect(mixed).toMatchObject({ versions: [1, 2], segments: 3 });
		expect(mixed?.questions.map(({ questionId, kind, versions }) => [questionId, kind, versions])).toEqual([
			['recommend', 'scale-10', [1, 2]],
			['solved', 'scale-5', [2]],
			['missing', 'choice', [1, 2]],
			['one-thing', 'open', [1, 2]],
			['solved', 'yes-no', [1]],
		]);
		expect(mixed?.questions[0]?.text).toBe('Would you recommend us?');
		expect(mixed?.questions[2]?.choices.map(({ value, count }) => [value, count])).toEqual([
			['a', 1],
			['b', 0],
			['c', 1],
		]);
	});
});

const call = (changes: Partial<CountedCall>): CountedCall => ({
	queue: 'Orders',
	agentId: 'ann',
	agentName: 'Ann Agent',
	rehearsal: false,
	wasHeard: true,
	segments: [],
	...changes,
});

describe('the counts of calls', () => {
	test('a call counts once, by the furthest that it came', () => {
		const { counts } = tally(
			[
				call({}),
				call({ segments: ['offered'] }),
				call({ segments: ['not-now', 'declined'] }),
				call({ segments: ['partial', 'no-answer'] }),
				call({ segments: ['complete'], rehearsal: true }),
				call({ segments: ['no-answer'], wasHeard: false }),
				call({ segments: ['offered'], wasHeard: false }),
			],
			true,
		);
		expect(counts).toEqual({
			...{ possible: 6, notAsked: 2, asked: 4, noAnswer: 1, declined: 1, notNow: 0, agreed: 2, notHeld: 0 },
			...{ held: 2, complete: 1, partial: 1, goingOn: 0, erased: 0, rehearsals: 1 },
		});
	});

	test('each queue and each agent has counts of their own, by name', () => {
		const { byQueue, byAgent } = tally(
			[
				call({ segments: ['declined'] }),
				call({ queue: 'Billing', agentId: 'abe', agentName: 'Abe' }),
				call({ queue: 'Billing' }),
			],
			true,
		);
		expect(byQueue.map(({ queue, counts }) => [queue, counts.possible, counts.declined])).toEqual([
			['Billing', 2, 0],
			['Orders', 1, 1],
		]);
		expect(byAgent.map(({ agentName, queue, counts }) => [agentName, queue, counts.possible])).toEqual([
			['Abe', 'Billing', 1],
			['Ann Agent', 'Billing', 1],
			['Ann Agent', 'Orders', 1],
		]);
	});

	test('of one script alone nobody can say how many were not asked with it', () => {
		const { counts, byAgent } = tally([call({}), call({ segments: ['declined'] })], false);
		expect(counts).not.toHaveProperty('possible');
		expect(counts).not.toHaveProperty('notAsked');
		expect(counts.asked).toBe(1);
		expect(byAgent).toHaveLength(1);
	});

	test('how far a segment came, by what is on record', () => {
		const base = { wasAsked: true, consent: 'agreed', wasLive: true, isOver: true, isComplete: true } as const;
		const reaches: [Parameters<typeof reachOf>[0], SegmentReach][] = [
			[{ ...base, wasAsked: false }, 'offered'],
			[{ ...base, consent: undefined }, 'no-answer'],
			[{ ...base, consent: 'declined' }, 'declined'],
			[{ ...base, wasLive: false }, 'not-held'],
			[{ ...base, isOver: false }, 'going-on'],
			[{ ...base, isComplete: undefined }, 'erased'],
			[{ ...base, isComplete: false }, 'partial'],
			[base, 'complete'],
		];
		for (const [segment, reach] of reaches) expect(reachOf(segment)).toBe(reach);
	});

	test('whatever happened, the parts add up to the whole', () => {
		const reach = fc.constantFrom<SegmentReach>(
			...(['offered', 'no-answer', 'not-now', 'declined', 'not-held', 'erased', 'partial', 'complete'] as const),
			'going-on',
		);
		const calls = fc.array(
			fc.record({
				queue: fc.constantFrom('Orders', 'Billing'),
				agentId: fc.constantFrom('ann', 'abe'),
				rehearsal: fc.boolean(),
				wasHeard: fc.boolean(),
				segments: fc.array(reach, { maxLength: 4 }),
			}),
		);
		const sum = (all: { counts: SurveyCounts }[], of: keyof SurveyCounts) =>
			all.reduce((whole, { counts }) => whole + (counts[of] ?? 0), 0);
		fc.assert(
			fc.property(calls, fc.boolean(), (some, all) => {
				const { counts: c, byQueue, byAgent } = tally(some.map(call), all);
				if (all) expect(c.possible).toBe((c.notAsked ?? 0) + c.asked);
				expect(c.asked).toBe(c.noAnswer + c.declined + c.notNow + c.agreed);
				expect(c.agreed).toBe(c.notHeld + c.held);
				expect(c.held).toBe(c.complete + c.partial + c.goingOn + c.erased);
				for (const of of Object.keys(c) as (keyof SurveyCounts)[]) {
					expect(sum(byQueue, of)).toBe(c[of]);
					expect(sum(byAgent, of)).toBe(c[of]);
				}
			}),
			{ seed: seedFor('counts') },
		);
	});
});
