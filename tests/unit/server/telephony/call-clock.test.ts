import { expect, test } from 'vitest';
import { callClock } from '#server/telephony/call-clock.ts';
import { handClock } from '#tests/support/clock.ts';

test('a second stream of a call is put where the call is when it begins, and the first goes on as it counted', () => {
	const clock = handClock();
	const places = callClock(clock);
	const first = places.first();
	expect([first(40), first(200)]).toEqual([40, 200]);
	clock.advance(1000);
	const second = places.another();
	expect(second(16)).toBe(8200);
	clock.advance(20);
	expect(second(176)).toBe(8360);
	expect(first(8360)).toBe(8360);
});

test('what comes late does not turn the call back', () => {
	const clock = handClock();
	const places = callClock(clock);
	const first = places.first();
	first(1600);
	clock.advance(20);
	expect(first(160)).toBe(160);
	expect(places.another()(0)).toBe(1760);
});

test('a stream that comes after a long while is that much later', () => {
	const clock = handClock();
	const places = callClock(clock);
	places.first()(160);
	clock.advance(60_000);
	expect(places.another()(0)).toBe(480_160);
});
