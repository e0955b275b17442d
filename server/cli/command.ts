import { parseArgs } from 'node:util';
import { type Flags, settings } from '#server/config.ts';
import type { Setting } from '#server/setting.ts';

/** One command of `ycord`: how it is written, what it does, and whether it takes the settings' flags. */
export interface Command {
	/** What follows the command's name, as the help shows it. */
	readonly takes?: string;
	readonly about: string;
	readonly settings: boolean;
	run(args: readonly string[]): void | Promise<void>;
}

/** The command line was not understood: one line for the person who wrote it, and exit code 2. */
export class Misuse extends Error {
	override readonly name = 'Misuse';
}

/** Splits a command's arguments into the settings' flags, known or not, and the rest. */
export function readArguments(args: readonly string[]): { flags: Flags; rest: readonly string[] } {
	const options = Object.fromEntries(
		Object.values<Setting>(settings).flatMap(({ flag, default: value }) =>
			flag === undefined ? [] : [[flag, { type: typeof value === 'boolean' ? 'boolean' : 'string' } as const]],
		),
	);
	// Not strict: parseArgs would stop at the first unknown flag, and readConfig tells of all of them at once.
	const { values, positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
	return { flags: values as Flags, rest: positionals };
}
