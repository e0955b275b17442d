import { describe, expect, test } from 'vitest';
import { varispeed } from '#client/audio/varispeed.ts';
import { amplitude, decibels } from '#tests/support/tone.ts';

const quantum = 128;
/** Four seconds of a tone through it, in quanta; the last two of them, in which it has settled. */
function through(hz: number, from: number, to: number, ppm = 0): Float32Array {
	const speed = varispeed(from, to, 2, 4096);
	const out: number[] = [];
	const inputs = [new Float32Array(4096), new Float32Array(4096)];
	const outputs = [new Float32Array(quantum), new Float32Array(quantum)];
	speed.trim(ppm);
	for (let taken = 0; taken < 4 * from; ) {
		const count = speed.needs(quantum);
		for (let i = 0; i < count; i++) (inputs[0] as Float32Array)[i] = Math.sin((2 * Math.PI * hz * (taken + i)) / from);
		(inputs[1] as Float32Array).set(inputs[0] as Float32Array);
		taken += count;
		speed.run(inputs, count, outputs);
		expect(outputs[1]).toEqual(outputs[0]);
		out.push(...(outputs[0] as Float32Array));
	}
	return Float32Array.from(out.slice(-2 * to));
}

describe.each([
	[8000, 48_000, [100, 1000, 3400]],
	[8000, 44_100, [100, 1000, 3400]],
	[16_000, 48_000, [100, 3400, 6800]],
	[16_000, 44_100, [100, 3400, 6800]],
	[8000, 16_000, [1000]],
	[16_000, 8000, [1000]],
])('from %i Hz to a device at %i Hz', (from, to, tones) => {
	test.each(tones)('a tone of %i Hz keeps its loudness within 0.05 dB, and nothing is beside it', (hz) => {
		const out = through(hz, from, to);
		expect(Math.abs(decibels(amplitude(out, hz, to)))).toBeLessThan(0.05);
		for (const other of [from - hz, from + hz, hz / 2, 1.37 * hz])
			if (other < to / 2 && other > 0) expect(decibels(amplitude(out, other, to))).toBeLessThan(-62);
	});
	test('at another speed it is the same tone, higher by just that', () => {
		const out = through(1000, from, to, 400);
		expect(Math.abs(decibels(amplitude(out, 1000.4, to)))).toBeLessThan(0.1);
	});
});

test('takes over a minute as many samples as the clocks say, to one', () => {
	for (const ppm of [0, 250, -250]) {
		const speed = varispeed(8000, 44_100, 1, 4096);
		speed.trim(ppm);
		const input = [new Float32Array(4096)];
		const output = [new Float32Array(quantum)];
		let taken = 0;
		const quanta = Math.round((60 * 44_100) / quantum);
		for (let n = 0; n < quanta; n++) {
			const count = speed.needs(quantum);
			taken += count;
			speed.run(input, count, output);
		}
		expect(Math.abs(taken - ((quanta * quantum) / 44_100) * 8000 * (1 + ppm / 1e6))).toBeLessThan(2);
	}
});
