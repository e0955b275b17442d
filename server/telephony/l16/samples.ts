import { encodeUlaw } from '#shared/g711.ts';

const none = new Uint8Array(0);

/**
 * Linear samples of 16 bits, little-endian, the channels of a moment side by side, as µ-law of the same rate: what a listener's
 * tab plays as it is. (ITU-T G.711) The bytes may be cut anywhere; each call gives back, for each channel, the samples that
 * are whole by then.
 */
export function linearSamples(channels: 1 | 2): (bytes: Uint8Array) => readonly Uint8Array[] {
	const width = 2 * channels;
	/** The beginning of a sample whose end has not come. */
	let begun: Uint8Array = none;

	return (bytes) => {
		const linear = begun.length === 0 ? bytes : Buffer.concat([begun, bytes]);
		const count = Math.floor(linear.length / width);
		begun = count * width === linear.length ? none : Uint8Array.from(linear.subarray(count * width));
		return Array.from({ length: channels }, (_, channel) => {
			const piece = new Uint8Array(count);
			for (let sample = 0, at = 2 * channel; sample < count; sample++, at += width) {
				const value = (linear[at] as number) | ((linear[at + 1] as number) << 8);
				piece[sample] = encodeUlaw((value << 16) >> 16);
			}
			return piece;
		});
	};
}
