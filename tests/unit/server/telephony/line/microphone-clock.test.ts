import { describe, expect, test } from 'vitest';
import { microphoneClock } from '#server/telephony/line/microphone-clock.ts';

describe('a microphone’s clock', () => {
	test('is put on the call’s by the arrival of its first sound, and counts by itself from there', () => {
		const place = microphoneClock();
		expect(place(123_000, 20, 500)).toBe(500);
		// Late and in a bunch, as networks bring them.
		expect(place(123_020, 20, 700)).toBe(520);
		expect(place(123_040, 20, 700)).toBe(540);
		expect(place(123_060, 20, 700)).toBe(560);
	});

	test('keeps a gap that the wall clock saw too', () => {
		const place = microphoneClock();
		expect(place(0, 20, 0)).toBe(0);
		expect(place(5020, 20, 5000)).toBe(5020);
	});

	test('a network that stood still does not move it', () => {
		const place = microphoneClock();
		expect(place(0, 20, 0)).toBe(0);
		expect(place(20, 20, 4000)).toBe(20);
		expect(place(40, 20, 4000)).toBe(40);
	});

	test.each([
		['that starts over', 3],
		['that leaps ahead', 9_000_000],
		['that wraps at 2^32', -4_294_967_000],
	])('one %s is placed by its arrival again', (_what, leap) => {
		const place = microphoneClock();
		const from = 4_294_960_000;
		expect(place(from, 20, 0)).toBe(0);
		expect(place(from + 20, 20, 2000)).toBe(20);
		const again = leap < 1000 && leap > 0 ? leap : from + leap;
		expect(place(again, 20, 3000)).toBe(3000);
		expect(place(again + 20, 20, 3020)).toBe(3020);
	});

	test('is never before the call', () => {
		const place = microphoneClock();
		place(1000, 20, 0);
		expect(place(500, 20, 10)).toBe(0);
	});
});
