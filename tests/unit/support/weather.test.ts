import { expect, test } from 'vitest';
import { seedFor } from '#tests/support/seed.ts';
import { arrivals } from '#tests/support/weather.ts';

test('a link is late by what its weather says, in order, silent in its outage, and the same for the same seed', () => {
	const seed = seedFor('weather');
	const weather = { baseMs: 60, jitterMs: 40, stallShare: 0.02, stallMs: 300, outage: { atMs: 10_000, forMs: 3000 } };
	const run = () => {
		const comesAt = arrivals(weather, seed);
		return Array.from({ length: 1000 }, (_, n) => comesAt(n * 20));
	};
	const came = run();
	expect(run()).toEqual(came);
	expect(came).toEqual(came.toSorted((one, other) => one - other));
	expect(came.some((ms) => ms >= 10_000 && ms < 13_000)).toBe(false);
	came.forEach((ms, n) => {
		expect(ms - n * 20).toBeGreaterThanOrEqual(20);
	});
	expect(came.some((ms, n) => ms - n * 20 > 150)).toBe(true);
});
