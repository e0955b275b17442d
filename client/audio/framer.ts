import { kernel } from '#client/audio/kernel.ts';
import { resampler } from '#client/audio/resample.ts';
import { frameSamples, sampleRate, silenceByte } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';

/** A quantum is 128 frames today; the specification lets it grow. */
const most = 2048;

/**
 * Turns sound at `deviceRate` into 20 ms frames of µ-law at 8 kHz. While muted the frames go on, as silence: the other
 * end's buffer must not think that the line broke.
 */
export function framer(deviceRate: number, framed: (frame: Uint8Array<ArrayBuffer>, peak: number) => void) {
	const change = resampler(kernel(deviceRate, sampleRate), deviceRate, most);
	const heard = new Float32Array(Math.ceil((most * sampleRate) / deviceRate) + 2);
	let frame = new Uint8Array(frameSamples);
	let filled = 0;
	let peak = 0;
	return (input: Float32Array, muted: boolean): void => {
		const count = change.run(input, input.length, heard);
		for (let i = 0; i < count; i++) {
			const sample = muted ? 0 : (heard[i] as number);
			peak = Math.max(peak, Math.abs(sample));
			frame[filled++] = muted ? silenceByte.pcmu : encodeUlaw(Math.round(Math.min(1, Math.max(-1, sample)) * 32767));
			if (filled < frameSamples) continue;
			framed(frame, peak);
			frame = new Uint8Array(frameSamples);
			filled = 0;
			peak = 0;
		}
	};
}
