import { describe, expect, test } from 'vitest';
import { kindsInOrder } from '#client/session/note-words.ts';
import { isUnderWay, leftMs, mayAskAgain, segmentNow, soonLooks } from '#client/session/survey/segment-now.ts';
import { commandOf, type SurveyAct, surveyActs } from '#client/session/survey/survey-acts.ts';
import { chipOf, countdown } from '#client/session/survey/survey-chip.ts';
import { segmentStates } from '#shared/survey.ts';
import { segmentAt, withdrawnEarly } from '#tests/support/segment-views.ts';

describe('the mark of a survey', () => {
	test('has words for every state', () => {
		const words = segmentStates.map((at) => [at, chipOf(segmentAt(at), 70_000).word]);
		expect(Object.fromEntries(words)).toEqual({
			offered: 'Survey: to be asked',
			asked: 'Survey: asked',
			agreed: 'Survey: agreed',
			declined: 'Survey: declined',
			'not-now': 'Survey: not now',
			ready: 'Survey about to begin',
			live: 'Survey live · 4:00 left',
			finished: 'Survey over: coming back',
			withdrawn: 'Survey over: coming back',
			lost: 'Survey over: coming back',
			returned: 'Survey: done',
			ended: 'Survey: over with the call',
		});
		expect(chipOf(withdrawnEarly(), 0).word).toBe('Survey: withdrawn');
		const broken = segmentAt('returned', { over: { how: 'executive-lost', atMs: 0 } });
		expect(chipOf(broken, 0).word).toBe('Survey: broken off');
	});

	test('changes its look in the last minute', () => {
		const live = segmentAt('live');
		expect([chipOf(live, 249_999).tone, chipOf(live, 250_000).tone]).toEqual(['live', 'soon']);
	});

	test('counts up where there is no limit, as by phone', () => {
		const byPhone = segmentAt('live', {
			taken: { executive: { id: 'robin', name: 'Robin' }, by: 'phone', atMs: 0 },
			live: { atMs: 10_000, limitMs: 0 },
		});
		expect(chipOf(byPhone, 75_000)).toMatchObject({ tone: 'live', word: 'Survey by phone · 1:05' });
	});

	test('shows the whole limit at first, and zero only when it is over', () => {
		expect([300_000, 299_999, 299_000, 1, 0].map(countdown)).toEqual(['5:00', '5:00', '4:59', '0:01', '0:00']);
		expect(leftMs(segmentAt('live'), 1_000_000)).toBe(0);
		expect(leftMs(segmentAt('finished'), 20_000)).toBeUndefined();
	});
});

describe('the last minute', () => {
	test('is told once, when it begins', () => {
		const look = soonLooks();
		const told = [61_000, 60_000, 59_000].map((left) => look(left));
		expect(told.map(({ soon }) => soon)).toEqual([false, true, true]);
		expect(told.map(({ begins }) => begins)).toEqual([false, true, false]);
	});

	test('is no news to whoever opens the page in it, nor where there is no limit', () => {
		expect(soonLooks()(30_000)).toEqual({ soon: true, begins: false });
		expect(soonLooks()(undefined)).toEqual({ soon: false, begins: false });
	});
});

describe('a call’s segment', () => {
	test('may be asked for again where it was put off, or broke and the agent has the customer', () => {
		expect(segmentStates.filter((at) => mayAskAgain(segmentAt(at)))).toEqual(['not-now']);
		const broken = segmentAt('returned', { over: { how: 'gateway-lost', atMs: 0 } });
		expect([mayAskAgain(broken), mayAskAgain({ ...broken, returnedTo: 'queue' })]).toEqual([true, false]);
	});

	test('is the last one that was offered in it', () => {
		const [first, second] = [segmentAt('not-now'), segmentAt('asked', { segmentId: 'segment-2' })];
		const other = segmentAt('live', { segmentId: 'segment-3', callId: 'test-2' });
		expect(segmentNow([first, second, other], 'test-1')).toBe(second);
		expect(segmentNow([other], 'test-1')).toBeUndefined();
	});

	test('is under way until it has come to its end', () => {
		const over = segmentStates.filter((at) => !isUnderWay(segmentAt(at)));
		expect(over).toEqual(['declined', 'not-now', 'returned', 'ended']);
		expect([isUnderWay(segmentAt('withdrawn')), isUnderWay(withdrawnEarly())]).toEqual([true, false]);
	});
});

describe('the keys of a survey', () => {
	const acts = Object.keys(surveyActs) as SurveyAct[];
	test('are letters of their own, and none of those that the agent’s and the supervisor’s pages have', () => {
		const keys = acts.map((act): string => surveyActs[act].key);
		expect(new Set(keys).size).toBe(keys.length);
		// Notes n, h, a and their numbers; protect p; invite i; search and list.
		const taken = ['n', 'h', 'a', 'p', 'i', '/', '?', ...kindsInOrder.map((_, index) => String(index + 1))];
		expect(keys.filter((key) => taken.includes(key))).toEqual([]);
	});

	test('each ask for one thing', () => {
		const types = acts.filter((act) => act !== 'ask').map((act) => commandOf(act as Exclude<SurveyAct, 'ask'>, 's'));
		expect(types.map((one) => ('answer' in one ? one.answer : one.type))).toEqual([
			'agreed',
			'declined',
			'not-now',
			'withdraw-consent',
			'take-back',
			'tell-identity',
		]);
	});
});
