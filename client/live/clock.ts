import type { Clock } from '#shared/clock.ts';

/** This tab's clock: begins at the device's wall clock, then never jumps when that is set. */
export const tabClock: Clock = {
	now: () => performance.timeOrigin + performance.now(),
	after(ms, ring) {
		const timer = setTimeout(ring, ms);
		return () => clearTimeout(timer);
	},
	every(ms, ring) {
		const timer = setInterval(ring, ms);
		return () => clearInterval(timer);
	},
};
