import { expect, test } from 'vitest';
import { framer } from '#client/audio/framer.ts';
import { ulawTable } from '#shared/g711.ts';

/** A second of a tone from the microphone, 128 samples at a time, as frames. */
function framed(rate: number, { muted = false, loud = 0.5 } = {}) {
	const frames: { frame: Uint8Array; peak: number }[] = [];
	const take = framer(rate, (frame, peak) => frames.push({ frame, peak }));
	for (let at = 0; at + 128 <= rate; at += 128)
		take(
			Float32Array.from({ length: 128 }, (_, i) => loud * Math.sin((2 * Math.PI * 440 * (at + i)) / rate)),
			muted,
		);
	return frames;
}

test.each([8000, 16_000, 44_100, 48_000, 96_000])(
	'a microphone at %i Hz gives fifty frames of 20 ms a second, as loud as it spoke',
	(rate) => {
		const frames = framed(rate);
		expect(frames.length).toBeGreaterThanOrEqual(49);
		expect(frames.length).toBeLessThanOrEqual(50);
		expect(new Set(frames.map(({ frame }) => frame.length))).toEqual(new Set([160]));
		const samples = frames
			.slice(5)
			.flatMap(({ frame }) => [...frame].map((byte) => (ulawTable[byte] as number) / 32768));
		const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
		expect(Math.sqrt(2 * power)).toBeGreaterThan(0.49);
		expect(Math.sqrt(2 * power)).toBeLessThan(0.51);
		expect(frames.at(-1)?.peak).toBeGreaterThan(0.45);
	},
);

test('while muted the frames go on and hold nothing but silence', () => {
	const frames = framed(48_000, { muted: true });
	expect(frames.length).toBeGreaterThanOrEqual(49);
	for (const { frame, peak } of frames) {
		expect(peak).toBe(0);
		expect(frame.every((byte) => byte === 0xff)).toBe(true);
	}
});

test('what is louder than loud is held at the loudest, not wrapped', () => {
	const loudest = framed(48_000, { loud: 3 }).at(-1)?.frame as Uint8Array;
	const values = [...loudest].map((byte) => ulawTable[byte] as number);
	expect(Math.max(...values)).toBe(32_124);
	expect(Math.min(...values)).toBe(-32_124);
});
