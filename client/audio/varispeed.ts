import { filters } from '#client/audio/kernel.ts';

/** Places between two input samples for which there is a filter; in between two of them are mixed. Errors lie 80 dB down. */
const places = 64;

/** The change of rate before the speakers, for channels side by side, at a speed that can be trimmed while it runs. */
export interface Varispeed {
	/** How many input samples the next `outputs` output samples take. */
	needs(outputs: number): number;
	/** Takes the first `count` of each input, which is what the outputs' length needs; fills the outputs. */
	run(inputs: readonly Float32Array[], count: number, outputs: readonly Float32Array[]): void;
	/** From the next sample on so much faster, in parts per million. */
	trim(ppm: number): void;
	/** How much later sound comes out than it went in. */
	readonly delayMs: number;
}

/** `most` is the longest input given at once. */
export function varispeed(fromRate: number, toRate: number, channels: number, most: number): Varispeed {
	const { taps, phases } = filters(fromRate, toRate, places + 1, places);
	const lines = Array.from({ length: channels }, () => new Float32Array(taps + most));
	const filter = new Float32Array(taps);
	const pace = fromRate / toRate;
	let step = pace;
	/** Where the next output lies after the last input sample that was taken, in input samples. */
	let place = 1;
	return {
		needs: (outputs) => (outputs === 0 ? 0 : Math.floor(place + (outputs - 1) * step)),
		run(inputs, count, outputs) {
			const length = (outputs[0] as Float32Array).length;
			for (let channel = 0; channel < channels; channel++) {
				const input = inputs[channel] as Float32Array;
				(lines[channel] as Float32Array).set(count === input.length ? input : input.subarray(0, count), taps);
			}
			for (let n = 0; n < length; n++) {
				const at = place + n * step;
				const whole = Math.floor(at);
				const exact = (at - whole) * places;
				const low = Math.floor(exact);
				const share = exact - low;
				const first = low * taps;
				for (let tap = 0; tap < taps; tap++) {
					const one = phases[first + tap] as number;
					filter[tap] = one + ((phases[first + taps + tap] as number) - one) * share;
				}
				for (let channel = 0; channel < channels; channel++) {
					const line = lines[channel] as Float32Array;
					let sum = 0;
					for (let tap = 0; tap < taps; tap++) sum += (filter[tap] as number) * (line[whole + tap] as number);
					(outputs[channel] as Float32Array)[n] = sum;
				}
			}
			place += length * step - count;
			for (const line of lines) line.copyWithin(0, count, count + taps);
		},
		trim(ppm) {
			step = pace * (1 + ppm / 1e6);
		},
		delayMs: ((taps / 2) * 1000) / fromRate,
	};
}
