/** The coefficients of a rate change: `phases` short filters of `taps` each, one after the other. */
export interface Kernel {
	/** Output and input samples that take the same time: `up` out for `down` in, without a common divisor. */
	up: number;
	down: number;
	taps: number;
	phases: Float32Array;
}

/** Zero crossings of the sinc on each side. With this window: 3.4 kHz passes flat, its image at 4.6 kHz is 70 dB down. */
const crossings = 16;
/** The Kaiser window's shape: 70 dB of rejection. (Kaiser 1974: 0.1102 × (A − 8.7)) */
const beta = 6.76;

/** The modified Bessel function of the first kind and order zero, as the sum of its series. */
function besselI0(x: number): number {
	let sum = 1;
	let term = 1;
	for (let n = 1; term > sum * 1e-9; n++) {
		term *= (x / (2 * n)) ** 2;
		sum += term;
	}
	return sum;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** A windowed sinc that lets pass what both rates can carry, cut into one filter for each place between two samples. */
export function kernel(fromRate: number, toRate: number): Kernel {
	const common = gcd(Math.round(fromRate), Math.round(toRate));
	const up = Math.round(toRate) / common;
	const down = Math.round(fromRate) / common;
	return { up, down, ...filters(fromRate, toRate, up, up) };
}

/** `count` filters, `between` of them to the distance of two input samples. */
export function filters(fromRate: number, toRate: number, count: number, between: number) {
	const widen = Math.max(1, fromRate / toRate);
	const taps = 2 * Math.ceil(crossings * widen);
	const phases = new Float32Array(count * taps);
	const edge = besselI0(beta);
	for (let phase = 0; phase < count; phase++) {
		let sum = 0;
		for (let tap = 0; tap < taps; tap++) {
			// Time from the filter's middle, in samples of the slower rate.
			const at = (tap - taps / 2 + 1 - phase / between) / widen;
			const inside = 1 - (at / crossings) ** 2;
			const window = inside > 0 ? besselI0(beta * Math.sqrt(inside)) / edge : 0;
			const sinc = at === 0 ? 1 : Math.sin(Math.PI * at) / (Math.PI * at);
			phases[phase * taps + tap] = sinc * window;
			sum += sinc * window;
		}
		// Each filter passes a constant unchanged: otherwise the filters' differences would be a tone of their own.
		for (let tap = 0; tap < taps; tap++) phases[phase * taps + tap] = (phases[phase * taps + tap] as number) / sum;
	}
	return { taps, phases };
}
