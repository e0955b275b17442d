import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Entry {
	license?: string;
	resolved?: string;
	optionalDependencies?: Record<string, string>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages: Record<string, Entry> = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const entries = Object.entries(packages);

// Free for any use, or (MPL-2.0) asking only that changes to the package's own files stay open.
const allowed = [
	'0BSD',
	'Apache-2.0',
	'BlueOak-1.0.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'CC0-1.0',
	'ISC',
	'MIT',
	'MIT-0',
	'MPL-2.0',
	'Unlicense',
];

test('every optional package that some package names has an entry: `npm ci` refuses a lock file without', () => {
	const missing = entries.flatMap(([path, entry]) =>
		Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isReachable(path, name)),
	);
	expect(missing).toEqual([]);
});

test('every package may be used by everyone for everything', () => {
	const others = entries
		.filter(([, entry]) => !isAllowed(entry.license))
		.map(([path, entry]) => `${path}: ${entry.license}`);
	expect(others).toEqual([]);
});

test('no package is tied to where it was once downloaded from', () => {
	const tied = entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path);
	expect(tied, 'npm config set omit-lockfile-registry-resolved true, then install again').toEqual([]);
});

test('no file of the project names a registry', () => {
	const registry =
		/registry\.(npmjs|npmmirror|yarnpkg)|npm\.pkg\.github|pkgs\.dev\.azure|\.jfrog\.io|^\s*(@\w+:)?registry\s*=\s*http/m;
	const naming = filesUnder(root).filter((path) => registry.test(readFileSync(path, 'utf8')));
	expect(naming).toEqual([]);
});

/** As Node looks for it: beside the package that names it, or beside any that holds that one. */
function isReachable(path: string, name: string): boolean {
	const folders = path
		.split('/node_modules/')
		.map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
	return ['', ...folders].some((folder) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages);
}

/** Reads `MIT` and `(MIT OR Apache-2.0)`: of several, one that is allowed is enough. */
function isAllowed(license: string | undefined): boolean {
	return (license ?? '')
		.replace(/[()]/g, '')
		.split(' OR ')
		.some((one) => allowed.includes(one));
}

function filesUnder(folder: string): string[] {
	const left = ['node_modules', 'dist', 'data', 'coverage', '.git'];
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		if (entry.isDirectory()) return left.includes(entry.name) ? [] : filesUnder(join(folder, entry.name));
		return entry.isFile() && !/\.(wav|png|jpe?g|webp|log)$/.test(entry.name) ? [join(folder, entry.name)] : [];
	});
}
