import { ring } from '#client/audio/ring.ts';
import { frameSamples, legs, type SoundMessage, silent } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';
import { randomNumbers } from '#tests/support/seed.ts';

/** How a simulated network treats the messages of a call, one each 20 ms. */
export interface Weather {
	seconds: number;
	/** Each message is late by up to this. */
	jitterMs?: number;
	/** Now and then nothing comes for so long, then everything at once, as TCP does. */
	stalls?: { everyMs: number; forMs: number };
	/** Share of messages that never come. */
	loss?: number;
	/** Share of messages that come after their successor. */
	reorder?: number;
	/** Share of messages that come twice. */
	twice?: number;
	/** The sender's clock runs this much faster than the listener's, in parts per million. */
	driftPpm?: number;
	/** Nobody is ever quiet. */
	noSilence?: boolean;
	/** The call pauses: nothing is sent, media time goes on. */
	pause?: { fromMs: number; forMs: number };
}

/** What the listener's ear got, sample by sample. */
export interface Heard {
	/** What went wrong with a sample: not what belongs at its place, or the legs apart. Empty when all is well. */
	wrong: string[];
	/** Delay from being spoken to being heard, in ms, each 20 ms while playing. */
	delays: { atMs: number; delayMs: number }[];
	/** Longest stretch without any sound being played, after the first. */
	longestOutageMs: number;
	playedMs: number;
	ring: ReturnType<typeof ring>;
}

/** Whether somebody speaks at a place: 1.6 s of speech, 0.4 s of quiet. */
const speaks = (position: number, noSilence: boolean) => noSilence || position % 16_000 < 12_800;
/** What the customer says at a place: a loud byte that belongs there and nowhere near. The agent says the same, negated. */
const spoken = (position: number, noSilence: boolean) => {
	if (!speaks(position, noSilence)) return 0xff;
	const mixed = Math.imul(position ^ (position >>> 7), 0x9e3779b1) >>> 0;
	return ((mixed >>> 24) & 0x80) | ((mixed >>> 16) & 0x3f);
};
const value = (byte: number) => (ulawTable[byte] as number) / 32768;

/** A ring at the end of a simulated network, on simulated time; the same for the same seed. */
export function simulate(seed: number, weather: Weather): Heard {
	const {
		seconds,
		jitterMs = 0,
		stalls,
		loss = 0,
		reorder = 0,
		twice = 0,
		driftPpm = 0,
		noSilence = false,
		pause,
	} = weather;
	const draw = randomNumbers(seed);
	const random = () => draw(1_000_000) / 1_000_000;
	const arrivals: { atMs: number; order: number; message: SoundMessage; start: number }[] = [];
	const dropped = new Set<number>();
	let lastMs = 0;
	const baseMs = 30;
	for (let n = 0; n * 20 < seconds * 1000; n++) {
		const spokenMs = (n * 20) / (1 + driftPpm / 1e6);
		if (pause && n * 20 >= pause.fromMs && n * 20 < pause.fromMs + pause.forMs) continue;
		const start = n * frameSamples;
		if (random() < loss) {
			dropped.add(n);
			continue;
		}
		const customer = Uint8Array.from({ length: frameSamples }, (_, i) => spoken(start + i, noSilence));
		const message: SoundMessage = {
			codec: 'pcmu',
			frames: 1,
			sequence: n,
			mediaMs: n * 20,
			serverMs: n * 20 + 20,
			levels: { customer: silent, agent: silent, executive: silent },
			parts: { customer, agent: customer.map((byte) => byte ^ 0x80) },
		};
		let atMs = spokenMs + 20 + baseMs + random() * jitterMs;
		if (stalls) {
			const into = atMs % stalls.everyMs;
			if (atMs > stalls.everyMs && into < stalls.forMs) atMs += stalls.forMs - into;
		}
		// In order, as in a TCP stream, unless the weather says otherwise.
		atMs = Math.max(atMs, lastMs);
		lastMs = atMs;
		const after = random() < reorder ? 25 : 0;
		arrivals.push({ atMs: atMs + after, order: n, message, start });
		if (random() < twice) arrivals.push({ atMs: atMs + random() * 400, order: n, message, start });
	}
	arrivals.sort((a, b) => a.atMs - b.atMs || a.order - b.order);

	const one = ring();
	const outputs = legs.map(() => new Float32Array(1));
	const wrong: string[] = [];
	const delays: Heard['delays'] = [];
	let next = 0;
	let expected = 0;
	let steady = 0;
	let outage = 0;
	let longest = 0;
	let played = 0;
	for (let sample = 0; sample < seconds * 8000; sample++) {
		const nowMs = sample / 8;
		for (; next < arrivals.length && (arrivals[next] as (typeof arrivals)[0]).atMs <= nowMs; next++)
			one.push((arrivals[next] as (typeof arrivals)[0]).message);
		const wasPlaying = one.playing;
		const place = Math.round(one.mediaMs * 8);
		one.pull(outputs, 1);
		const customer = (outputs[0] as Float32Array)[0] as number;
		const agent = (outputs[1] as Float32Array)[0] as number;
		if (Math.abs(customer + agent) > 1e-6 && wrong.length < 5) wrong.push(`legs apart at ${place}`);
		const went = Math.round(one.mediaMs * 8) === place + 1;
		steady = wasPlaying && one.playing && went && place === expected ? steady + 1 : 0;
		expected = place + 1;
		if (one.playing && went) {
			played++;
			longest = Math.max(longest, outage);
			outage = 0;
			if (sample % 160 === 0) delays.push({ atMs: nowMs, delayMs: nowMs - place / 8 / (1 + driftPpm / 1e6) });
		} else if (played > 0) outage++;
		// Two places are blended for 5 ms after a jump.
		if (steady <= 41) continue;
		const there = value(spoken(place, noSilence));
		const silent = dropped.has(Math.floor(place / frameSamples)) || loss + reorder > 0;
		const right = Math.abs(customer - there) < 1e-6 || (silent && customer === 0);
		if (!right && wrong.length < 5) wrong.push(`at ${place}: ${customer}, not ${there}`);
	}
	return { wrong, delays, longestOutageMs: Math.max(longest, outage) / 8, playedMs: played / 8, ring: one };
}
