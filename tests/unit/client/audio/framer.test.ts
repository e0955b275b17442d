import { describe, expect, test } from 'vitest';
import { framer } from '#client/audio/framer.ts';
import { type Codec, codecs, frameBytes, rateOf, silenceByte } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';
import { goertzel } from '#tests/support/tone.ts';

interface Spoken {
	codec?: Codec;
	hz?: number;
	muted?: boolean;
	loud?: number;
}

/** A second of a tone from the microphone, 128 samples at a time. */
function* spoken(rate: number, hz: number, loud: number): Generator<Float32Array> {
	for (let at = 0; at + 128 <= rate; at += 128)
		yield Float32Array.from({ length: 128 }, (_, i) => loud * Math.sin((2 * Math.PI * hz * (at + i)) / rate));
}

/** That second, as frames. */
function framed(rate: number, { codec = 'pcmu', hz = 440, muted = false, loud = 0.5 }: Spoken = {}) {
	const frames: { frame: Uint8Array; peak: number }[] = [];
	const { take } = framer(rate, codec, (frame, peak) => frames.push({ frame, peak }));
	for (const piece of spoken(rate, hz, loud)) take(piece, muted);
	return frames;
}
const linear = (frames: Uint8Array[], codec: Codec) =>
	frames.flatMap((frame) => [...frame].map((byte) => (tableOf[codec][byte] as number) / 32768));

describe.each(codecs)('in %s', (codec) => {
	test.each([8000, 16_000, 44_100, 48_000, 96_000])(
		'a microphone at %i Hz gives fifty frames of 20 ms a second, as loud as it spoke',
		(rate) => {
			const frames = framed(rate, { codec });
			expect(frames.length).toBeGreaterThanOrEqual(49);
			expect(frames.length).toBeLessThanOrEqual(50);
			expect(new Set(frames.map(({ frame }) => frame.length))).toEqual(new Set([frameBytes(codec)]));
			const samples = linear(
				frames.slice(5).map(({ frame }) => frame),
				codec,
			);
			const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
			expect(Math.sqrt(2 * power)).toBeGreaterThan(0.49);
			expect(Math.sqrt(2 * power)).toBeLessThan(0.51);
			expect(frames.at(-1)?.peak).toBeGreaterThan(0.45);
		},
	);

	test('while muted the frames go on and hold nothing but silence', () => {
		const frames = framed(48_000, { codec, muted: true });
		expect(frames.length).toBeGreaterThanOrEqual(49);
		for (const { frame, peak } of frames) {
			expect(peak).toBe(0);
			expect(frame.every((byte) => byte === silenceByte[codec])).toBe(true);
		}
	});
});

test('what is louder than loud is held at the loudest, not wrapped', () => {
	const loudest = framed(48_000, { loud: 3 }).at(-1)?.frame as Uint8Array;
	const values = [...loudest].map((byte) => tableOf.pcmu[byte] as number);
	expect(Math.max(...values)).toBe(32_124);
	expect(Math.min(...values)).toBe(-32_124);
});

test.each([
	['pcmu', 3000, 0.5],
	['pcmu', 6000, 0],
	['pcmu16', 6000, 0.5],
	['pcmu16', 7000, 0.5],
] as const)('%s carries %i Hz at %f of full scale, and nothing folded down from above its band', (codec, hz, peak) => {
	const frames = framed(48_000, { codec, hz }).slice(5);
	const samples = linear(
		frames.map(({ frame }) => frame),
		codec,
	);
	expect(
		Math.abs(goertzel(samples, hz < rateOf[codec] / 2 ? hz : rateOf[codec] - hz, rateOf[codec]) - peak),
	).toBeLessThan(0.02);
});

test('told another codec in the middle, it speaks it from the next frame on, at its rate', () => {
	const given: [Codec, number][] = [];
	const { take, speak } = framer(48_000, 'pcmu', (frame, _, codec) => given.push([codec, frame.length]));
	let count = 0;
	for (const piece of spoken(48_000, 440, 0.5)) {
		if (++count === 190) speak('pcmu16');
		take(piece, false);
	}
	const before = given.filter(([codec]) => codec === 'pcmu');
	const after = given.slice(before.length);
	expect(new Set(before.map(String))).toEqual(new Set(['pcmu,160']));
	expect(new Set(after.map(String))).toEqual(new Set(['pcmu16,320']));
	expect([before.length, after.length]).toEqual([25, 24]);
});
