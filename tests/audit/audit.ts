import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { toMend } from '#tests/audit/advisories.ts';
import { wrongLicences } from '#tests/audit/licences.ts';

/** `npm run audit`: fails on advisories of high and critical severity and on licences that are not allowed. Needs the network. */
const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', shell: process.platform === 'win32' });
let report: unknown;
try {
	report = JSON.parse(stdout);
} catch {
	report = undefined;
}
try {
	const problems = [
		...wrongLicences(read('../../package-lock.json')),
		...toMend(report, read('./exceptions.json'), new Date().toISOString().slice(0, 10)),
	];
	for (const problem of problems) process.stderr.write(`${problem}\n`);
	if (problems.length === 0)
		process.stdout.write('No advisory of high or critical severity, and every licence is allowed.\n');
	process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
	process.stderr.write(`${(error as Error).message}\n`);
	process.exitCode = 2;
}
