import { describe, expect, test } from 'vitest';
import { frameMs, type Leg } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';
import { platforms } from '#tests/peers/peers.ts';
import { bestCorrelation, correlation } from '#tests/support/correlation.ts';
import { heardLeg } from '#tests/support/heard-legs.ts';
import { peerCall } from '#tests/support/peer-call.ts';
import { rechunking } from '#tests/support/rechunking.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { speech } from '#tests/support/speech.ts';

const frames = 150;
const wires = platforms.flatMap((platform) => platform.rates.map((rate) => [platform.name, rate, platform] as const));

const linear = (code: number) => ulawTable[code] as number;
const linearOf = (leg: Uint8Array) => Int16Array.from(leg, linear);
const bothLegs = [
	['customer', 'agent'],
	['agent', 'customer'],
] as const;

describe.each(wires)('speech through %s at %i Hz', (_name, rate, platform) => {
	test('what went in comes out, each voice on its own leg, as long as it was [G1] [A1]', async () => {
		const sound = await speech(frames * (rate / 8000));
		const { app, clock, peer, ear, key } = await peerCall(platform, rate);
		const isMixed = platform.hears === 'mix';
		const size = (rate * frameMs) / 1000;
		const newest = (leg: Leg) => ear.heard.all.filter(({ parts }) => parts[leg]).length;
		// Frame by frame: two sockets are read in two bursts, and the hub waits 40 ms for a leg.
		for (let frame = 0; frame < frames; frame++) {
			const next = (leg: Uint8Array) => leg.subarray(frame * size, (frame + 1) * size);
			await peer.play(next(sound.customer), next(sound.agent));
			clock.advance(frameMs);
			// Of a leg that was never heard nobody waits: a listener may miss its first frame.
			await ear.heard.when(() => newest('customer') >= frame && (isMixed || newest('agent') >= frame));
		}
		await peer.hangUp();
		const voices = { customer: linearOf(sound.customer), agent: linearOf(sound.agent) };
		const everybody = voices.customer.map((sample, at) => sample + (voices.agent[at] as number));
		for (const [leg, other] of isMixed ? ([['customer']] as const) : bothLegs) {
			const source = isMixed ? everybody : voices[leg];
			const heard = heardLeg(ear.heard.all, leg);
			const { lag, alike } = bestCorrelation(heard, source, 2 * size);
			expect(alike).toBeGreaterThanOrEqual(0.99);
			if (other) expect(bestCorrelation(heard, voices[other], 2 * size).alike).toBeLessThan(0.3);
			expect(Math.abs(heard.length - source.length)).toBeLessThanOrEqual(size);
			// Both legs on one time line: neither is moved against its own beginning by more than a frame.
			expect(Math.abs(lag)).toBeLessThanOrEqual(size);
		}
		expect(app.log()).not.toContain(key);
	});
});

/** Wires on which all that is sent comes by a stream of bytes, and can tell when it was read. */
const streams = wires.filter(([, , { byPackets }]) => !byPackets);

describe.each(streams)('on the wire of %s at %i Hz', (name, rate, platform) => {
	const size = (rate * frameMs) / 1000;

	test('any split of the bytes gives the same samples [G1]', async () => {
		const seed = seedFor(`rechunking of ${name}`);
		const way = await rechunking(seed);
		const sound = await speech(30 * (rate / 8000));
		const { clock, peer, ear } = await peerCall(platform, rate, way);
		for (let from = 0; from < sound.customer.length; from += size) {
			await peer.play(sound.customer.subarray(from, from + size), sound.agent.subarray(from, from + size));
			await peer.settled?.();
			clock.advance(frameMs);
		}
		await peer.hangUp();
		const legs = platform.hears === 'mix' ? (['customer'] as const) : (['customer', 'agent'] as const);
		const all = (leg: Leg) => ear.heard.all.filter(({ parts }) => parts[leg]).length;
		// Of a leg that was never heard nobody waits: a listener may miss its first frame.
		await ear.heard.when(() => legs.every((leg) => all(leg) >= 29));
		const everybody = Int16Array.from(sound.customer, (code, at) => linear(code) + linear(sound.agent[at] as number));
		for (const leg of legs) {
			const heard = heardLeg(ear.heard.all, leg);
			const source = platform.hears === 'mix' ? everybody : linearOf(sound[leg]);
			const { alike } = bestCorrelation(heard, source, size);
			expect(alike).toBeGreaterThanOrEqual(0.99);
			// To the sample, where nothing is mixed on the way.
			if (platform.hears !== 'mix') expect(heard).toEqual(source.subarray(source.length - heard.length));
		}
		// Some wires put two legs in one message: fewer, and still several to each frame now and then.
		expect(way.pieces).toBeGreaterThan(60);
	});

	test('whatever is lost, positions go on and stay within 60 ms of the wall clock [A3]', async () => {
		const seed = seedFor(`losses of ${name}`);
		const random = randomNumbers(seed);
		const { clock, peer, ear } = await peerCall(platform, rate);
		let played = 0;
		/** When sound had come for 100 ms without a loss, by the server's clock. */
		const flowing = new Set<number>();
		for (let stretch = 0; stretch < 40; stretch++) {
			const frames = 1 + random(12);
			for (let frame = 0; frame < frames; frame++, played++) {
				// What comes after a gap may be held for what should have come before it, but not longer than 60 ms.
				if (frame >= 5) flowing.add(clock.now() % 2 ** 32);
				await peer.play(new Uint8Array(size).fill(0x40), new Uint8Array(size).fill(0x41));
				await peer.settled?.();
				clock.advance(frameMs);
			}
			const lost = 1 + random(stretch % 8 === 0 ? 60 : 6);
			peer.lose?.(lost);
			clock.advance(lost * frameMs);
		}
		await peer.settled?.();
		await peer.hangUp();
		await ear.heard.when(() => ear.heard.all.length > played * 0.8);
		const [first] = ear.heard.all;
		let reached = -1;
		for (const { mediaMs, serverMs, frames } of ear.heard.all) {
			expect(mediaMs).toBeGreaterThan(reached);
			reached = mediaMs + (frames - 1) * frameMs;
			const wallMs = serverMs - (first?.serverMs ?? 0);
			const endMs = mediaMs - (first?.mediaMs ?? 0) + frames * frameMs;
			if (flowing.has(serverMs)) expect(Math.abs(wallMs - endMs)).toBeLessThanOrEqual(60);
		}
		expect(ear.heard.all.some(({ serverMs }) => flowing.has(serverMs))).toBe(true);
	});
});

test('the measure itself tells a swapped, a shorter and a noisy sound from a right one', async () => {
	const { customer, agent } = await speech(50);
	const [one, other] = [linearOf(customer), linearOf(agent)];
	expect(correlation(one, one)).toBeCloseTo(1);
	expect(bestCorrelation(one, other, 320).alike).toBeLessThan(0.3);
	expect(bestCorrelation(one.subarray(40), one, 320)).toMatchObject({ lag: 40, alike: expect.closeTo(1, 1) });
	const holed = one.map((sample, at) => (at % 1600 < 160 ? 0 : sample));
	expect(correlation(one, holed)).toBeLessThan(0.99);
});
