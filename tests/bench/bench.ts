import { Misuse, readArguments } from '#tests/bench/arguments.ts';
import type { Benchmark, Findings, Metric } from '#tests/bench/benchmark.ts';
import { ear } from '#tests/bench/ear.ts';
import { fanout } from '#tests/bench/fanout.ts';
import { ingest } from '#tests/bench/ingest.ts';
import { journal } from '#tests/bench/journal.ts';
import { memory } from '#tests/bench/memory.ts';
import { notes } from '#tests/bench/notes.ts';
import { keepResults } from '#tests/bench/results.ts';
import { survey } from '#tests/bench/survey.ts';
import { views } from '#tests/bench/views.ts';

const benchmarks: readonly Benchmark[] = [
	fanout,
	ingest,
	{
		name: 'journal',
		about: 'what putting notes on record costs, against a bare file that is synced note by note',
		loads: [],
		run: async ({ quick }) => ({ metrics: await journal(quick ? 500 : 3000), notes: [] }),
	},
	notes,
	{
		name: 'views',
		about: 'folding 200,000 notes into the views, searching them, and starting on them',
		loads: [],
		run: ({ quick, seed }) => views(quick ? 4000 : 200_000, quick ? 60 : 3000, seed),
	},
	survey,
	ear,
	memory,
];

const usage =
	'npm run bench -- [name …] [--list] [--quick] [--json] [--load <calls>x<listeners>|all] [--seed <n>] [--profile <folder>]';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
try {
	await bench(process.argv.slice(2));
} catch (error) {
	if (interrupted.signal.aborted) process.exit(130);
	if (!(error instanceof Misuse)) throw error;
	console.error(`bench: ${error.message}\n${usage}`);
	process.exitCode = 2;
}

async function bench(args: readonly string[]): Promise<void> {
	const { list, json, quick, seed, profile, runs } = readArguments(args, benchmarks);
	if (list) {
		for (const { benchmark } of runs) console.log(lineOf(benchmark));
		return;
	}
	const results: { name: string; metrics: Omit<Metric, 'range'>[] }[] = [];
	for (const { benchmark, loads } of runs) {
		const found = await benchmark.run({
			quick,
			loads,
			seed,
			...(profile === undefined ? {} : { profile }),
			say: (text) => console.error(`${benchmark.name}: ${text}`),
			signal: interrupted.signal,
		});
		const metrics = found.metrics.map(({ range: _, ...metric }) => metric);
		results.push({ name: benchmark.name, metrics });
		const paths = await keepResults(benchmark.name, quick, found);
		if (!json) show(benchmark.name, found);
		console.error(`${benchmark.name}: kept in ${paths.join(' and ')}`);
	}
	if (json) console.log(JSON.stringify(results.length === 1 ? results[0] : results));
}

function lineOf({ name, about, loads }: Benchmark): string {
	return `${name.padEnd(10)} ${about}${loads.length > 0 ? ` (loads: ${loads.join(', ')})` : ''}`;
}

function show(name: string, { metrics, notes }: Findings): void {
	const rows = metrics.map((metric) => [
		metric.name,
		figure(metric.value),
		metric.range ? `${figure(metric.range[0])} … ${figure(metric.range[1])}` : '',
		`${metric.unit}${metric.higherIsBetter ? ', more is better' : ''}`,
	]);
	const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
	console.log(`\n${name}`);
	for (const [first, second, third, unit] of rows as [string, string, string, string][])
		console.log(
			`  ${first.padEnd(widths[0] as number)}  ${second.padStart(widths[1] as number)}  ${third.padEnd(widths[2] as number)}  ${unit}`,
		);
	for (const note of notes) console.log(`  ${note}`);
}

function figure(value: number): string {
	return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 3 : value < 1000 ? 1 : 0 });
}
