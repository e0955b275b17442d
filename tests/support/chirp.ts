import { sampleRate } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';

/** A chirp says by its frequency where in the call it is: the customer's rises, the agent's falls, both begin anew together. */
export const chirpMs = 4000;
const lowHz = 400;
const highHz = 2800;
const hzPerMs = (highHz - lowHz) / chirpMs;
const peak = 12_000;

/** Both legs' chirps as linear samples from −1 to 1. `pitch` shifts them as a player that plays too fast would. */
export function chirps(ms: number, { rate = sampleRate, fromMs = 0, pitch = 1 } = {}) {
	const length = Math.round((ms * rate) / 1000);
	const [customer, agent] = [new Float32Array(length), new Float32Array(length)];
	let [rising, falling] = [0, 0];
	for (let at = 0; at < length; at++) {
		const risenHz = ((fromMs + (at * 1000) / rate) % chirpMs) * hzPerMs;
		rising += (2 * Math.PI * pitch * (lowHz + risenHz)) / rate;
		falling += (2 * Math.PI * pitch * (highHz - risenHz)) / rate;
		customer[at] = (peak / 32_768) * Math.sin(rising);
		agent[at] = (peak / 32_768) * Math.sin(falling);
	}
	return { customer, agent };
}

/** The same as µ-law for the wire. */
export function chirpsOnTheWire(ms: number): { customer: Uint8Array; agent: Uint8Array } {
	const { customer, agent } = chirps(ms);
	const wire = (samples: Float32Array) => Uint8Array.from(samples, (one) => encodeUlaw(Math.round(one * 32_768)));
	return { customer: wire(customer), agent: wire(agent) };
}

/** What an ear heard of the chirps. */
export interface HeardChirps {
	/** Where in the call the sound was, each 10 ms in which it could be told; counted on over the beginnings of chirps. */
	places: { atMs: number; positionMs: number }[];
	/** Jumps forward in the call, and stretches of silence after the first sound and before the last, over 15 ms. */
	gapsMs: number[];
	silencesMs: number[];
	/** Jumps back in the call, over 15 ms. */
	repeatsMs: number[];
	/** Stretches of more than 60 ms more than 1 % too high or too low. */
	pitchErrors: number;
	/** How far the customer's leg is before the agent's, in the middle of all places, were the pitch right; good to a few ms. */
	apartMs: number;
	/** The customer's chirp was on the second channel. */
	swapped: boolean;
}

const hopMs = 10;
const windowMs = 20;
/** A measurement of a window is good to a few ms. */
const noticedMs = 15;
const audible = 0.05;
/** Of a window's power, what one frequency may leave unexplained: ten times what G.711 adds. */
const mostUnlike = 0.02;

/** Finds gaps, repeats and pitch errors in what two channels rendered. Tells places apart that are less than a chirp apart. */
export function heardChirps(first: Float32Array, second: Float32Array, rate: number): HeardChirps {
	const swapped = rises(second, rate) > rises(first, rate);
	const [customer, agent] = swapped ? [second, first] : [first, second];
	const found: HeardChirps = {
		places: [],
		gapsMs: [],
		silencesMs: [],
		repeatsMs: [],
		pitchErrors: 0,
		apartMs: Number.NaN,
		swapped,
	};
	const apart: number[] = [];
	const jumps: { atMs: number; ms: number }[] = [];
	let offMs = 0;
	let silentMs = 0;
	const endMs = (customer.length * 1000) / rate - windowMs;
	for (let atMs = 0; atMs <= endMs; atMs += hopMs) {
		const rising = frequency(customer, atMs, rate);
		const falling = frequency(agent, atMs, rate);
		const last = found.places.at(-1);
		if (rising === undefined && falling === undefined) silentMs += last ? hopMs : 0;
		const pitch = rising && falling ? (rising + falling) / (lowHz + highHz) : 1;
		// Around the beginning of a chirp a window holds two frequencies of each leg.
		const told = rising && falling && Math.abs(pitch - 1) < 0.15 && rising > lowHz + 40 && rising < highHz - 40;
		if (!told) continue;
		apart.push((rising + falling - lowHz - highHz) / hzPerMs);
		offMs = Math.abs(pitch - 1) > 0.01 ? offMs + hopMs : 0;
		if (offMs === 60 + hopMs) found.pitchErrors++;
		const inChirpMs = (rising / pitch - lowHz) / hzPerMs - windowMs / 2;
		// The call waits in a silence, or goes on; after one that is nearly a chirp long it is taken to have gone on.
		const expectedMs = last ? last.positionMs + atMs - last.atMs - silentMs : inChirpMs;
		const wentOnMs = silentMs > chirpMs * 0.75 ? silentMs : 0;
		const moved = wentOnMs + nearest(inChirpMs - expectedMs - wentOnMs);
		found.places.push({ atMs, positionMs: expectedMs + moved });
		if (silentMs > noticedMs) found.silencesMs.push(silentMs);
		// A window over a jump lies between its ends, so that one jump looks like two.
		if (Math.abs(moved) > noticedMs) {
			const before = jumps.at(-1);
			if (before && atMs - before.atMs <= windowMs) {
				before.ms += moved;
				before.atMs = atMs;
			} else jumps.push({ atMs, ms: moved });
		}
		silentMs = 0;
	}
	for (const { ms } of jumps) {
		// A window of two frequencies that looked like one: back and forth is no jump, and a whole chirp cannot be told from none.
		if (Math.abs(ms) <= noticedMs || Math.abs(ms - chirpMs) <= noticedMs) continue;
		(ms > 0 ? found.gapsMs : found.repeatsMs).push(Math.abs(ms));
	}
	found.apartMs = apart.sort((one, other) => one - other)[apart.length >> 1] ?? Number.NaN;
	return found;
}

/** A difference within a chirp: forward, unless it is back by less than a quarter of one. */
const nearest = (ms: number) => {
	const forward = ((ms % chirpMs) + chirpMs) % chirpMs;
	return forward > chirpMs * 0.75 ? forward - chirpMs : forward;
};

/** The one frequency in a window, in Hz: what x(n+d) + x(n−d) = 2 cos(ωd) x(n) fits best; nothing where it is quiet, not a number where it is more than one. */
function frequency(samples: Float32Array, atMs: number, rate: number): number | undefined {
	const step = Math.max(1, Math.floor(rate / sampleRate));
	const from = Math.round((atMs * rate) / 1000) + step;
	const to = Math.round(((atMs + windowMs) * rate) / 1000) - step;
	let [product, power, sums] = [0, 0, 0];
	for (let at = from; at < to; at++) {
		const here = samples[at] as number;
		const around = (samples[at - step] as number) + (samples[at + step] as number);
		product += here * around;
		power += here * here;
		sums += around * around;
	}
	if (Math.sqrt(power / (to - from)) < audible) return undefined;
	if ((sums - product ** 2 / power) / power > mostUnlike) return Number.NaN;
	return (Math.acos(Math.max(-1, Math.min(1, product / (2 * power)))) * rate) / (2 * Math.PI * step);
}

/** How many windows have a higher frequency than the one before, less those with a lower. */
function rises(samples: Float32Array, rate: number): number {
	let count = 0;
	let last: number | undefined;
	for (let atMs = 0; atMs < (samples.length * 1000) / rate - windowMs; atMs += windowMs) {
		const now = frequency(samples, atMs, rate);
		if (now && last) count += Math.sign(now - last);
		last = now;
	}
	return count;
}
