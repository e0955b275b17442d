import { v7 as uuidV7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { frameMs, type Leg } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';
import { platforms } from '#tests/peers/peers.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { handClock } from '#tests/support/clock.ts';
import { bestCorrelation, correlation } from '#tests/support/correlation.ts';
import { heardLeg } from '#tests/support/heard-legs.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { speech } from '#tests/support/speech.ts';
import { onRecord } from '#tests/support/test-call.ts';

const key = 'a-key-for-this-platform';
const frames = 150;
const wires = platforms.flatMap((platform) => platform.rates.map((rate) => [platform.name, rate, platform] as const));

const linearOf = (leg: Uint8Array) => Int16Array.from(leg, (code) => ulawTable[code] as number);
const bothLegs = [
	['customer', 'agent'],
	['agent', 'customer'],
] as const;

/** A call of the platform's in a house of its own, and a supervisor who hears it. */
async function heardCall(platform: Platform, rate: number) {
	const clock = handClock();
	const { env, reach, stop } = await platform.inHouse(key);
	if (stop) onTestFinished(stop);
	const app = await openHouse(env, { clock });
	const peer = await platform.start({ address: reach?.(app) ?? app.address(), key, agent: 'ann', rate });
	await onRecord(app, peer.callId);
	const supervisor = await app.live('sue');
	const listeningId = uuidV7();
	expect(await supervisor.ask(peer.callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();
	return { app, clock, peer, ear };
}

describe.each(wires)('speech through %s at %i Hz', (_name, rate, platform) => {
	test('what went in comes out, each voice on its own leg, as long as it was [G1] [A1]', async () => {
		const sound = await speech(frames * (rate / 8000));
		const { app, clock, peer, ear } = await heardCall(platform, rate);
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
		const linear = { customer: linearOf(sound.customer), agent: linearOf(sound.agent) };
		const everybody = linear.customer.map((sample, at) => sample + (linear.agent[at] as number));
		for (const [leg, other] of isMixed ? ([['customer']] as const) : bothLegs) {
			const source = isMixed ? everybody : linear[leg];
			const heard = heardLeg(ear.heard.all, leg);
			const { lag, alike } = bestCorrelation(heard, source, 2 * size);
			expect(alike).toBeGreaterThanOrEqual(0.99);
			if (other) expect(bestCorrelation(heard, linear[other], 2 * size).alike).toBeLessThan(0.3);
			expect(Math.abs(heard.length - source.length)).toBeLessThanOrEqual(size);
			// Both legs on one time line: neither is moved against its own beginning by more than a frame.
			expect(Math.abs(lag)).toBeLessThanOrEqual(size);
		}
		expect(app.log()).not.toContain(key);
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
