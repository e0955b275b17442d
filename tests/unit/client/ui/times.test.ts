import { describe, expect, test } from 'vitest';
import { clockText, delayWords, durationWords, sinceWords } from '#client/ui/times.ts';

const minute = 60_000;

describe('time on screen', () => {
	test('a clock counts seconds, minutes and hours, and stands at zero before the start', () => {
		expect([-500, 0, 7_999, 65_000, 754_000, 3_723_000].map(clockText)).toEqual([
			'0:00',
			'0:00',
			'0:07',
			'1:05',
			'12:34',
			'1:02:03',
		]);
		expect(clockText(Number.NaN)).toBe('0:00');
	});

	test('a duration is said in its two largest units, without empty ones', () => {
		expect([0, 1_000, 59_999, minute, 4 * minute + 12_000, 65 * minute, 120 * minute].map(durationWords)).toEqual([
			'0 seconds',
			'1 second',
			'59 seconds',
			'1 minute',
			'4 minutes 12 seconds',
			'1 hour 5 minutes',
			'2 hours',
		]);
	});

	test('since when somebody listens changes only with the minute', () => {
		expect([-5, 59_999, minute, 59 * minute, 60 * minute, 65 * minute].map(sinceWords)).toEqual([
			'just now',
			'just now',
			'1 min',
			'59 min',
			'1 h',
			'1 h 5 min',
		]);
	});

	test('the delay is said to the tenth of a second, and never as none', () => {
		expect([-40, 0, 149, 230, 1_960].map(delayWords)).toEqual([
			'0.1 s behind',
			'0.1 s behind',
			'0.1 s behind',
			'0.2 s behind',
			'2.0 s behind',
		]);
	});
});
