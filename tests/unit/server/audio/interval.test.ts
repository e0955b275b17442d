import { expect, test } from 'vitest';
import { type LoopWindow, soundInterval } from '#server/audio/interval.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const idle: LoopWindow = { delayMs: 1, utilisation: 0.1 };
const late: LoopWindow = { delayMs: 20, utilisation: 0.5 };
const full: LoopWindow = { delayMs: 2, utilisation: 0.95 };

/** An interval whose windows are 500 ms each. */
function driven() {
	const interval = soundInterval();
	let nowMs = 0;
	return {
		see(window: LoopWindow, times = 1) {
			for (let turn = 0; turn < times; turn++) {
				nowMs += 500;
				interval.seen(window, nowMs);
			}
			return interval.frames;
		},
	};
}

test('a quiet node sends a message every 20 ms [A11]', () => {
	expect(driven().see(idle, 1000)).toBe(1);
});

test('a lone pause does not widen the interval, however often it comes back [A11]', () => {
	const { see } = driven();
	for (let turn = 0; turn < 50; turn++) {
		see({ delayMs: 200, utilisation: 1 });
		expect(see(idle)).toBe(1);
	}
});

test.each([late, full])('the interval widens one step for two busy windows, up to 60 ms [A11]: %o', (busy) => {
	const { see } = driven();
	expect([1, 2, 3, 4, 5, 6].map(() => see(busy))).toEqual([1, 2, 2, 3, 3, 3]);
});

test('the interval narrows one step for ten calm seconds each [A11]', () => {
	const { see } = driven();
	expect(see(full, 4)).toBe(3);
	expect(see(idle, 20)).toBe(3);
	expect(see(idle)).toBe(2);
	expect(see(idle, 20)).toBe(2);
	expect(see(idle)).toBe(1);
});

test('the interval stays wide while the same work at a narrower one would be too much [A11]', () => {
	const { see } = driven();
	see(full, 2);
	expect(see({ delayMs: 1, utilisation: 0.5 }, 1000)).toBe(2);
});

test('on a constant load the interval changes at most eight times in any minute, and ever less often [A11]', () => {
	const random = randomNumbers(seedFor('interval on a constant load'));
	for (let load = 0; load < 200; load++) {
		const interval = soundInterval();
		const other = random(60) / 100;
		const sound = random(150) / 100;
		// Lateness that no utilisation foretells is the hard case: each narrowing has to be found wrong by trying.
		const lateBelow = random(4);
		const changes: number[] = [];
		for (let nowMs = 500; nowMs <= 20 * 60_000; nowMs += 500) {
			const before = interval.frames;
			const noise = (random(100) - 50) / 1000;
			const utilisation = Math.min(1, Math.max(0, other + sound / before + noise));
			interval.seen({ delayMs: before < lateBelow ? 13 + random(20) : random(6), utilisation }, nowMs);
			if (interval.frames !== before) changes.push(nowMs);
		}
		for (const at of changes)
			expect(changes.filter((one) => one >= at && one < at + 60_000).length).toBeLessThanOrEqual(8);
		expect(changes.filter((one) => one > 10 * 60_000).length).toBeLessThanOrEqual(10);
	}
});
