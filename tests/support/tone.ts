import { sampleRate } from '#shared/audio.ts';
import { encodeUlaw, ulawTable } from '#shared/g711.ts';

export interface ToneOptions {
	/** Peak, of 32,767. */
	peak?: number;
	/** Samples a second. */
	rate?: number;
}

/** A sine in 16-bit linear samples. */
export function toneSamples(
	hz: number,
	ms: number,
	{ peak = 12_000, rate = sampleRate }: ToneOptions = {},
): Int16Array {
	return Int16Array.from({ length: Math.round((ms * rate) / 1000) }, (_, index) =>
		Math.round(peak * Math.sin((2 * Math.PI * hz * index) / rate)),
	);
}

/** A sine as µ-law, ready for a leg; at 8 kHz unless said. */
export const tone = (hz: number, ms: number, options: ToneOptions = {}) =>
	Uint8Array.from(toneSamples(hz, ms, options), encodeUlaw);

/** The peak of one frequency in linear samples, by Goertzel's recurrence: a sine of peak p measures p, another about 0. */
export function goertzel(samples: ArrayLike<number>, hz: number, rate = sampleRate): number {
	const turn = (2 * Math.PI * hz) / rate;
	const factor = 2 * Math.cos(turn);
	let last = 0;
	let before = 0;
	for (let index = 0; index < samples.length; index++) {
		const now = (samples[index] as number) + factor * last - before;
		before = last;
		last = now;
	}
	const power = last * last + before * before - factor * last * before;
	return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The peak of one frequency in µ-law sound, at 8 kHz unless said. */
export const peakOf = (sound: Uint8Array, hz: number, rate = sampleRate) =>
	goertzel(
		Array.from(sound, (byte) => ulawTable[byte] as number),
		hz,
		rate,
	);

/** The amplitude of one frequency in a piece of sound, whatever is beside it. */
export function amplitude(sound: Float32Array, hz: number, rate: number): number {
	let re = 0;
	let im = 0;
	let weights = 0;
	sound.forEach((sample, i) => {
		// Hann's window, so that a tone next to it does not leak in.
		const weight = 1 - Math.cos((2 * Math.PI * i) / sound.length);
		re += weight * sample * Math.cos((2 * Math.PI * hz * i) / rate);
		im += weight * sample * Math.sin((2 * Math.PI * hz * i) / rate);
		weights += weight;
	});
	return (2 * Math.hypot(re, im)) / weights;
}

export const decibels = (ratio: number) => 20 * Math.log10(Math.max(ratio, 1e-9));
