import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program of this machine that a test runs: the one that a variable names, else the one on the path. */
export function programHere(variable: string, program: string, install: string): string {
	const named = process.env[variable];
	if (named) return named;
	for (const folder of (process.env.PATH ?? '').split(delimiter)) {
		const path = join(folder, program);
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not there; the next one.
		}
	}
	throw new Error(`No ${program}: \`npm test\` installs one (${install}), or name one in ${variable}.`);
}
