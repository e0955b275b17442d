import { fewAnswers } from '#shared/result-limits.ts';
import type { Measured, SurveyCounts } from '#shared/survey-results.ts';

export const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** A part of a whole in whole percent; nothing of nothing is said as a dash. */
export const percentWords = (part: number, whole: number) =>
	whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;

/** A Net Promoter Score as it is always written: whole, with its sign. */
export function scoreWords(score: number): string {
	const whole = Math.round(score * 100);
	if (whole === 0) return '0';
	return whole > 0 ? `+${whole}` : `−${-whole}`;
}

const shareWords = (part: number) => `${Math.round(part * 100)} %`;

/** Where the true value lies, said so that it is not taken for more than it is. */
export function intervalWords({ low, high }: Measured, as: 'nps' | 'csat'): string {
	const word = as === 'nps' ? scoreWords : shareWords;
	return `between ${word(low)} and ${word(high)} with 95 % confidence`;
}

/** How much a number of answers can carry. Few are said to be few, never hidden. */
export function answersWords(answers: number): string {
	if (answers === 0) return 'No answers yet.';
	const count = counted(answers, 'answer');
	return answers < fewAnswers ? `${count}: too few to tell a change from chance.` : `${count}.`;
}

/** One step of the way from a call to its answers. */
export interface Step {
	word: string;
	count: number;
	/** What the step before was, to which this is a share. */
	of: { word: string; count: number } | undefined;
	/** Where those went that did not come as far as the next step. */
	lost: string[];
}

/** The way of the calls, step by step; the first is missing where only one script or identity is looked at. */
export function stepsOf(counts: SurveyCounts): Step[] {
	const { possible, notAsked, asked, agreed, held, complete } = counts;
	const lost = (...parts: [count: number, word: string][]) =>
		parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
	const start =
		possible === undefined
			? []
			: [{ word: 'Possible', count: possible, of: undefined, lost: lost([notAsked ?? 0, 'not asked']) }];
	return [
		...start,
		{
			word: 'Asked',
			count: asked,
			of: possible === undefined ? undefined : { word: 'possible', count: possible },
			lost: lost([counts.declined, 'declined'], [counts.notNow, 'not now'], [counts.noAnswer, 'no answer on record']),
		},
		{
			word: 'Agreed',
			count: agreed,
			of: { word: 'asked', count: asked },
			lost: lost([counts.notHeld, 'not held']),
		},
		{
			word: 'Held',
			count: held,
			of: { word: 'agreed', count: agreed },
			lost: lost(
				[counts.partial, 'partial'],
				[counts.goingOn, 'going on now'],
				[counts.erased, 'erased, with the answers'],
			),
		},
		{ word: 'Complete', count: complete, of: { word: 'held', count: held }, lost: [] },
	];
}

/** A language as the reader names it: `German`; its code where the browser does not know it. */
export function languageName(code: string): string {
	try {
		return new Intl.DisplayNames(undefined, { type: 'language' }).of(code) ?? code;
	} catch {
		return code;
	}
}

/** Versions in words: `version 2`, `versions 1, 2 and 3`. */
export function versionsWords(versions: readonly number[]): string {
	if (versions.length < 2) return `version ${versions[0] ?? '?'}`;
	return `versions ${versions.slice(0, -1).join(', ')} and ${versions.at(-1)}`;
}
