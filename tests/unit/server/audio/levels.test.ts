import { describe, expect, test } from 'vitest';
import { legLevel } from '#server/audio/levels.ts';
import { shippedRecording } from '#server/telephony/rehearsal/recording.ts';
import { type Codec, codecs, frameBytes, frameMs, rateOf, silenceByte } from '#shared/audio.ts';
import { encoderOf, tableOf } from '#shared/g711.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { toneSamples } from '#tests/support/tone.ts';

const fullScale = (codec: Codec) => Math.max(...tableOf[codec]);
/** A sine so many dB under full scale of a square wave, by its RMS. */
function sine(codec: Codec, dBov: number, ms: number) {
	const peak = fullScale(codec) * Math.SQRT2 * 10 ** (dBov / 20);
	return Uint8Array.from(toneSamples(500, ms, { peak, rate: rateOf[codec] }), encoderOf[codec]);
}
function taken(codec: Codec, sound: Uint8Array, level = legLevel(codec)) {
	const size = frameBytes(codec);
	const talks: boolean[] = [];
	for (let at = 0; at + size <= sound.length; at += size) {
		level.take(sound.subarray(at, at + size));
		talks.push(level.talks);
	}
	return { level, talks };
}

describe.each(codecs)('%s: how loud a leg is [A1]', (codec) => {
	test('a sine at full scale is 3 below a square wave at full scale', () => {
		expect(taken(codec, sine(codec, -3.01, 200)).level.below).toBe(3);
		const square = Uint8Array.from(
			{ length: frameBytes(codec) },
			(_, at) => (at & 1 ? 0x80 : 0) ^ (codec === 'pcma' ? 0x2a : 0),
		);
		expect(taken(codec, square).level.below).toBe(0);
	});
	test.each([10, 20, 30, 40])('a sine %i below full scale is told as that', (below) => {
		expect(taken(codec, sine(codec, -below, 200)).level.below).toBe(below);
	});
	test('speech as quiet as 40 below talks within 40 ms and until 300 ms after; a minute without a pause talks on', () => {
		const { talks, level } = taken(codec, sine(codec, -40, 60_000));
		expect(talks.slice(1).every(Boolean)).toBe(true);
		expect(level.byte).toBe(0x80 | 40);
		const after = taken(codec, new Uint8Array(frameBytes(codec) * 20).fill(silenceByte[codec]), level);
		expect(after.talks.filter(Boolean)).toHaveLength(300 / frameMs);
		expect(level.talks).toBe(false);
	});
	test('noise 55 below does not talk, nor does silence, nor a leg that is absent', () => {
		const random = randomNumbers(seedFor('levels'));
		const peak = fullScale(codec) * Math.sqrt(3) * 10 ** (-55 / 20);
		const noise = Uint8Array.from({ length: frameBytes(codec) * 500 }, () =>
			encoderOf[codec](Math.round((random(2001) / 1000 - 1) * peak)),
		);
		const { level, talks } = taken(codec, noise);
		expect(talks).not.toContain(true);
		taken(codec, sine(codec, -20, 100), level);
		expect(level.talks).toBe(true);
		level.absent();
		expect(level).toMatchObject({ byte: 127, below: 127, talks: false });
	});
});

test('in the shipped recording it finds who speaks by the script', async () => {
	const recording = await shippedRecording();
	for (const leg of ['customer', 'agent'] as const) {
		const { talks } = taken('pcmu', recording[leg]);
		const speaks = talks.map(() => false);
		for (const scene of recording.scenes) {
			for (const turn of scene.turns ?? []) {
				if (!('leg' in turn) || turn.leg !== leg) continue;
				speaks.fill(true, turn.startMs / frameMs, Math.ceil(turn.endMs / frameMs));
			}
		}
		const both = talks.filter((talk, at) => talk && speaks[at]).length;
		const precision = both / talks.filter(Boolean).length;
		const recall = both / speaks.filter(Boolean).length;
		// What is not precise is the 300 ms after each turn.
		expect(recall).toBeGreaterThan(0.95);
		expect(precision).toBeGreaterThan(0.85);
	}
});
