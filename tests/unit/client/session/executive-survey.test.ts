import { describe, expect, test } from 'vitest';
import { kindsInOrder } from '#client/session/note-words.ts';
import { answersHere, atEnd, placeOf, stepFrom } from '#client/session/survey/executive-order.ts';
import {
	answerKeys,
	endedWords,
	keysWords,
	speakerOf,
	takesAnswers,
	toldOfMe,
	voiceHere,
	waitingWords,
} from '#client/session/survey/executive-words.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import { endings, identities, type SegmentView, segmentStates } from '#shared/survey.ts';
import { answersTo } from '#shared/survey-order.ts';

const script = shippedScripts[0] as (typeof shippedScripts)[number];
const eve = { id: 'eve', name: 'Eve Executive' };
const segment = (more: Partial<SegmentView> = {}): SegmentView => ({
	segmentId: 's',
	seq: 1,
	callId: 'c',
	at: 'live',
	sinceMs: 0,
	offeredBy: { how: 'quota' },
	answers: [],
	identityTold: 0,
	taken: { executive: eve, by: 'line', atMs: 0 },
	...more,
});

describe('the order of questions on the screen', () => {
	const at = (answers: [string, string][], id?: string) => placeOf(script, new Map(answers), id);

	test('begins with the first, and goes on where no answer is yet', () => {
		expect(at([]).question?.id).toBe('recommend');
		expect(at([['recommend', '9']]).question?.id).toBe('satisfied');
	});
	test('follows the rules of the script, also when an answer is changed', () => {
		const solved: [string, string][] = [['solved', 'yes']];
		expect(stepFrom(at(solved, 'solved'), 1)).toBe('one-thing');
		expect(stepFrom(at([['solved', 'no']], 'solved'), 1)).toBe('missing');
		// What stood on the screen is not asked any more: the first without an answer comes up instead.
		expect(at(solved, 'missing').question?.id).toBe('recommend');
	});
	test('ends behind the last, and leads back from there', () => {
		const end = at([], stepFrom(at([], 'one-thing'), 1));
		expect(end.question).toBeUndefined();
		expect(stepFrom(at([], 'one-thing'), 1)).toBe(atEnd);
		expect(stepFrom(end, -1)).toBe('one-thing');
		expect(stepFrom(at([], 'recommend'), -1)).toBe('recommend');
	});
	test('shows what is on its way over what is on record; an answer taken back is none', () => {
		const view = segment({
			answers: [
				{ questionId: 'recommend', value: '3' },
				{ questionId: 'solved', value: 'yes' },
			],
		});
		const pending = new Map([
			['recommend', { value: '9', at: 'saving' as const }],
			['solved', { value: '', at: 'saving' as const }],
		]);
		expect([...answersHere(view, pending)]).toEqual([['recommend', '9']]);
	});
});

describe('the keys of answers', () => {
	test('are one for each answer, every answer has one, and none is a note’s letter', () => {
		const letters = kindsInOrder.map(({ key }) => key);
		for (const question of shippedScripts.flatMap(({ questions }) => questions)) {
			const keys = answerKeys(question);
			expect(keys.map(({ value }) => value)).toEqual(answersTo(question));
			expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
			for (const { key } of keys) expect(letters).not.toContain(key);
			expect(keysWords(question)).toMatch(/\.$/);
		}
	});
});

describe('words of a survey for the executive', () => {
	test('every end has words, with the microphone off wherever it was on', () => {
		for (const how of endings) {
			const { title, text } = endedWords(
				segment({ at: 'returned', returnedTo: 'agent', over: { how, atMs: 1 } }),
				'Ann',
			);
			expect(title).not.toBe('');
			expect(text).toContain('Your microphone is off.');
		}
		const byPhone = segment({ at: 'finished', taken: { executive: eve, by: 'phone', atMs: 0 } });
		expect(endedWords({ ...byPhone, over: { how: 'executive', atMs: 1 } }, 'Ann').text).not.toContain('microphone');
	});
	test('waiting is never silent, and a no is a no', () => {
		for (const at of ['offered', 'asked', 'declined', 'not-now'] as const)
			expect(waitingWords(segment({ at }), 'Ann')?.title).toBeTruthy();
		expect(waitingWords(segment({ at: 'declined' }), 'Ann')?.text).toContain('A no is a no');
	});
	test('what the customer was told is said as it was [C3]', () => {
		for (const identity of identities) {
			const asked = { identity, executive: identity === 'named' ? eve : undefined } as SegmentView['asked'];
			expect(toldOfMe(segment(asked ? { asked } : {}))).toMatch(identity === 'named' ? /Eve/ : /not|neither/);
		}
	});
	test('answers are taken on the line and after it, never once consent was taken back [C2]', () => {
		const open = segmentStates.filter((at) => takesAnswers(segment({ at })));
		expect(open).toEqual(['live', 'finished', 'lost', 'returned', 'ended']);
		for (const at of open) expect(takesAnswers(segment({ at, over: { how: 'withdrawn', atMs: 1 } }))).toBe(false);
	});
	test('another executive is a voice of its own, the own voice is none', () => {
		expect(speakerOf(segment(), 'sue')).toBe('Eve Executive');
		expect(speakerOf(segment(), 'eve')).toBeUndefined();
		expect(speakerOf(segment({ at: 'finished' }), 'sue')).toBeUndefined();
		expect(speakerOf(segment({ taken: { executive: eve, by: 'phone', atMs: 0 } }), 'sue')).toBeUndefined();
	});
	test('who can be heard is said for every state of microphone and line [S1] [S2]', () => {
		const state = { muted: false, talksMuted: false };
		const line = (at: 'connecting' | 'ready' | 'live' | 'lost' | 'over') => ({ line: { at, droppedFrames: 0 } });
		expect(voiceHere({ ...state, microphone: 'off' })).toBe('off');
		expect(voiceHere({ ...state, microphone: 'refused' })).toBe('off');
		expect(voiceHere({ ...state, microphone: 'open' })).toBe('check');
		expect(voiceHere({ ...state, microphone: 'open', ...line('ready') })).toBe('check');
		expect(voiceHere({ ...state, microphone: 'open', ...line('live') })).toBe('line');
		expect(voiceHere({ ...state, microphone: 'open', muted: true, ...line('live') })).toBe('muted');
		expect(voiceHere({ ...state, microphone: 'off', ...line('over') })).toBe('off');
	});
});
