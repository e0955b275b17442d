import type { Measured } from '#shared/survey-results.ts';

/** The standard normal deviate that 95 % lie within (two-sided). */
const z = 1.959963984540054;

/** How many stand where on the scale from 0 to 10. */
export interface Recommending {
	promoters: number;
	passives: number;
	detractors: number;
}

/** Whom an answer from 0 to 10 makes of a customer (F. Reichheld, “The One Number You Need to Grow”, Harvard Business Review, December 2003). */
export function recommendingOf(answer: number): keyof Recommending {
	if (answer >= 9) return 'promoters';
	return answer >= 7 ? 'passives' : 'detractors';
}

/**
 * The Net Promoter Score: the share of promoters less that of detractors, from −1 to 1. The interval is the adjusted Wald
 * one: ¾ is added to promoters and to detractors and 3 to the number of answers, and the variance of a difference of two
 * shares of one multinomial sample is p + d − (p − d)². B. Rocks, “Interval Estimation for the ‘Net Promoter Score’”, The
 * American Statistician 70 (2016), finds it holds its 95 % down to few answers, where the plain normal one does not. It is
 * widened, where it must be, to hold what was measured. Undefined without answers.
 */
export function netPromoterScore({ promoters, passives, detractors }: Recommending): Measured | undefined {
	const answers = promoters + passives + detractors;
	if (answers === 0) return undefined;
	const adjusted = answers + 3;
	const [p, d] = [(promoters + 0.75) / adjusted, (detractors + 0.75) / adjusted];
	const reach = z * Math.sqrt((p + d - (p - d) ** 2) / adjusted);
	const value = (promoters - detractors) / answers;
	return {
		value,
		low: Math.min(value, Math.max(-1, p - d - reach)),
		high: Math.max(value, Math.min(1, p - d + reach)),
	};
}

/** Whether an answer from 1 to 5 counts as satisfied: the top two of five. */
export const isSatisfied = (answer: number) => answer >= 4;

/**
 * A share of all answers, such as CSAT, with its interval by E. B. Wilson, “Probable Inference, the Law of Succession, and
 * Statistical Inference”, Journal of the American Statistical Association 22 (1927): it never leaves 0 to 1, and holds
 * for few answers. Undefined without answers.
 */
export function share(fitting: number, answers: number): Measured | undefined {
	if (answers === 0) return undefined;
	const value = fitting / answers;
	const widened = 1 + z ** 2 / answers;
	const middle = (value + z ** 2 / (2 * answers)) / widened;
	const reach = (z * Math.sqrt((value * (1 - value)) / answers + z ** 2 / (4 * answers ** 2))) / widened;
	return {
		value,
		low: Math.min(value, Math.max(0, middle - reach)),
		high: Math.max(value, Math.min(1, middle + reach)),
	};
}
