import { parseArgs } from 'node:util';
import type { Benchmark } from '#tests/bench/benchmark.ts';

/** The command line is wrong; the message says what was given and what is accepted. */
export class Misuse extends Error {
	override readonly name = 'Misuse';
}

/** What `npm run bench -- …` was asked for. */
export interface Asked {
	list: boolean;
	json: boolean;
	quick: boolean;
	seed: number;
	profile: string | undefined;
	/** What runs, each with its loads. */
	runs: { benchmark: Benchmark; loads: readonly string[] }[];
}

/** The same calls and phases each time unless asked otherwise, so that two runs can be compared. */
const usualSeed = 1;

/** Reads the command line. Throws `Misuse`. */
export function readArguments(args: readonly string[], all: readonly Benchmark[]): Asked {
	const { values, positionals } = parsed(args);
	const unknown = positionals.find((name) => !all.some((one) => one.name === name));
	const names = all.map(({ name }) => name).join(', ');
	if (unknown !== undefined) throw new Misuse(`there is no benchmark ${JSON.stringify(unknown)}; there are: ${names}`);
	const chosen = positionals.length > 0 ? all.filter(({ name }) => positionals.includes(name)) : all;
	const [only, ...others] = chosen;
	if (values.load && (!only || others.length > 0)) throw new Misuse('--load goes with the name of one benchmark');
	return {
		list: values.list ?? false,
		json: values.json ?? false,
		quick: values.quick ?? false,
		seed: values.seed === undefined ? usualSeed : seedOf(values.seed),
		profile: values.profile,
		runs: chosen.map((benchmark) => ({ benchmark, loads: loadsOf(benchmark, values.load) })),
	};
}

function parsed(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				list: { type: 'boolean' },
				json: { type: 'boolean' },
				quick: { type: 'boolean' },
				load: { type: 'string', multiple: true },
				seed: { type: 'string' },
				profile: { type: 'string' },
			},
		});
	} catch (error) {
		throw new Misuse((error as Error).message);
	}
}

function seedOf(text: string): number {
	if (!/^[1-9]\d{0,8}$/.test(text)) throw new Misuse(`--seed takes a whole number from 1 to 999999999, given ${text}`);
	return Number(text);
}

function loadsOf(
	{ name, loads, loadPattern, allUnasked }: Benchmark,
	asked: readonly string[] | undefined,
): readonly string[] {
	if (!asked) return allUnasked ? loads : loads.slice(0, 1);
	if (loads.length === 0) throw new Misuse(`${name} has no loads to choose from`);
	return asked.flatMap((load) => {
		if (load === 'all') return loads;
		if (!loads.includes(load) && !loadPattern?.test(load))
			throw new Misuse(`--load ${load}: ${name} takes ${loads.join(', ')}, all, or others of that form`);
		return [load];
	});
}
