import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Findings } from '#tests/bench/benchmark.ts';

const folder = fileURLToPath(new URL('../../bench/results', import.meta.url));

/**
 * Keeps what a benchmark found, in place of what it found before: figures as JSON, and its chart where it has one. What a quick
 * run found is kept apart, for nobody should take it for a measurement. Gives back the paths.
 */
export async function keepResults(
	name: string,
	quick: boolean,
	{ metrics, notes, chart }: Findings,
): Promise<string[]> {
	await mkdir(folder, { recursive: true });
	const path = join(folder, quick ? `${name}-quick` : name);
	const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.version };
	const kept = { name, quick, at: new Date().toISOString(), machine, metrics, notes };
	await writeFile(`${path}.json`, `${JSON.stringify(kept, undefined, '\t')}\n`);
	if (chart === undefined) return [`${path}.json`];
	await writeFile(`${path}.svg`, chart);
	return [`${path}.json`, `${path}.svg`];
}
