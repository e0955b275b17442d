/** How late messages come, seen over a stretch of time that moves along. All in samples. */
export interface Arrivals {
	/** A message came `lateness` after its place in media time (any constant may be in it). */
	came(lateness: number): void;
	/** Time goes on. */
	passed(samples: number): void;
	/** How late sound must be expected to come; undefined when nothing came of late. */
	expected(): number | undefined;
	forget(): void;
}

/** So many stretches of a second are remembered, the oldest forgotten first. */
const stretches = 20;
/** With fewer than these behind us one bad second is all that is known. */
const few = 3;

/**
 * Expects the second worst second of the last twenty: a stall that comes back is met from its second time on and for
 * twenty seconds after, one that stays alone costs no delay. Never expects more than `most` after the earliest: whoever
 * waits longer than that hears a call of the past.
 */
export function arrivals(secondSamples: number, most: number): Arrivals {
	const worst = new Float64Array(stretches).fill(Number.NEGATIVE_INFINITY);
	const best = new Float64Array(stretches).fill(Number.POSITIVE_INFINITY);
	let now = 0;
	let left = secondSamples;
	return {
		came(lateness) {
			worst[now] = Math.max(worst[now] as number, lateness);
			best[now] = Math.min(best[now] as number, lateness);
		},
		passed(samples) {
			left -= samples;
			if (left > 0) return;
			left += secondSamples;
			now = (now + 1) % stretches;
			worst[now] = Number.NEGATIVE_INFINITY;
			best[now] = Number.POSITIVE_INFINITY;
		},
		expected() {
			let first = Number.NEGATIVE_INFINITY;
			let second = Number.NEGATIVE_INFINITY;
			let earliest = Number.POSITIVE_INFINITY;
			let seen = 0;
			for (let stretch = 0; stretch < stretches; stretch++) {
				const one = worst[stretch] as number;
				if (one > Number.NEGATIVE_INFINITY) seen++;
				if (one > first) {
					second = first;
					first = one;
				} else if (one > second) second = one;
				earliest = Math.min(earliest, best[stretch] as number);
			}
			if (seen === 0) return undefined;
			return Math.min(seen > few ? second : first, earliest + most);
		},
		forget() {
			worst.fill(Number.NEGATIVE_INFINITY);
			best.fill(Number.POSITIVE_INFINITY);
		},
	};
}
