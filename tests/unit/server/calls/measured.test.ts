import { describe, expect, test } from 'vitest';
import { dbfsOf, peakAt } from '#server/audio/tone.ts';
import { knownVoice, signalFrames, signalHz, signalLegs, signalSounds } from '#server/calls/known-signal.ts';
import { type HeardFrames, measured, takeDown } from '#server/calls/measured.ts';
import { type Codec, decodeSound, encodeSound, frameBytes, frameMs, frameSamples, type Leg } from '#shared/audio.ts';
import { encoderOf, ulawTable } from '#shared/g711.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { toneSamples } from '#tests/support/tone.ts';

const [customer, agent] = [knownVoice('customer'), knownVoice('agent')];
const sentAtMs = Array.from({ length: signalFrames }, (_, frame) => 1000 + frame * frameMs);

interface Path {
	codec?: Codec;
	/** Sound is heard so much later than it was sent. */
	delayMs?: number;
	/** The call was on for so many frames before the signal. */
	before?: number;
	/** What is played on each leg; nothing for a leg that is not there. */
	legs?: Partial<Record<Leg, (frame: number) => Int16Array>>;
	frames?: number;
	lost?: (frame: number) => boolean;
	/** Samples by which frames are cut elsewhere. */
	shift?: number;
}
const linear = (voice: Uint8Array) => Int16Array.from(voice, (byte) => ulawTable[byte] as number);
const piece = (voice: Uint8Array, shift = 0) => {
	const samples = linear(voice);
	return (frame: number) => {
		const from = frame * frameSamples - shift;
		return Int16Array.from({ length: frameSamples }, (_, at) => samples[from + at] ?? 0);
	};
};

/** The signal as a listener hears it at the end of a path, in messages of so many frames. */
function heardBy(path: Path = {}): HeardFrames {
	const { codec = 'pcmu', delayMs = 30, before = 4, frames = 1, lost = () => false, shift = 0 } = path;
	const legs = path.legs ?? { customer: piece(customer, shift), agent: piece(agent, shift) };
	const wide = codec === 'pcmu16' ? 2 : 1;
	const code = (samples: Int16Array) =>
		Uint8Array.from({ length: frameBytes(codec) }, (_, at) => encoderOf[codec](samples[Math.floor(at / wide)] ?? 0));
	const heard: HeardFrames = new Map();
	for (let frame = 0; frame < signalFrames; frame += frames) {
		if (lost(frame)) continue;
		const parts = Object.fromEntries(
			Object.entries(legs).map(([leg, at]) => [
				leg,
				Buffer.concat(Array.from({ length: frames }, (_, one) => code(at(frame + one)))),
			]),
		);
		const mediaMs = (before + frame) * frameMs;
		const message = decodeSound(encodeSound({ codec, frames, sequence: frame, mediaMs, serverMs: 0 }, parts));
		if (typeof message === 'string') throw new Error(message);
		takeDown(heard, (sentAtMs[Math.min(frame + frames, signalFrames) - 1] as number) + delayMs, message);
	}
	return heard;
}
const of = (path?: Path, isMix = false) => measured({ sentAtMs, frames: heardBy(path), isMix });

describe('the known signal', () => {
	test('is three seconds of two tones that sound and pause together', () => {
		expect([signalFrames * frameMs, signalSounds.length]).toEqual([3000, 150]);
		for (const leg of signalLegs) {
			const first = linear(knownVoice(leg)).subarray(0, 5 * frameSamples);
			expect(dbfsOf(peakAt(first, signalHz[leg], 8000))).toBeCloseTo(-12, 0);
		}
	});
	test('a tone’s level is measured to a tenth of a decibel, and what is beside it is not measured at all', () => {
		for (const peak of [100, 1000, 8192, 32_000]) {
			const samples = toneSamples(440, 20, { peak });
			expect(dbfsOf(peakAt(samples, 440, 8000))).toBeCloseTo(20 * Math.log10(peak / 32_768), 1);
			expect(peakAt(samples, 880, 8000)).toBeLessThan(peak / 100);
		}
		expect(dbfsOf(0)).toBe(-100);
	});
});

describe('what was heard of it', () => {
	test.each(['pcmu', 'pcma', 'pcmu16'] as const)('whole, in %s: levels, order, delay and length', (codec) => {
		const found = of({ codec, delayMs: 34 });
		expect(found).toMatchObject({ passed: true, order: 'right', delayMs: 34, sentMs: 3000, heardMs: 3000 });
		for (const { sentDbfs, heardDbfs = 0 } of found.legs) expect(Math.abs(heardDbfs - sentDbfs)).toBeLessThan(0.5);
	});
	test('in messages of 60 ms, of which the first frame waits for the last', () => {
		expect(of({ frames: 3, delayMs: 10 })).toMatchObject({ passed: true, delayMs: 30, heardMs: 3000 });
	});
	test('cut elsewhere by the platform is the same signal', () => {
		const random = randomNumbers(seedFor('cuts of the known signal'));
		for (let turn = 0; turn < 20; turn++)
			expect(of({ shift: 1 + random(frameSamples - 1), before: random(200) })).toMatchObject({
				passed: true,
				order: 'right',
			});
	});
	test('with customer and agent in each other’s place', () => {
		expect(of({ legs: { customer: piece(agent), agent: piece(customer) } })).toMatchObject({
			passed: false,
			order: 'swapped',
			why: 'Customer and agent change places.',
		});
	});
	test('with one of them missing says whose', () => {
		expect(of({ legs: { customer: piece(customer) } })).toMatchObject({
			passed: false,
			order: 'missing',
			why: 'The agent was not heard.',
			legs: [{ leg: 'customer', heardDbfs: expect.closeTo(-12, 0) }, { leg: 'agent' }],
		});
	});
	test('in one sound is right for a platform that has only one, and wrong for another', () => {
		const [one, other] = [piece(customer), piece(agent)];
		const both = (frame: number) => one(frame).map((sample, at) => sample + (other(frame)[at] as number));
		expect(of({ legs: { customer: both } }, true)).toMatchObject({ passed: true, order: 'mixed' });
		expect(of({ legs: { customer: both } })).toMatchObject({ passed: false, order: 'mixed' });
	});
	test('much softer than it was sent', () => {
		const soft = (voice: Uint8Array) => (frame: number) => piece(voice)(frame).map((sample) => sample / 4);
		const found = of({ legs: { customer: soft(customer), agent: piece(agent) } });
		expect(found).toMatchObject({ passed: false, order: 'right' });
		expect(found.why).toMatch(/^The customer is heard -2[34]\.\d dBFS loud, and was sent with -12/);
	});
	test('with holes says how much is missing; full of them it is not known any more', () => {
		expect(of({ lost: (frame) => frame >= 60 && frame < 80 })).toMatchObject({
			passed: false,
			why: '400 ms of 3000 are missing.',
			heardMs: 2600,
		});
		expect(of({ lost: (frame) => frame % 2 === 1 })).toMatchObject({
			passed: false,
			why: 'Something was heard, but not the sound that was sent.',
		});
	});
	test('nothing, silence, and something else altogether', () => {
		expect(of({ lost: () => true })).toMatchObject({ passed: false, why: 'Nothing was heard.', heardMs: 0 });
		const quiet = () => new Int16Array(frameSamples);
		expect(of({ legs: { customer: quiet, agent: quiet } }).passed).toBe(false);
		const hum = () => toneSamples(300, 20, { peak: 20_000 });
		expect(of({ legs: { customer: hum, agent: hum } })).toMatchObject({ passed: false, order: 'missing' });
	});
});
