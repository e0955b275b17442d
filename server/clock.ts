import type { Clock } from '#shared/clock.ts';

/** The machine's clock. It is read once and then counted on, so a step of the wall clock does not reach what runs. */
export function machineClock(): Clock {
	const startedAt = Date.now() - performance.now();
	return {
		now: () => startedAt + performance.now(),
		after(ms, ring) {
			const timer = setTimeout(ring, ms);
			return () => clearTimeout(timer);
		},
		every(ms, ring) {
			const timer = setInterval(ring, ms);
			return () => clearInterval(timer);
		},
	};
}
