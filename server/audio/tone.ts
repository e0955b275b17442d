/** Full scale of 16-bit samples: a sine with this peak is 0 dBFS. (AES17) */
const fullScale = 32_768;

/** The level of a sine with this peak in 16-bit samples, in dBFS; −100 for what is not there. */
export const dbfsOf = (peak: number): number => Math.max(-100, 20 * Math.log10(Math.max(peak, 1e-9) / fullScale));

/**
 * The peak of one frequency in 16-bit samples, by Goertzel's recurrence under Hann's window, so that a tone beside it does not
 * leak in: a sine of peak p measures p. (G. Goertzel, 1958)
 */
export function peakAt(samples: ArrayLike<number>, hz: number, rate: number): number {
	const factor = 2 * Math.cos((2 * Math.PI * hz) / rate);
	let last = 0;
	let before = 0;
	for (let at = 0; at < samples.length; at++) {
		const weight = 1 - Math.cos((2 * Math.PI * at) / samples.length);
		const now = weight * (samples[at] as number) + factor * last - before;
		before = last;
		last = now;
	}
	const power = last * last + before * before - factor * last * before;
	return (2 * Math.sqrt(Math.max(0, power))) / Math.max(1, samples.length);
}
