import { describe, expect, test } from 'vitest';
import { heightOf, stripMs, voiceHistory } from '#client/session/voice-strip.ts';

const barMs = stripMs / 100;

describe('the strip of a voice', () => {
	test('a bar is as tall as the loudest moment in its time', () => {
		const voice = voiceHistory();
		voice.note(0.2, 0);
		voice.note(0.8, barMs * 0.5);
		voice.note(0.1, barMs * 0.9);
		voice.note(0.3, barMs * 1.1);
		expect(voice.bar(0, barMs * 1.1)).toBeCloseTo(0.3);
		expect(voice.bar(1, barMs * 1.1)).toBeCloseTo(0.8);
	});

	test('time that nobody looked at is empty, not a smear of the last level', () => {
		const voice = voiceHistory();
		voice.note(0.9, 0);
		voice.note(0.5, barMs * 10);
		expect([1, 5, 9].map((back) => voice.bar(back, barMs * 10))).toEqual([0, 0, 0]);
		expect(voice.bar(10, barMs * 10)).toBeCloseTo(0.9);
		voice.note(0.4, stripMs * 50);
		expect(voice.bar(0, stripMs * 50)).toBeCloseTo(0.4);
		for (let back = 1; back <= 100; back++) expect(voice.bar(back, stripMs * 50)).toBe(0);
	});

	test('silence has no height, full level has all of it, and louder is never shorter', () => {
		expect([heightOf(0), heightOf(0.15), heightOf(1), heightOf(1.4)]).toEqual([0, 0, 1, 1]);
		const heights = Array.from({ length: 101 }, (_, index) => heightOf(index / 100));
		expect(heights).toEqual(heights.toSorted((a, b) => a - b));
	});
});
