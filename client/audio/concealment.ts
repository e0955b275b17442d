import { longestMs, periodAt } from '#client/audio/pitch.ts';
import type { Tracks } from '#client/audio/tracks.ts';
import { parts } from '#shared/audio.ts';

/** So long the last period goes on as loud as it was; after that it fades, and by `goneMs` it is silent. */
const steadyMs = 10;
const goneMs = 60;
/** What is left of the step between the sound and its stand-in one sample later, at 8 samples a millisecond. */
const settling = 0.94;

/** Stands in for sound that is not there. */
export interface Concealment {
	/** From here on the sound is missing: what was before `position` goes on. `last` is what was played last, part by part. */
	begin(sound: Tracks, position: number, last: ArrayLike<number>): void;
	/** The sample that is due, of one part. */
	sample(part: number): number;
	/** On to the next sample. */
	step(): void;
	/** Nothing is left of what went on. */
	readonly isSilent: boolean;
}

/**
 * The last period of the voice is repeated, fading: what a lost frame hides sounds on, and a longer gap ends as speech ends,
 * without a click. (The idea is that of ITU-T G.711 Appendix I.)
 */
export function concealment(msSamples: number): Concealment {
	const rows = parts.map(() => new Float32Array(longestMs * msSamples));
	const steps = new Float32Array(parts.length);
	const settle = settling ** (8 / msSamples);
	let lag = 1;
	let at = 0;
	let gain = 0;
	return {
		begin(sound, position, last) {
			const known = position - sound.from;
			const isKnown = known >= 3 * longestMs * msSamples;
			lag = isKnown ? periodAt(sound, position - 10 * msSamples, -1).lag : 5 * msSamples;
			at = 0;
			gain = 1;
			const blend = lag >> 2;
			for (let part = 0; part < rows.length; part++) {
				const row = rows[part] as Float32Array;
				for (let i = 0; i < lag; i++) {
					const one = sound.sample(part, position - lag + i);
					// The end of the period goes over into what came before its beginning, so that it can follow itself.
					const into = i - (lag - blend);
					const share = into >= 0 ? (into + 1) / (blend + 1) : 0;
					row[i] = one * (1 - share) + (share > 0 ? sound.sample(part, position - 2 * lag + i) * share : 0);
				}
				steps[part] = (last[part] as number) - (row[lag - 1] as number);
			}
		},
		sample: (part) => ((rows[part] as Float32Array)[at % lag] as number) * gain + (steps[part] as number),
		step() {
			at++;
			const ms = at / msSamples;
			gain = ms <= steadyMs ? 1 : Math.max(0, 1 - (ms - steadyMs) / (goneMs - steadyMs));
			for (let part = 0; part < steps.length; part++) {
				const left = (steps[part] as number) * settle;
				steps[part] = Math.abs(left) > 1e-5 ? left : 0;
			}
		},
		get isSilent() {
			return gain === 0;
		},
	};
}
