import type { Kernel } from '#client/audio/kernel.ts';

/** One channel's change of rate, as a stream: pieces of any length in, the same sound at the other rate out. */
export interface Resampler {
	/** How many input samples the next `outputs` output samples take. */
	needs(outputs: number): number;
	/** Takes the first `count` of `input`, at most what `output` `needs`; writes what they give and says how many that was. */
	run(input: Float32Array, count: number, output: Float32Array): number;
	/** How much later sound comes out than it went in. */
	readonly delayMs: number;
}

/** `fromRate` is what the kernel was made for; `most` the longest input given at once. */
export function resampler({ up, down, taps, phases }: Kernel, fromRate: number, most = 512): Resampler {
	// The last `taps` samples before the piece stand in front of it, so that a filter reads one stretch.
	const line = new Float32Array(taps + most);
	/** Where between two input samples the next output lies, in `up`-ths. */
	let phase = 0;
	/** Input samples still to come before the next output. */
	let missing = 1;
	return {
		needs(outputs) {
			return outputs === 0 ? 0 : missing + Math.floor((phase + (outputs - 1) * down) / up);
		},
		run(input, count, output) {
			line.set(count === input.length ? input : input.subarray(0, count), taps);
			let written = 0;
			let taken = 0;
			while (written < output.length && taken + missing <= count) {
				taken += missing;
				let sum = 0;
				const filter = phase * taps;
				for (let tap = 0; tap < taps; tap++) sum += (phases[filter + tap] as number) * (line[taken + tap] as number);
				output[written++] = sum;
				phase += down;
				missing = Math.floor(phase / up);
				phase %= up;
			}
			missing -= count - taken;
			line.copyWithin(0, count, count + taps);
			return written;
		},
		delayMs: ((taps / 2) * 1000) / fromRate,
	};
}
