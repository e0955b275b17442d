import { type Benchmark, type Findings, type Metric, median, type RunOptions } from '#tests/bench/benchmark.ts';
import { type DelayPace, type Delays, delays, notesPerSecond } from '#tests/bench/note-delays.ts';
import { type EngineTrial, redisTrial, sqliteTrial } from '#tests/bench/note-engines.ts';
import { type Round, throughput, writers } from '#tests/bench/note-throughput.ts';

const full = { rounds: 15, runMs: 500, pace: { rounds: 9, roundMs: 2000, warmUpMs: 2000 } };
const quickly = { rounds: 1, runMs: 200, pace: { rounds: 1, roundMs: 500, warmUpMs: 200 } };

/** What a note costs until it is safe, and until another sees it. */
export const notes: Benchmark = {
	name: 'notes',
	about: 'acknowledged notes a second against the same append done bare, and delays from typed to safe and to seen',
	loads: [],
	async run({ quick, say, signal }: RunOptions): Promise<Findings> {
		const { rounds, runMs, pace } = quick ? quickly : full;
		const metrics: Metric[] = [];
		for (const open of [sqliteTrial, redisTrial]) {
			const trial = await open();
			try {
				const found: Round[] = [];
				// The first round warms everything up and does not count.
				for (let round = 0; round <= rounds && !signal.aborted; round++) {
					const one = await throughput(trial, runMs, round % 2 === 1);
					if (round > 0) found.push(one);
					say(`${trial.name}, round ${round} of ${rounds}: ${Math.round(one.notes)} notes a second`);
				}
				signal.throwIfAborted();
				metrics.push(...throughputMetrics(trial, found));
			} finally {
				await trial.close();
			}
			metrics.push(...delayMetrics(trial.name, await delays(trial.name, pace satisfies DelayPace)));
		}
		const notes = [
			'Notes are decided, sealed, on record and folded into the views; appends are the journal’s part of that, sealed, one by one; bare is the same rows without Ycord.',
			`${writers} writers, medians of ${rounds} rounds of ${runMs} ms, each beside its bare one; ratios are taken round by round.`,
			`Delays: 64 connections, ${notesPerSecond} notes a second, medians of ${pace.rounds} rounds of ${pace.roundMs} ms.`,
		];
		return { metrics, notes };
	},
};

function throughputMetrics({ name, bareAtOnce }: EngineTrial, rounds: readonly Round[]): Metric[] {
	const rate = (of: string, value: (round: Round) => number) =>
		metric(`${name}_${of}_per_s`, rounds.map(value), '1/s', true);
	const ratio = (of: string, value: (round: Round) => number) =>
		metric(`${name}_ratio_vs_${of}`, rounds.map(value), 'ratio', true);
	return [
		rate('notes', (round) => round.notes),
		rate('appends', (round) => round.appends),
		rate('bare', (round) => round.bare),
		ratio('bare', (round) => round.appends / round.bare),
		metric(
			`${name}_notes_ratio_vs_bare`,
			rounds.map((round) => round.notes / round.bare),
			'ratio',
			true,
		),
		...(bareAtOnce === 1 ? [] : [rate('one_at_a_time', (round) => round.oneAtATime)]),
		ratio('one_commit_per_note', (round) => round.notes / round.oneAtATime),
	];
}

function delayMetrics(name: string, rounds: readonly Delays[]): Metric[] {
	return (['safe', 'seen'] as const).flatMap((what) =>
		(['p50', 'p99'] as const).map((share) =>
			metric(
				`${name}_typed_to_${what}_${share}_ms`,
				rounds.map((round) => round[what][share]),
				'ms',
				false,
			),
		),
	);
}

const metric = (name: string, values: number[], unit: string, higherIsBetter: boolean): Metric => ({
	name,
	value: Math.round(median(values) * 100) / 100,
	unit,
	higherIsBetter,
	range: [Math.min(...values), Math.max(...values)],
});
