import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSatisfied, netPromoterScore, recommendingOf, share } from '#server/projections/survey-figures.ts';
import { seedFor } from '#tests/support/seed.ts';

describe('the Net Promoter Score', () => {
	test('9 and 10 promote, 7 and 8 are passive, 0 to 6 detract', () => {
		expect(Array.from({ length: 11 }, (_, answer) => recommendingOf(answer))).toEqual([
			...Array(7).fill('detractors'),
			...['passives', 'passives', 'promoters', 'promoters'],
		]);
	});

	/**
	 * By hand, of 4 promoters, 2 passives, 1 detractor: n + 3 = 10, p = 4.75/10, d = 1.75/10, p − d = 0.3, p + d = 0.65;
	 * 0.65 − 0.09 = 0.56, √(0.56/10) = 0.236643, times 1.959964 is 0.463812: from −0.163812 to 0.763812.
	 */
	test('is the difference of two shares, with an interval that fits a hand calculation', () => {
		const seven = netPromoterScore({ promoters: 4, passives: 2, detractors: 1 });
		expect(seven?.value).toBeCloseTo(3 / 7, 12);
		expect(seven?.low).toBeCloseTo(-0.163812, 6);
		expect(seven?.high).toBeCloseTo(0.763812, 6);
		// n + 3 = 103, p = 50.75/103, d = 20.75/103, p − d = 0.291262, p + d = 0.694175; √(0.609341/103) = 0.076915.
		const hundred = netPromoterScore({ promoters: 50, passives: 30, detractors: 20 });
		expect(hundred?.value).toBeCloseTo(0.3, 12);
		expect(hundred?.low).toBeCloseTo(0.140511, 6);
		expect(hundred?.high).toBeCloseTo(0.442013, 6);
	});

	test('of passives only is 0, and of those alone it is not sure either', () => {
		const five = netPromoterScore({ promoters: 0, passives: 5, detractors: 0 });
		expect(five?.value).toBe(0);
		expect(five?.low).toBeCloseTo(-0.300057, 6);
		expect(five?.high).toBeCloseTo(0.300057, 6);
	});

	test('of no answers there is none', () => {
		expect(netPromoterScore({ promoters: 0, passives: 0, detractors: 0 })).toBeUndefined();
	});
});

describe('a share with its interval', () => {
	/** The worked example of R. G. Newcombe, “Two-sided confidence intervals for the single proportion”, Statistics in Medicine 17 (1998): 81 of 263, Wilson's score 0.2553 to 0.3662; 15 of 148, 0.0624 to 0.1605; 0 of 20, 0 to 0.1611; 1 of 29, 0.0061 to 0.1718. */
	test.each([
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
		[1, 29, 0.0061, 0.1718],
	])('%i of %i', (fitting, answers, low, high) => {
		const found = share(fitting, answers);
		expect(found?.value).toBeCloseTo(fitting / answers, 12);
		expect(found?.low).toBeCloseTo(low, 4);
		expect(found?.high).toBeCloseTo(high, 4);
	});

	test('4 and 5 of 5 are satisfied', () => {
		expect([1, 2, 3, 4, 5].map(isSatisfied)).toEqual([false, false, false, true, true]);
	});

	test('of no answers there is none', () => {
		expect(share(0, 0)).toBeUndefined();
	});
});

test('whatever was answered, what was measured lies within its interval, and the interval within what can be', () => {
	const count = fc.integer({ min: 0, max: 500 });
	fc.assert(
		fc.property(count, count, count, (promoters, passives, detractors) => {
			const nps = netPromoterScore({ promoters, passives, detractors });
			const csat = share(promoters, promoters + detractors);
			for (const [found, least] of [
				[nps, -1],
				[csat, 0],
			] as const) {
				if (!found) continue;
				expect(found.low).toBeGreaterThanOrEqual(least);
				expect(found.low).toBeLessThanOrEqual(found.value);
				expect(found.high).toBeGreaterThanOrEqual(found.value);
				expect(found.high).toBeLessThanOrEqual(1);
			}
		}),
		{ seed: seedFor('figures') },
	);
});
