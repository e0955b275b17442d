/** How busy the event loop was in one short window. */
export interface LoopWindow {
	/** By how much the loop was late, in ms, beyond what its timers are late anyway. */
	readonly delayMs: number;
	/** The share of the window in which the loop was at work, 0 to 1. */
	readonly utilisation: number;
}

/** How many frames of 20 ms go into one sound message. */
export type IntervalFrames = 1 | 2 | 3;

/** Decides, from window to window, how many frames go into a sound message. [A11] */
export interface SoundInterval {
	/** Told once for each window, in order; `nowMs` is on any clock that only goes forward. */
	seen(window: LoopWindow, nowMs: number): void;
	readonly frames: IntervalFrames;
}

/** Beyond either, a window is busy. */
const busy = { delayMs: 12, utilisation: 0.85 };
/** One busy window may be a garbage collection; this many in a row are load. */
const busyWindows = 2;
const calmDelayMs = 6;
const shortestCalmMs = 10_000;
const longestCalmMs = 320_000;
/** A narrower interval that lasted this long was right. */
const provenMs = 60_000;

/**
 * Widens one step after two busy windows in a row. Narrows one step after a calm in which the loop would stay below
 * busy even if all its work were sound; where narrowing proves wrong, the next calm has to last twice as long.
 */
export function soundInterval(): SoundInterval {
	let frames: IntervalFrames = 1;
	let busyInARow = 0;
	let calmSince: number | undefined;
	let calmNeededMs = shortestCalmMs;
	let narrowedAt: number | undefined;

	const widen = (nowMs: number) => {
		if (narrowedAt !== undefined && nowMs - narrowedAt < provenMs)
			calmNeededMs = Math.min(2 * calmNeededMs, longestCalmMs);
		narrowedAt = undefined;
		frames = frames === 1 ? 2 : 3;
	};

	return {
		seen({ delayMs, utilisation }, nowMs) {
			if (narrowedAt !== undefined && nowMs - narrowedAt >= provenMs) {
				calmNeededMs = shortestCalmMs;
				narrowedAt = undefined;
			}
			busyInARow = delayMs > busy.delayMs || utilisation > busy.utilisation ? busyInARow + 1 : 0;
			if (busyInARow >= busyWindows && frames < 3) {
				busyInARow = 0;
				calmSince = undefined;
				widen(nowMs);
				return;
			}
			if (frames === 1) return;
			const atNarrower = (utilisation * frames) / (frames - 1);
			if (delayMs > calmDelayMs || atNarrower > busy.utilisation) {
				calmSince = undefined;
				return;
			}
			calmSince ??= nowMs;
			if (nowMs - calmSince < calmNeededMs) return;
			calmSince = undefined;
			narrowedAt = nowMs;
			frames = frames === 3 ? 2 : 1;
		},
		get frames() {
			return frames;
		},
	};
}
