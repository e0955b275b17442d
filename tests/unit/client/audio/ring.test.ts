import { describe, expect, test } from 'vitest';
import { type Ring, ring } from '#client/audio/ring.ts';
import { frameSamples, parts, type SoundMessage, silent } from '#shared/audio.ts';
import { alawTable, ulawTable } from '#shared/g711.ts';
import { type Heard, simulate, type Weather } from '#tests/support/link-simulator.ts';

const message = (mediaMs: number, byte: number, more: Partial<SoundMessage> = {}): SoundMessage => ({
	codec: 'pcmu',
	frames: 1,
	sequence: mediaMs / 20,
	mediaMs,
	serverMs: (mediaMs + 1020) >>> 0,
	levels: { customer: silent, agent: silent, executive: silent },
	parts: { customer: new Uint8Array(frameSamples).fill(byte), agent: new Uint8Array(frameSamples).fill(byte ^ 0x80) },
	...more,
});
/** The next `ms` of each leg. */
const heard = (one: Ring, ms: number) => {
	const outputs = parts.map(() => new Float32Array(ms * 8));
	one.pull(outputs, ms * 8);
	return outputs as [Float32Array, Float32Array, Float32Array];
};
/** The largest step from one sample to the next. */
const steepest = (sound: Float32Array) =>
	sound.reduce((most, sample, i) => (i ? Math.max(most, Math.abs(sample - (sound[i - 1] as number))) : 0), 0);
/** The value in the middle of a 20 ms frame, away from the joints at its edges. */
const middle = (sound: Float32Array) => sound[80];
const loud = (byte: number) => (ulawTable[byte] as number) / 32768;

describe('the jitter buffer', () => {
	test('waits for 40 ms of sound, then plays it in order', () => {
		const one = ring();
		one.push(message(0, 1));
		expect(heard(one, 20)[0].every((sample) => sample === 0)).toBe(true);
		expect(one.playing).toBe(false);
		one.push(message(20, 2));
		expect(one.bufferMs).toBe(40);
		one.push(message(40, 3));
		expect([1, 2, 3].map(() => middle(heard(one, 20)[0]))).toEqual([loud(1), loud(2), loud(3)]);
	});

	test('puts what comes in the wrong order where it belongs, and a message that comes twice only once', () => {
		const one = ring();
		for (const [mediaMs, byte] of [
			[0, 1],
			[20, 2],
			[60, 4],
			[60, 4],
			[40, 3],
			[100, 6],
			[80, 5],
			[0, 9],
		] as const)
			one.push(message(mediaMs, byte));
		expect([1, 2, 3, 4, 5, 6].map(() => middle(heard(one, 20)[0]))).toEqual([1, 2, 3, 4, 5, 6].map(loud));
		expect(one.lostMs).toBe(0);
	});

	test('lets what was before it sound on where a message is missing, just as long, and counts it', () => {
		const one = ring();
		for (const n of [0, 1, 2, 4, 5]) one.push(message(n * 20, n + 1));
		const sound = [1, 2, 3, 4, 5, 6].map(() => middle(heard(one, 20)[0]));
		expect(sound.toSpliced(3, 1)).toEqual([1, 2, 3, 5, 6].map(loud));
		expect(sound[3]).toBeCloseTo(loud(3), 1);
		expect([one.lostMs, one.concealedMs]).toEqual([20, 20]);
	});

	test('throws away what comes after its time', () => {
		const one = ring();
		for (const mediaMs of [0, 40, 60, 80, 100]) one.push(message(mediaMs, 1));
		heard(one, 60);
		one.push(message(20, 77));
		expect([0, 1].map(() => middle(heard(one, 20)[0]))).toEqual([loud(1), loud(1)]);
	});

	test('keeps both legs side by side when one of them is missing from a message, or comes by itself', () => {
		const one = ring();
		const { customer, agent } = message(0, 5).parts as { customer: Uint8Array; agent: Uint8Array };
		one.push(message(0, 5, { parts: { customer } }));
		one.push(message(20, 5, { parts: { agent } }));
		one.push(message(40, 5, { parts: { customer } }));
		one.push(message(40, 5, { parts: { agent } }));
		const sound = [0, 1, 2].map(() => heard(one, 20).map(middle));
		expect(sound.map(([c, a]) => [c, a])).toEqual([
			[loud(5), 0],
			[0, loud(5 ^ 0x80)],
			[loud(5), loud(5 ^ 0x80)],
		]);
	});

	test('plays A-law, the executive, and messages of 60 ms', () => {
		const one = ring();
		const executive = new Uint8Array(3 * frameSamples).fill(20);
		one.push(message(0, 0, { codec: 'pcma', frames: 3, parts: { executive } }));
		one.push(message(60, 0, { codec: 'pcma', frames: 3, parts: { executive } }));
		expect(middle(heard(one, 20)[2])).toBe((alawTable[20] as number) / 32768);
	});

	test('goes on when media time wraps at 2^32', () => {
		const one = ring();
		for (let n = -3; n < 3; n++) one.push(message((n * 20) >>> 0, 50 + n));
		expect([-3, -2, -1, 0, 1, 2].map(() => middle(heard(one, 20)[0])).slice(-3)).toEqual([50, 51, 52].map(loud));
	});

	test('says the server time and the media time of what it plays next', () => {
		const one = ring();
		for (const mediaMs of [1000, 1020, 1040]) one.push(message(mediaMs, 1));
		heard(one, 30);
		expect([one.mediaMs, one.told?.serverMs]).toEqual([1030, 2030]);
	});

	test('ends without a click when nothing comes any more, and fills up again before it goes on', () => {
		const one = ring();
		for (const mediaMs of [0, 20, 40]) one.push(message(mediaMs, 1));
		heard(one, 60);
		const [after] = heard(one, 80);
		expect(Math.abs(after[0] as number)).toBeGreaterThan(0.5);
		expect(steepest(after)).toBeLessThan(0.06);
		expect(after.subarray(61 * 8).every((sample) => sample === 0)).toBe(true);
		one.push(message(60, 1));
		heard(one, 20);
		expect([one.playing, one.underruns]).toEqual([false, 1]);
		one.push(message(80, 1));
		one.push(message(100, 1));
		expect(one.playing).toBe(true);
		expect(steepest(heard(one, 40)[0])).toBeLessThan(0.05);
		// What came late is heard, not thrown away.
		expect(one.mediaMs).toBe(100);
	});

	test('that is hushed ends without a click, plays nothing of what waited, and then what comes next', () => {
		const one = ring();
		for (let n = 0; n < 6; n++) one.push(message(n * 20, 1));
		heard(one, 20);
		one.hush();
		const [after] = heard(one, 80);
		expect(Math.abs(after[0] as number)).toBeGreaterThan(0.5);
		expect(steepest(after)).toBeLessThan(0.06);
		expect(after[79 * 8]).toBe(0);
		for (let n = 6; n < 10; n++) one.push(message(n * 20, 50));
		expect([0, 1].map(() => middle(heard(one, 20)[0]))).toEqual([loud(50), loud(50)]);
	});

	test('that is hushed begins again with as little delay as at first, whatever it had come to', () => {
		const one = ring();
		const begun = () => {
			let n = 0;
			while (!one.playing) one.push(message(place++ * 20, ++n));
			return one.bufferMs;
		};
		let place = 0;
		const first = begun();
		// It ran dry again and again, and keeps more each time.
		for (let dry = 0; dry < 4; dry++) {
			heard(one, 400);
			begun();
		}
		expect(one.bufferMs).toBeGreaterThan(first);
		one.hush();
		heard(one, 20);
		expect(begun()).toBe(first);
	});

	test('jumps to live when more than 0.8 s has piled up, and says what was missed', () => {
		const one = ring();
		for (let n = 0; n < 100; n++) one.push(message(n * 20, 1));
		expect(one.bufferMs).toBeLessThanOrEqual(820);
		for (let n = 100; n < 200; n++) one.push(message(n * 20, 1));
		expect(one.bufferMs).toBeLessThanOrEqual(820);
		expect(one.missedMs + one.bufferMs).toBe(4000);
	});

	test('begins anew when the sender does, and is not led astray by a few messages from long ago', () => {
		const one = ring();
		const later = 7_200_000;
		for (let n = 0; n < 5; n++) one.push(message(later + n * 20, 1));
		heard(one, 20);
		for (let n = 0; n < 3; n++) one.push(message(n * 20, 9));
		expect(middle(heard(one, 20)[0])).toBe(loud(1));
		for (let n = 0; n < 12; n++) one.push(message(n * 20, 9));
		heard(one, 20);
		expect(middle(heard(one, 20)[0])).toBe(loud(9));
	});

	test('is not led astray by one message from far ahead', () => {
		const one = ring();
		for (let n = 0; n < 5; n++) one.push(message(n * 20, 1));
		one.push(message(3_600_000, 9));
		for (let n = 5; n < 20; n++) one.push(message(n * 20, 1));
		heard(one, 40);
		expect(middle(heard(one, 20)[0])).toBe(loud(1));
	});
});

/** Every kind of weather: how long the sound may be away at once, and how late it may be. */
const kinds: [name: string, weather: Weather, mostOutageMs: number, mostDelayMs: number][] = [
	['a calm network', { seconds: 30 }, 0, 110],
	['40 ms of jitter', { seconds: 60, jitterMs: 40 }, 60, 180],
	['120 ms of jitter', { seconds: 60, jitterMs: 120 }, 200, 330],
	['stalls of 200 ms', { seconds: 60, stalls: { everyMs: 9000, forMs: 200 } }, 300, 420],
	['stalls of two seconds', { seconds: 60, stalls: { everyMs: 15_000, forMs: 2000 } }, 2100, 600],
	['5 % loss', { seconds: 30, loss: 0.05, jitterMs: 20 }, 100, 180],
	['reordering', { seconds: 30, reorder: 0.1 }, 60, 160],
	['messages that come twice', { seconds: 30, twice: 0.2, jitterMs: 20 }, 60, 160],
	['a sender that is too fast', { seconds: 120, driftPpm: 400 }, 10, 160],
	['a sender that is too slow', { seconds: 120, driftPpm: -400 }, 10, 160],
	['a sender that is too fast and never quiet', { seconds: 120, driftPpm: 400, noSilence: true }, 10, 170],
	[
		'everything at once',
		{ seconds: 90, jitterMs: 60, stalls: { everyMs: 11_000, forMs: 300 }, loss: 0.02, twice: 0.05, driftPpm: 200 },
		500,
		600,
	],
];

describe.each(kinds)('through %s', (_, weather, mostOutageMs, mostDelayMs) => {
	test.each([1, 2, 3])(
		'every sample is in its place, the legs together, the delay bounded, and it goes on (seed %i)',
		(seed) => {
			const { wrong, delays, longestOutageMs, playedMs } = simulate(seed, weather);
			expect(wrong).toEqual([]);
			expect(longestOutageMs).toBeLessThanOrEqual(mostOutageMs);
			expect(Math.max(...delays.map((one) => one.delayMs))).toBeLessThanOrEqual(mostDelayMs);
			const awayMs = weather.stalls ? (weather.seconds * 1000 * weather.stalls.forMs) / weather.stalls.everyMs : 0;
			expect(playedMs).toBeGreaterThan(weather.seconds * 1000 - 2 * awayMs - 1500);
		},
	);
});

describe('delay', () => {
	const meanBetween = (delays: { atMs: number; delayMs: number }[], fromMs: number, toMs: number) => {
		const some = delays.filter((one) => one.atMs >= fromMs && one.atMs < toMs);
		return some.reduce((sum, one) => sum + one.delayMs, 0) / some.length;
	};

	test('grows with one bad stall, and is back where it was within five seconds', () => {
		const { delays, ring: one } = simulate(1, { seconds: 80, stalls: { everyMs: 30_000, forMs: 250 } });
		const first = delays.filter((each) => each.atMs < 59_000);
		expect(meanBetween(first, 20_000, 29_000)).toBeLessThan(100);
		expect(Math.max(...first.map((each) => each.delayMs))).toBeGreaterThan(250);
		expect(meanBetween(first, 35_500, 40_000)).toBeLessThan(130);
		expect(meanBetween(first, 56_000, 59_000)).toBeLessThan(100);
		expect(one.underruns).toBeLessThanOrEqual(2);
	});

	test('comes back in silence only, while there is any', () => {
		const calm = simulate(1, { seconds: 40 }).ring;
		expect([calm.droppedMs, calm.addedMs, calm.underruns]).toEqual([0, 0, 0]);
	});

	test('is what the network asks for: a wider spread of arrivals is met with a longer buffer, without running dry again', () => {
		const narrow = simulate(4, { seconds: 40, jitterMs: 10 });
		const wide = simulate(4, { seconds: 40, jitterMs: 150 });
		expect(meanBetween(wide.delays, 20_000, 40_000)).toBeGreaterThan(meanBetween(narrow.delays, 20_000, 40_000) + 80);
		expect(wide.ring.underruns).toBeLessThanOrEqual(2);
	});

	test('after the call paused is as before it, and the pause is no underrun', () => {
		const { delays, ring: one, wrong } = simulate(1, { seconds: 40, pause: { fromMs: 10_000, forMs: 15_000 } });
		expect(wrong).toEqual([]);
		expect(meanBetween(delays, 30_000, 40_000)).toBeLessThan(meanBetween(delays, 5_000, 10_000) + 25);
		expect([one.underruns, one.lostMs]).toEqual([0, 0]);
	});
});

/** Sixty and forty ms, as over a mobile network; of the messages so many begin a stall of 300 ms. */
const mobile = { baseMs: 20, jitterMs: 80 };
const stalls = (share: number) => ({ stallShare: { share, forMs: 300 } });
const delaysBetween = ({ delays }: Heard, fromMs: number, toMs: number) =>
	delays.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ delayMs }) => delayMs);

describe('after an outage of 3 s on a bad link', () => {
	test.each([1000, 3000].flatMap((keptMs) => [1, 2, 3].map((seed) => [keptMs, seed] as const)))(
		'with %i ms kept by the server, all that is said after it is heard, what was missed is counted, and it is live (seed %i)',
		(keptMs, seed) => {
			const outage = { atMs: 20_000, forMs: 3000, keptMs };
			const seconds = 40;
			const heardIt = simulate(seed, { seconds, ...mobile, ...stalls(0.02), voiceHz: 140, outage });
			const usual = Math.max(...delaysBetween(heardIt, 10_000, 20_000));
			expect(Math.max(...delaysBetween(heardIt, 28_000, 40_000))).toBeLessThan(usual + 100);
			const { ring: one, heardMs } = heardIt;
			let unheard = 0;
			for (let ms = 23_000; ms < 39_000; ms++) if (!heardMs.has(ms)) unheard++;
			// What was left out is silence or whole periods of a voice, of which the like was heard.
			expect(unheard).toBeLessThanOrEqual(one.droppedMs + 10);
			expect(one.missedMs + one.lostMs).toBeGreaterThan(1500);
			expect(one.missedMs + one.lostMs).toBeLessThan(3300);
			expect(steepest(heardIt.sound)).toBeLessThan(0.12);
		},
	);
});

describe('a voice', () => {
	/** The mean pitch of each 100 ms in which it sounds all the time, from where it crosses zero upwards. */
	function pitches({ sound, standIn, rate }: Heard): number[] {
		const crossings: number[] = [];
		for (let i = 1; i < sound.length; i++) {
			const [before, now] = [sound[i - 1] as number, sound[i] as number];
			if (before < 0 && now >= 0) crossings.push(i - now / (now - before));
		}
		const found: number[] = [];
		for (let n = 14; n < crossings.length; n += 7) {
			const span = (crossings[n] as number) - (crossings[n - 14] as number);
			const isReal = !standIn.subarray(Math.floor(crossings[n - 14] as number), crossings[n]).includes(1);
			if (span < rate * 0.12 && isReal) found.push((14 * rate) / span);
		}
		return found;
	}

	test.each([
		['without stalls', mobile],
		['with a stall now and then', { ...mobile, stalls: { everyMs: 9000, forMs: 300 } }],
		['with 2 % stalls', { ...mobile, ...stalls(0.02) }],
		['in a wideband call', { ...mobile, ...stalls(0.02), codec: 'pcmu16' as const }],
		['when messages get longer and shorter', { ...mobile, frames: (n: number) => 1 + (Math.floor(n / 150) % 3) }],
	])('keeps its pitch and does not click %s', (_, weather) => {
		const heardIt = simulate(5, { seconds: 40, voiceHz: 140, noSilence: true, ...weather });
		const found = pitches(heardIt);
		expect(found.length).toBeGreaterThan(600);
		expect(found.filter((hz) => Math.abs(hz / 140 - 1) > 0.01)).toEqual([]);
		expect(steepest(heardIt.sound)).toBeLessThan(0.12);
		expect(heardIt.wrong).toEqual([]);
	});

	test('never runs: it catches up by a quarter at most', () => {
		const heardIt = simulate(6, {
			seconds: 60,
			...mobile,
			stalls: { everyMs: 11_000, forMs: 500 },
			voiceHz: 140,
			noSilence: true,
		});
		const { delays } = heardIt;
		for (let n = 50; n < delays.length; n++) {
			const [now, before] = [delays[n], delays[n - 50]] as [(typeof delays)[0], (typeof delays)[0]];
			expect(before.delayMs - now.delayMs).toBeLessThanOrEqual((now.atMs - before.atMs) * 0.25 + 20);
		}
		expect(heardIt.ring.missedMs).toBe(0);
		expect(heardIt.ring.droppedMs).toBeGreaterThan(500);
	});
});

test.each([300, -300])(
	'a device whose clock is %i ppm off has the same delay at the end, and nothing was cut for it',
	(driftPpm) => {
		const heardIt = simulate(7, { seconds: 240, baseMs: 1, jitterMs: 5, driftPpm });
		const { droppedMs, addedMs, missedMs, ppm } = heardIt.ring;
		expect([droppedMs, addedMs, missedMs]).toEqual([0, 0, 0]);
		expect(ppm).toBeGreaterThan(driftPpm - 60);
		expect(ppm).toBeLessThan(driftPpm + 60);
		expect(Math.max(...delaysBetween(heardIt, 180_000, 240_000))).toBeLessThan(
			Math.max(...delaysBetween(heardIt, 20_000, 60_000)) + 10,
		);
	},
);

describe('what is chosen and told', () => {
	const loudPart = (byte: number, frames = 1) => new Uint8Array(frames * frameSamples).fill(byte);
	test('one mixed leg plays as one, and going over to it and back leaves no hole [A10]', () => {
		const one = ring();
		const outputs = parts.map(() => new Float32Array(160));
		const seen: (number | undefined)[][] = [];
		for (let n = 0; n < 20; n++) {
			const isMixed = n >= 8 && n < 14;
			one.push(message(n * 20, 5, isMixed ? { parts: { mixed: loudPart(7) } } : {}));
			if (n < 2) continue;
			one.pull(outputs, 160);
			seen.push(outputs.map(middle));
		}
		expect(seen[2]).toEqual([loud(5), loud(5 ^ 0x80), 0, 0]);
		expect(seen[9]).toEqual([0, 0, 0, loud(7)]);
		expect(seen[16]).toEqual([loud(5), loud(5 ^ 0x80), 0, 0]);
		expect([one.lostMs, one.concealedMs]).toEqual([0, 0]);
	});
	test('silence that was left out is no loss, and is not quite dead [A10]', () => {
		const one = ring();
		const levels = { customer: { talks: false, below: 62 }, agent: silent, executive: silent };
		for (let n = 0; n < 5; n++) one.push(message(n * 60, 0, { frames: 3, parts: {}, silenceLeftOut: true, levels }));
		const [customer, agent] = heard(one, 200);
		expect(Math.max(...customer.subarray(100))).toBeGreaterThan(0.0003);
		expect(Math.max(...customer)).toBeLessThan(0.006);
		expect(Math.max(...agent)).toBe(0);
		expect(one.lostMs).toBe(0);
	});
	test('who talks is told for what is played, not for what waits [A12]', () => {
		const one = ring();
		const talking = { customer: { talks: true, below: 10 }, agent: silent, executive: silent };
		for (let n = 0; n < 4; n++) one.push(message(n * 20, 1, n >= 2 ? { levels: talking, overtalk: true } : {}));
		expect(one.told?.levels.customer.talks).toBe(false);
		heard(one, 40);
		expect(one.told).toMatchObject({ levels: talking, overtalk: true, frames: 1 });
	});
});
