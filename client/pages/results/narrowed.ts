import type { ResultsQuery } from '#shared/survey-results.ts';
import { identityWords } from '#shared/survey-told.ts';

/** What results are narrowed down to, as it stands in the address; empty where it is not. */
export interface Narrowed {
	queue: string;
	agent: string;
	script: string;
	/** A number, or `all` for all versions together. */
	version: string;
	identity: string;
	/** A number of days until now, or empty for `from` and `until`. */
	days: string;
	/** Days as a calendar writes them, `2026-11-22`; both of them belong to the period. */
	from: string;
	until: string;
	/** `yes`, `no`, or empty for what is usual here. */
	rehearsal: string;
}

export const notNarrowed: Narrowed = {
	...{ queue: '', agent: '', script: '', version: '', identity: '' },
	...{ days: '', from: '', until: '', rehearsal: '' },
};

/** The periods that are offered by a word. */
export const periods = [
	{ days: '7', word: 'Last 7 days' },
	{ days: '30', word: 'Last 30 days' },
	{ days: '90', word: 'Last 90 days' },
] as const;

const day = /^\d{4}-\d\d-\d\d$/;
const fits: Record<keyof Narrowed, (word: string) => boolean> = {
	queue: (word) => word.length <= 80,
	agent: (word) => word.length <= 40,
	script: (word) => /^[a-z0-9][a-z0-9-]{0,39}$/.test(word),
	version: (word) => /^([1-9]\d{0,8}|all)$/.test(word),
	identity: (word) => Object.hasOwn(identityWords, word),
	days: (word) => periods.some(({ days }) => days === word),
	from: (word) => day.test(word),
	until: (word) => day.test(word),
	rehearsal: (word) => word === 'yes' || word === 'no',
};

/** What an address asks for; what makes no sense is overlooked. */
export function narrowedIn(search: string): Narrowed {
	const found = new URLSearchParams(search);
	const narrowed = { ...notNarrowed };
	for (const part of Object.keys(fits) as (keyof Narrowed)[]) {
		const word = found.get(part) ?? '';
		if (word !== '' && fits[part](word)) narrowed[part] = word;
	}
	// A version is one of a script.
	if (narrowed.script === '' && narrowed.version !== 'all') narrowed.version = '';
	return narrowed;
}

/** The same as an address holds it: what is empty is left out. */
export const narrowedParts = (narrowed: Narrowed) => Object.entries(narrowed).filter(([, word]) => word !== '');

const dayMs = 24 * 60 * 60_000;
/** The beginning of a day on the reader's calendar; undefined for no day at all. */
function beginning(day: string, daysLater = 0): number | undefined {
	const [year, month, date] = day.split('-').map(Number);
	const ms = new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + daysLater).getTime();
	return Number.isNaN(ms) ? undefined : ms;
}

/** The same as it goes over the wire. */
export function queryOf({ days, from, until, ...narrowed }: Narrowed, nowMs: number): Omit<ResultsQuery, 'as'> {
	const fromMs = days ? nowMs - Number(days) * dayMs : from ? beginning(from) : undefined;
	const toMs = !days && until ? beginning(until, 1) : undefined;
	return Object.fromEntries([
		...narrowedParts(narrowed as Narrowed),
		...(fromMs === undefined ? [] : [['fromMs', String(Math.max(0, Math.round(fromMs)))]]),
		...(toMs === undefined ? [] : [['toMs', String(Math.max(1, toMs))]]),
	]);
}
