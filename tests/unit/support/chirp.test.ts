import { describe, expect, test } from 'vitest';
import { ulawTable } from '#shared/g711.ts';
import { chirps, chirpsOnTheWire, heardChirps } from '#tests/support/chirp.ts';

const joined = (...pieces: Float32Array[]) => Float32Array.from(pieces.flatMap((piece) => [...piece]));
const rate = 48_000;

describe('the ear that tests have', () => {
	test('hears nothing wrong in chirps as G.711 carries them, and says where they are', () => {
		const wire = chirpsOnTheWire(9000);
		const linear = (bytes: Uint8Array) => Float32Array.from(bytes, (byte) => (ulawTable[byte] as number) / 32_768);
		const heard = heardChirps(linear(wire.customer), linear(wire.agent), 8000);
		expect(heard).toMatchObject({ gapsMs: [], silencesMs: [], repeatsMs: [], pitchErrors: 0, swapped: false });
		for (const { atMs, positionMs } of heard.places) expect(Math.abs(atMs - positionMs)).toBeLessThan(6);
	});
	test.each([
		['a gap', 2000, 2300, { gapsMs: [expect.closeTo(300, -1)], repeatsMs: [] }],
		['a repeat', 2000, 1800, { gapsMs: [], repeatsMs: [expect.closeTo(200, -1)] }],
	])('counts %s', (_, untilMs, fromMs, expected) => {
		const before = chirps(untilMs, { rate });
		const after = chirps(1500, { rate, fromMs });
		const heard = heardChirps(joined(before.customer, after.customer), joined(before.agent, after.agent), rate);
		expect(heard).toMatchObject({ ...expected, pitchErrors: 0, silencesMs: [] });
	});
	test('counts silence, without a gap in the call where it goes on as before', () => {
		const [before, after, quiet] = [
			chirps(1500, { rate }),
			chirps(1500, { rate, fromMs: 1500 }),
			new Float32Array(9600),
		];
		const heard = heardChirps(
			joined(before.customer, quiet, after.customer),
			joined(before.agent, quiet, after.agent),
			rate,
		);
		expect(heard).toMatchObject({ gapsMs: [], repeatsMs: [], pitchErrors: 0 });
		expect(heard.silencesMs).toHaveLength(1);
		expect(Math.abs((heard.silencesMs[0] as number) - 200)).toBeLessThan(25);
	});
	test('tells how much is gone when the call goes on where an outage began, and then jumps to the present', () => {
		const [before, late, live] = [
			chirps(1500, { rate }),
			chirps(200, { rate, fromMs: 1500 }),
			chirps(1500, { rate, fromMs: 4100 }),
		];
		const outage = new Float32Array((2700 * rate) / 1000);
		const heard = heardChirps(
			joined(before.customer, outage, late.customer, live.customer),
			joined(before.agent, outage, late.agent, live.agent),
			rate,
		);
		expect(heard).toMatchObject({ gapsMs: [expect.closeTo(2400, -1)], repeatsMs: [], pitchErrors: 0 });
		expect(heard.silencesMs).toEqual([expect.closeTo(2690, -2)]);
	});
	test('notices a pitch 2 % too high, and ears that were swapped', () => {
		const [before, off, after] = [
			chirps(1000, { rate }),
			chirps(200, { rate, fromMs: 1000, pitch: 1.02 }),
			chirps(1000, { rate, fromMs: 1200 }),
		];
		const customer = joined(before.customer, off.customer, after.customer);
		const agent = joined(before.agent, off.agent, after.agent);
		expect(heardChirps(customer, agent, rate)).toMatchObject({ gapsMs: [], pitchErrors: 1, swapped: false });
		expect(heardChirps(agent, customer, rate).swapped).toBe(true);
	});
});
