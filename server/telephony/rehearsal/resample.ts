/**
 * Sampling-rate conversion downwards by a windowed-sinc low-pass, one set of taps for each phase of the output between
 * two input samples (polyphase; A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 4.6). The telephone
 * band, up to 3.4 kHz, passes; what would fold back into it is 60 dB down.
 */

/** Where the low-pass is half way, of the output's rate: between 3.4 and 4 kHz at 8 kHz. */
const cutoff = 3700 / 8000;
/** How far the taps reach to each side, in output samples. With the window below: 600 Hz from pass to stop at 8 kHz. */
const reach = 27;
/** Kaiser's window for 65 dB. */
const beta = 6.2;

/** `samples` at rate `from`, at the lower rate `to`; both whole numbers of Hz. The same rate gives the same samples. */
export function resample(samples: Int16Array, from: number, to: number): Int16Array {
	if (from === to) return samples;
	const divisor = greatestCommonDivisor(from, to);
	const phases = to / divisor;
	const step = from / divisor;
	const half = Math.ceil((reach * from) / to);
	const tapsOf: (Float64Array | undefined)[] = new Array(phases);
	const out = new Int16Array(Math.round((samples.length * to) / from));
	for (let index = 0; index < out.length; index++) {
		const place = index * step;
		const phase = place % phases;
		const before = (place - phase) / phases;
		tapsOf[phase] ??= tapsAt(phase / phases, half, (cutoff * to) / from);
		const taps = tapsOf[phase];
		// Sound outside the recording is silence: the sum runs over what is there.
		const first = Math.max(0, half - 1 - before);
		const last = Math.min(taps.length, samples.length - 1 - before + half);
		const base = before - half + 1;
		let sum = 0;
		for (let tap = first; tap < last; tap++) sum += (taps[tap] as number) * (samples[base + tap] as number);
		out[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
	}
	return out;
}

/** Taps for an output sample that lies `offset` of an input sample after one; they add up to one, so loudness stays. */
function tapsAt(offset: number, half: number, width: number): Float64Array {
	const taps = new Float64Array(2 * half);
	let sum = 0;
	for (let tap = 0; tap < taps.length; tap++) {
		const distance = tap - half + 1 - offset;
		const tapered = Math.sqrt(Math.max(0, 1 - (distance / half) ** 2));
		const weight = sinc(2 * width * distance) * bessel(beta * tapered);
		taps[tap] = weight;
		sum += weight;
	}
	return taps.map((weight) => weight / sum);
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** The modified Bessel function of the first kind, order zero, by its series. */
function bessel(x: number): number {
	let sum = 1;
	let term = 1;
	for (let k = 1; term > 1e-12 * sum; k++) {
		term *= (x / (2 * k)) ** 2;
		sum += term;
	}
	return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
