import { describe, expect, test } from 'vitest';
import { checkedAnswer, withAnswer } from '#server/domain/survey.ts';
import type { Question, Script } from '#shared/survey.ts';
import { codeOf } from '#tests/support/given.ts';
import { script } from '#tests/support/segment-story.ts';

const questions: Question[] = [
	{ id: 'ten', kind: 'scale-10', text: 'From 0 to 10?' },
	{ id: 'five', kind: 'scale-5', text: 'From 1 to 5?' },
	{ id: 'yes', kind: 'yes-no', text: 'Yes?' },
	{
		id: 'one-of',
		kind: 'choice',
		text: 'Which?',
		choices: [
			{ id: 'money', text: 'Money' },
			{ id: 'time', text: 'Time' },
		],
	},
	{ id: 'open', kind: 'open', text: 'What?' },
];
const ofAll: Script = { ...script, questions };

describe('[W13] an answer', () => {
	test.each([
		['ten', '0'],
		['ten', '10'],
		['five', '1'],
		['five', '5'],
		['yes', 'yes'],
		['yes', 'no'],
		['one-of', 'time'],
		['open', 'Answer the phone sooner – please.'],
	])('to “%s” is taken: %s', (id, value) => expect(checkedAnswer(ofAll, id, value)).toBe(value));

	test.each([
		['ten', '11'],
		['ten', '-1'],
		['ten', '09'],
		['ten', '7.5'],
		['ten', '٧'],
		['five', '0'],
		['five', '6'],
		['yes', 'Yes'],
		['yes', 'true'],
		['one-of', 'Money'],
		['one-of', '1'],
	])('to “%s” is refused: %s', (id, value) =>
		expect(codeOf(() => checkedAnswer(ofAll, id, value))).toBe('survey.answer'),
	);
	test('to a question that is not in the script is refused', () => {
		for (const id of ['', 'eleven', 'toString', '__proto__'])
			expect(codeOf(() => checkedAnswer(ofAll, id, '1'))).toBe('survey.question-unknown');
	});
	test('is kept without the blanks around it, and one that is all blanks takes it back', () => {
		expect(checkedAnswer(ofAll, 'ten', ' 7 ')).toBe('7');
		expect(checkedAnswer(ofAll, 'open', '\n ')).toBe('');
		expect(checkedAnswer(ofAll, 'ten', '')).toBe('');
	});
});

test('a later answer replaces the one before in its place, an empty one takes it back, and what was known stays as it was', () => {
	const first = withAnswer(withAnswer(new Map(), 'ten', '7'), 'yes', 'no');
	expect([...withAnswer(first, 'ten', '9')]).toEqual([
		['ten', '9'],
		['yes', 'no'],
	]);
	expect([...withAnswer(first, 'ten', '')]).toEqual([['yes', 'no']]);
	expect([...first]).toEqual([
		['ten', '7'],
		['yes', 'no'],
	]);
});
