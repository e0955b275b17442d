import { kernel } from '#client/audio/kernel.ts';
import { resampler } from '#client/audio/resample.ts';
import { type Codec, frameBytes, rateOf, silenceByte } from '#shared/audio.ts';
import { encoderOf } from '#shared/g711.ts';

/** A quantum is 128 frames today; the specification lets it grow. */
const most = 2048;

export interface Framer {
	/** What the microphone heard, at its own rate. */
	take(input: Float32Array, muted: boolean): void;
	/** All that is framed from now on is in this codec; a frame that was begun in another is given up. */
	speak(codec: Codec): void;
}

/**
 * Turns sound at `deviceRate` into 20 ms frames, encoded once, in the codec of whoever takes them. While muted the frames
 * go on, as silence: the other end's buffer must not think that the line broke.
 */
export function framer(
	deviceRate: number,
	first: Codec,
	framed: (frame: Uint8Array<ArrayBuffer>, peak: number, codec: Codec) => void,
): Framer {
	let { codec, encode, change, heard } = wayTo(first, deviceRate);
	let frame = new Uint8Array(frameBytes(codec));
	let filled = 0;
	let peak = 0;
	const begin = () => {
		frame = new Uint8Array(frameBytes(codec));
		filled = 0;
		peak = 0;
	};
	return {
		take(input, muted) {
			const count = change.run(input, input.length, heard);
			for (let i = 0; i < count; i++) {
				const sample = muted ? 0 : (heard[i] as number);
				peak = Math.max(peak, Math.abs(sample));
				frame[filled++] = muted ? silenceByte[codec] : encode(Math.round(Math.min(1, Math.max(-1, sample)) * 32767));
				if (filled < frame.length) continue;
				framed(frame, peak, codec);
				begin();
			}
		},
		speak(next) {
			if (next === codec) return;
			({ codec, encode, change, heard } = wayTo(next, deviceRate));
			begin();
		},
	};
}

/** What it takes to get from a device's sound to a codec. */
function wayTo(codec: Codec, deviceRate: number) {
	const rate = rateOf[codec];
	return {
		codec,
		encode: encoderOf[codec],
		change: resampler(kernel(deviceRate, rate), deviceRate, most),
		heard: new Float32Array(Math.ceil((most * rate) / deviceRate) + 2),
	};
}
