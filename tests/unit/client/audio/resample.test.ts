import { describe, expect, test } from 'vitest';
import { kernel } from '#client/audio/kernel.ts';
import { resampler } from '#client/audio/resample.ts';
import { amplitude, decibels } from '#tests/support/tone.ts';

const tone = (hz: number, rate: number, seconds: number) =>
	Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));

/** Everything that comes out, with the input given in pieces of `pieces` samples in turn. */
function changed(input: Float32Array, from: number, to: number, pieces = [160]): Float32Array {
	const change = resampler(kernel(from, to), from, 4096);
	const out: number[] = [];
	for (let at = 0, n = 0; at < input.length; n++) {
		const piece = input.subarray(at, at + (pieces[n % pieces.length] as number));
		const room = new Float32Array(Math.ceil((piece.length * to) / from) + 2);
		const written = change.run(piece, piece.length, room);
		out.push(...room.subarray(0, written));
		at += piece.length;
	}
	return Float32Array.from(out);
}
const steady = (sound: Float32Array, rate: number) => sound.subarray(Math.round(rate * 0.05), Math.round(rate * 0.45));

describe.each([8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])('from 8 kHz to a device at %i Hz', (rate) => {
	test.each([100, 440, 1000, 2500, 3400])('a tone of %i Hz keeps its loudness within 0.05 dB', (hz) => {
		const out = steady(changed(tone(hz, 8000, 0.5), 8000, rate), rate);
		expect(Math.abs(decibels(amplitude(out, hz, rate)))).toBeLessThan(0.05);
	});

	test('stays exactly in time', () => {
		const out = changed(tone(440, 8000, 2), 8000, rate);
		expect(Math.abs(out.length - 2 * rate)).toBeLessThanOrEqual(rate / 8000);
	});
});

describe.each([16_000, 22_050, 44_100, 48_000, 96_000])('from 8 kHz to a device at %i Hz', (rate) => {
	test.each([440, 1000, 3400])('the image of %i Hz is 65 dB below', (hz) => {
		const out = steady(changed(tone(hz, 8000, 0.5), 8000, rate), rate);
		for (const image of [8000 - hz, 8000 + hz])
			if (image < rate / 2) expect(decibels(amplitude(out, image, rate))).toBeLessThan(-65);
	});
});

describe.each([16_000, 44_100, 48_000, 96_000])('from a microphone at %i Hz to 8 kHz', (rate) => {
	test.each([100, 1000, 3400])('a tone of %i Hz keeps its loudness within 0.05 dB', (hz) => {
		const out = steady(changed(tone(hz, rate, 0.5), rate, 8000, [128]), 8000);
		expect(Math.abs(decibels(amplitude(out, hz, 8000)))).toBeLessThan(0.05);
	});

	test.each([4700, 5500, 7000])('what a telephone cannot carry, %i Hz, is not folded into what it can', (hz) => {
		const out = steady(changed(tone(hz, rate, 0.5), rate, 8000, [128]), 8000);
		expect(decibels(amplitude(out, 8000 - hz, 8000))).toBeLessThan(-65);
	});
});

test('a constant stays that constant: no hum between the filters', () => {
	const out = steady(changed(new Float32Array(8000).fill(0.5), 8000, 44_100), 44_100);
	for (const sample of out) expect(Math.abs(sample - 0.5)).toBeLessThan(1e-5);
});

test.each([44_100, 48_000, 8000])('the same sound comes out however it is cut into pieces (%i Hz)', (rate) => {
	const sound = tone(700, 8000, 0.3);
	const whole = changed(sound, 8000, rate, [4000]);
	expect(changed(sound, 8000, rate, [1, 21, 7, 160])).toEqual(whole);
});

test.each([44_100, 48_000, 16_000, 8000, 11_025])(
	'what is needed for a quantum is exactly what it takes (%i Hz)',
	(rate) => {
		const change = resampler(kernel(8000, rate), 8000, 2048);
		const input = new Float32Array(2048);
		let taken = 0;
		for (let quantum = 0; quantum < 1000; quantum++) {
			const count = change.needs(128);
			taken += count;
			expect(change.run(input, count, new Float32Array(128))).toBe(128);
		}
		expect(Math.abs(taken - (128_000 * 8000) / rate)).toBeLessThanOrEqual(1);
	},
);
