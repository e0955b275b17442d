/** One figure of a benchmark. */
export interface Metric {
	name: string;
	value: number;
	unit: string;
	higherIsBetter: boolean;
	/** Lowest and highest of the rounds it is the median of; shown in the table, not in the JSON. */
	range?: readonly [number, number];
}

/** What a run of a benchmark found, and what must be known to believe it. */
export interface Findings {
	metrics: Metric[];
	notes: string[];
	/** The same as an SVG, where it can be shown at a glance. */
	chart?: string;
}

/** How a benchmark is asked to run. */
export interface RunOptions {
	/** Smaller and shorter: shows that it works, its figures are rough. */
	quick: boolean;
	/** The loads to run, out of the benchmark's own list or of their form; empty where it has none. */
	loads: readonly string[];
	/** Makes what is random the same again. */
	seed: number;
	/** A folder for CPU profiles of the server that is measured. */
	profile?: string;
	/** Tells of progress. */
	say: (text: string) => void;
	/** Ends the run early; everything it started is ended then. */
	signal: AbortSignal;
}

/** One benchmark: what `npm run bench` names, and runs. */
export interface Benchmark {
	name: string;
	about: string;
	/** The loads it is meant for, the first being what runs unasked; none if it has but one. */
	loads: readonly string[];
	/** Runs every load unasked, where each tells something else. */
	allUnasked?: true;
	/** What a load looks like, if others than the listed ones can be run. */
	loadPattern?: RegExp;
	run(options: RunOptions): Promise<Findings>;
}

/** The value in the middle of a list that is not empty; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((one, other) => one - other);
	const upper = sorted[sorted.length >> 1];
	const lower = sorted[(sorted.length - 1) >> 1];
	if (upper === undefined || lower === undefined) throw new Error('nothing was measured');
	return (lower + upper) / 2;
}
