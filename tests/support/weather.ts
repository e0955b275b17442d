import { randomNumbers } from '#tests/support/seed.ts';

/** What a link does to what is sent over it, in order as TCP does. */
export interface LinkWeather {
	/** Everything is late by this, ± up to `jitterMs`. */
	baseMs: number;
	jitterMs: number;
	/** Share of pieces, 0 to 1, that begin a stall: nothing comes for `stallMs`, then everything at once. */
	stallShare: number;
	stallMs: number;
	/** From `atMs` on nothing comes for so long, then everything. */
	outage?: { atMs: number; forMs: number };
}

/** When each piece that is sent at `atMs`, in ms since the link began, comes out: never before an earlier one. Same seed, same link. */
export function arrivals(weather: LinkWeather, seed: number): (atMs: number) => number {
	const { baseMs, jitterMs, stallShare, stallMs, outage } = weather;
	const draw = randomNumbers(seed);
	const random = () => draw(1_000_000) / 1_000_000;
	let lastMs = 0;
	let stalledUntilMs = 0;
	return (atMs) => {
		let comesMs = Math.max(atMs, atMs + baseMs + (2 * random() - 1) * jitterMs);
		if (random() < stallShare && comesMs >= stalledUntilMs) stalledUntilMs = comesMs + stallMs;
		comesMs = Math.max(comesMs, stalledUntilMs, lastMs);
		if (outage && comesMs >= outage.atMs) comesMs = Math.max(comesMs, outage.atMs + outage.forMs);
		lastMs = comesMs;
		return comesMs;
	};
}
