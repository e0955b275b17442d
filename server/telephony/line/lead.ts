/** How fast a lead is forgotten: 50 ms a second. */
const forgotten = 0.05;

/** How far a microphone's sound stands ahead of the wall clock on the call's; below zero it is behind. Ms. */
export interface Lead {
	/** Sound that was put at `placeMs` came at `callMs`. */
	came(placeMs: number, callMs: number): void;
	readonly ms: number;
}

/**
 * A microphone is put on the call's clock once; if its first sound was late, all that follows stands ahead by that much,
 * and one that loses samples falls behind. Taken by the least delayed sound of late.
 */
export function lead(): Lead {
	let ms: number | undefined;
	let seenAtMs = 0;
	return {
		came(placeMs, callMs) {
			const now = placeMs - callMs;
			ms = ms === undefined ? now : Math.max(now, ms - forgotten * (callMs - seenAtMs));
			seenAtMs = callMs;
		},
		get ms() {
			return ms ?? 0;
		},
	};
}
