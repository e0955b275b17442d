import { expect, test } from 'vitest';
import { machineLoop, watchLoop } from '#server/ops/loop-watch.ts';

test('the loop is read every half second until the watch is stopped', () => {
	let ring = () => {};
	let stopped = 0;
	let periodMs = 0;
	const clock = {
		now: () => 7000,
		every(ms: number, tick: () => void) {
			periodMs = ms;
			ring = tick;
			return () => void stopped++;
		},
	};
	const seen: unknown[] = [];
	const window = { delayMs: 3, utilisation: 0.4 };
	const stop = watchLoop(clock, (...one) => seen.push(one), { read: () => window, stop: () => void stopped++ });
	ring();
	expect(periodMs).toBe(500);
	expect(seen).toEqual([[window, 7000]]);
	stop();
	expect(stopped).toBe(2);
});

test('the process’s own loop reads as a delay in ms and a share of time', () => {
	const loop = machineLoop();
	const { delayMs, utilisation } = loop.read();
	loop.stop();
	expect(delayMs).toBeGreaterThanOrEqual(0);
	expect(utilisation).toBeGreaterThanOrEqual(0);
	expect(utilisation).toBeLessThanOrEqual(1);
});
