import { ring } from '#client/audio/ring.ts';
import { type Codec, frameBytes, frameMs, legs, parts, rateOf, type SoundMessage, silent } from '#shared/audio.ts';
import { encoderOf, tableOf } from '#shared/g711.ts';
import { randomNumbers } from '#tests/support/seed.ts';
import { arrivals } from '#tests/support/weather.ts';

/** How a simulated network treats the messages of a call, one each 20 ms. */
export interface Weather {
	seconds: number;
	/** What every message takes. */
	baseMs?: number;
	/** Each message is late by up to this. */
	jitterMs?: number;
	/** Now and then nothing comes for so long, then everything at once, as TCP does. */
	stalls?: { everyMs: number; forMs: number };
	/** Each message begins such a stall with this share. */
	stallShare?: { share: number; forMs: number };
	/** Nothing comes for so long; the server keeps so much of it and drops what is older. */
	outage?: { atMs: number; forMs: number; keptMs: number };
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
	/** What is said: noise in which every sample is like no other (as unless said otherwise), or a voice of so many Hz. */
	voiceHz?: number;
	codec?: Codec;
	/** How many frames each message holds, by its number. */
	frames?: (message: number) => number;
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
	/** The customer's side, as it left the buffer, and its rate. */
	sound: Float32Array;
	/** Which of its samples stand in for what was not there. */
	standIn: Uint8Array;
	rate: number;
	/** For each played ms of media time, whether it was heard. */
	heardMs: Set<number>;
	ring: ReturnType<typeof ring>;
}

/** Whether somebody speaks at a place: 1.6 s of speech, 0.4 s of quiet. */
const speaks = (ms: number, noSilence: boolean) => noSilence || ms % 2000 < 1600;

/** A ring at the end of a simulated network, on simulated time; the same for the same seed. */
export function simulate(seed: number, weather: Weather): Heard {
	const { seconds, baseMs = 30, jitterMs = 0, stalls, stallShare, outage, loss = 0, reorder = 0, twice = 0 } = weather;
	const { driftPpm = 0, noSilence = false, pause, voiceHz, codec = 'pcmu', frames = () => 1 } = weather;
	const rate = rateOf[codec];
	const perMs = rate / 1000;
	const table = tableOf[codec];
	const encode = encoderOf[codec];
	const draw = randomNumbers(seed);
	const comesAt = arrivals(
		{
			baseMs: baseMs + jitterMs / 2,
			jitterMs: jitterMs / 2,
			stallShare: stallShare?.share ?? 0,
			stallMs: stallShare?.forMs ?? 0,
		},
		seed,
	);
	const random = () => draw(1_000_000) / 1_000_000;
	/** What the customer says at a place: a loud byte that belongs there and nowhere near. The agent says the same, negated. */
	const spoken = (position: number) => {
		if (!speaks(position / perMs, noSilence)) return 0xff;
		if (voiceHz !== undefined) return encode(Math.round(12_000 * Math.sin((2 * Math.PI * voiceHz * position) / rate)));
		const mixed = Math.imul(position ^ (position >>> 7), 0x9e3779b1) >>> 0;
		return ((mixed >>> 24) & 0x80) | ((mixed >>> 16) & 0x3f);
	};
	const value = (byte: number) => (table[byte] as number) / 32768;
	const size = frameBytes(codec);
	const messages: { atMs: number; order: number; message: SoundMessage }[] = [];
	let lastMs = 0;
	let sent = 0;
	for (let n = 0, order = 0; n * frameMs < seconds * 1000; order++) {
		const count = frames(order);
		const place = n;
		n += count;
		const spokenMs = (n * frameMs) / (1 + driftPpm / 1e6);
		const mediaMs = place * frameMs;
		if (pause && mediaMs >= pause.fromMs && mediaMs < pause.fromMs + pause.forMs) continue;
		if (random() < loss) {
			sent++;
			continue;
		}
		const customer = Uint8Array.from({ length: count * size }, (_, i) => spoken(place * size + i));
		const message: SoundMessage = {
			codec,
			frames: count,
			sequence: sent++,
			mediaMs,
			serverMs: n * frameMs,
			levels: { customer: silent, agent: silent, executive: silent },
			parts: { customer, agent: customer.map((byte) => byte ^ 0x80) },
		};
		let atMs = comesAt(spokenMs);
		if (stalls) {
			const into = atMs % stalls.everyMs;
			if (atMs > stalls.everyMs && into < stalls.forMs) atMs += stalls.forMs - into;
		}
		if (outage && spokenMs >= outage.atMs && spokenMs < outage.atMs + outage.forMs) {
			const endMs = outage.atMs + outage.forMs;
			if (spokenMs < endMs - outage.keptMs) continue;
			atMs = Math.max(atMs, endMs);
		}
		// In order, as in a TCP stream, unless the weather says otherwise.
		atMs = Math.max(atMs, lastMs);
		lastMs = atMs;
		const after = random() < reorder ? 25 : 0;
		messages.push({ atMs: atMs + after, order, message });
		if (random() < twice) messages.push({ atMs: atMs + random() * 400, order, message });
	}
	messages.sort((a, b) => a.atMs - b.atMs || a.order - b.order);

	const one = ring(rate);
	const outputs = parts.map(() => new Float32Array(1));
	const sound = new Float32Array(seconds * rate);
	const standIn = new Uint8Array(seconds * rate);
	const wrong: string[] = [];
	const delays: Heard['delays'] = [];
	const heardMs = new Set<number>();
	const [customerAt, agentAt] = [legs.indexOf('customer'), legs.indexOf('agent')];
	let next = 0;
	let expected = 0;
	let steady = 0;
	let silentFor = 0;
	let longest = 0;
	let played = 0;
	let written = 0;
	/** The device's clock takes samples a little faster or slower, as the buffer asks. */
	let owed = 0;
	for (let tick = 0; tick < seconds * rate; tick++) {
		const nowMs = tick / perMs;
		for (; next < messages.length && (messages[next] as (typeof messages)[0]).atMs <= nowMs; next++)
			one.push((messages[next] as (typeof messages)[0]).message);
		owed += 1 + one.ppm / 1e6;
		for (; owed >= 1; owed--) {
			const wasPlaying = one.playing;
			const place = Math.round(one.mediaMs * perMs);
			const before = one.made;
			one.pull(outputs, 1);
			const asItCame = before === 'as it came' && one.made === before;
			const standsIn = before === 'of a stand-in' || one.made === 'of a stand-in';
			const customer = (outputs[customerAt] as Float32Array)[0] as number;
			const agent = (outputs[agentAt] as Float32Array)[0] as number;
			if (written < sound.length) {
				standIn[written] = standsIn ? 1 : 0;
				sound[written++] = customer;
			}
			if (Math.abs(customer + agent) > 1e-6 && wrong.length < 5) wrong.push(`legs apart at ${place}`);
			const went = Math.round(one.mediaMs * perMs) === place + 1;
			steady = wasPlaying && one.playing && went && place === expected && asItCame ? steady + 1 : 0;
			expected = place + 1;
			if (one.playing && went) {
				played++;
				heardMs.add(Math.floor(place / perMs));
				longest = Math.max(longest, silentFor);
				silentFor = 0;
				if (tick % size === 0) delays.push({ atMs: nowMs, delayMs: nowMs - place / perMs / (1 + driftPpm / 1e6) });
			} else if (played > 0) silentFor++;
			// Two places are blended for 5 ms after a jump.
			if (steady <= 5 * perMs + 1) continue;
			const there = value(spoken(place));
			const right = Math.abs(customer - there) < 1e-6;
			if (!right && wrong.length < 5) wrong.push(`at ${place}: ${customer}, not ${there}`);
		}
	}
	return {
		wrong,
		delays,
		longestOutageMs: Math.max(longest, silentFor) / perMs,
		playedMs: played / perMs,
		sound: sound.subarray(0, written),
		standIn,
		rate,
		heardMs,
		ring: one,
	};
}
