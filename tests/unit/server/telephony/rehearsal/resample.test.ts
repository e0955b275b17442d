import { describe, expect, test } from 'vitest';
import { resample } from '#server/telephony/rehearsal/resample.ts';
import { goertzel, toneSamples } from '#tests/support/tone.ts';

/** The middle, where neither the beginning nor the end of the tone is heard. */
const middle = (samples: Int16Array) => samples.subarray(800, samples.length - 800);
const decibels = (ratio: number) => 20 * Math.log10(Math.max(ratio, 1e-9));

describe('bringing a recording down to 8 kHz', () => {
	test.each([11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 47_999])(
		'from %i Hz keeps a tone of the telephone band as loud and as high as it was, and its length',
		(rate) => {
			for (const hz of [300, 1000, 3000, 3300]) {
				const out = resample(toneSamples(hz, 1000, { rate, peak: 10_000 }), rate, 8000);
				expect(out.length).toBe(8000);
				expect(Math.abs(decibels(goertzel(middle(out), hz) / 10_000))).toBeLessThan(0.1);
			}
		},
	);

	test.each([11_025, 16_000, 22_050, 44_100, 48_000, 96_000])(
		'from %i Hz lets nothing above the band fold back into it: 55 dB down',
		(rate) => {
			for (const hz of [4100, 4600, 5000, 6000, 7000, 7900, 9000, 12_000, 15_000, 20_000, 40_000]) {
				if (hz >= rate / 2) continue;
				const out = resample(toneSamples(hz, 1000, { rate, peak: 30_000 }), rate, 8000);
				const alias = Math.abs(((hz + 4000) % 8000) - 4000);
				expect(decibels(goertzel(middle(out), alias) / 30_000)).toBeLessThan(-55);
				const loudest = middle(out).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
				expect(decibels(loudest / 30_000)).toBeLessThan(-55);
			}
		},
	);

	test('does not shift a click in time', () => {
		const samples = new Int16Array(48_000);
		samples[24_000] = 30_000;
		const out = resample(samples, 48_000, 8000);
		expect(out.indexOf(out.reduce((most, one) => Math.max(most, one), 0))).toBe(4000);
	});

	test('clips what overshoots instead of wrapping round', () => {
		const square = Int16Array.from({ length: 16_000 }, (_, index) => (index % 160 < 80 ? 32_767 : -32_768));
		const out = resample(square, 16_000, 8000);
		for (let index = 100; index < out.length - 100; index++) {
			const phase = (index * 2) % 160;
			if (phase > 20 && phase < 60) expect(out[index]).toBeGreaterThan(25_000);
		}
	});

	test('the same rate is no work', () => {
		const samples = toneSamples(440, 20);
		expect(resample(samples, 8000, 8000)).toBe(samples);
	});
});
