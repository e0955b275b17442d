import type { Tracks } from '#client/audio/tracks.ts';
import { parts } from '#shared/audio.ts';

/** The periods looked for: 400 Hz down to 67 Hz, what voices have. */
const shortestMs = 2.5;
export const longestMs = 15;
/** How much sound is compared. */
const windowMs = 10;
/** From here on two stretches are alike enough that one may stand for the other. */
const alike = 0.6;

/** A distance at which the sound repeats itself, in samples, and how well: 1 is exactly, 0 not at all. */
export interface Period {
	lag: number;
	likeness: number;
}

const found: Period = { lag: 0, likeness: 0 };
/** The parts in which anything sounds. */
const heard = new Uint8Array(parts.length);

/**
 * The distance, of all that a voice's period can be, at which the sound from `at` is most like that `lag` later (`toward` 1)
 * or earlier (−1): by normalised cross-correlation over all parts at once, so that one distance holds for all and they
 * never come apart. Reuses its answer: read it before the next call.
 */
export function periodAt(sound: Tracks, at: number, toward: 1 | -1): Period {
	const { msSamples } = sound;
	const length = windowMs * msSamples;
	// At twice the rate every second sample tells as much.
	const step = Math.max(1, Math.round(msSamples / 8));
	const count = partsHeard(sound, at, length, step);
	found.lag = Math.round(shortestMs * msSamples);
	found.likeness = -1;
	for (let lag = found.lag; lag <= longestMs * msSamples; lag++) {
		let product = 0;
		let here = 1e-9;
		let there = 1e-9;
		for (let n = 0; n < count; n++) {
			const part = heard[n] as number;
			for (let i = 0; i < length; i += step) {
				const one = sound.sample(part, at + i);
				const other = sound.sample(part, at + i + toward * lag);
				product += one * other;
				here += one * one;
				there += other * other;
			}
		}
		const likeness = product / Math.sqrt(here * there);
		if (likeness <= found.likeness) continue;
		found.lag = lag;
		found.likeness = likeness;
	}
	return found;
}

function partsHeard(sound: Tracks, at: number, length: number, step: number): number {
	let count = 0;
	for (let part = 0; part < parts.length; part++)
		for (let i = 0; i < length; i += step)
			if (sound.sample(part, at + i) !== 0) {
				heard[count++] = part;
				break;
			}
	return count;
}

export const isAlike = ({ likeness }: Period): boolean => likeness >= alike;
