/** How late messages come, seen over a stretch of time that moves along. */
export interface Spread {
	/** A message came `lateness` samples after its place in media time (any constant may be in it). */
	arrived(lateness: number): void;
	/** Time goes on by `samples`. */
	passed(samples: number): void;
	/** The latest of the stretch, or undefined when nothing came in it. */
	latest(): number | undefined;
	forget(): void;
}

/** Keeps the latest arrival of each of `stretches` stretches of `stretchSamples`; the oldest is forgotten first. */
export function spread(stretches: number, stretchSamples: number): Spread {
	const worst = new Array<number>(stretches).fill(Number.NEGATIVE_INFINITY);
	let now = 0;
	let left = stretchSamples;
	return {
		arrived(lateness) {
			worst[now] = Math.max(worst[now] as number, lateness);
		},
		passed(samples) {
			left -= samples;
			if (left > 0) return;
			left += stretchSamples;
			now = (now + 1) % stretches;
			worst[now] = Number.NEGATIVE_INFINITY;
		},
		latest() {
			const most = Math.max(...worst);
			return Number.isFinite(most) ? most : undefined;
		},
		forget: () => void worst.fill(Number.NEGATIVE_INFINITY),
	};
}
