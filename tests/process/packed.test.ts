import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A file of ours, and all that it leads to. */
function reached(path: string, found = new Set<string>()): Set<string> {
	if (found.has(path)) return found;
	found.add(path);
	for (const [, ours, beside] of readFileSync(join(root, path), 'utf8').matchAll(/from '(?:#([^']+)|(\.\/[^']+))'/g))
		reached(ours ?? normalize(join(dirname(path), String(beside))), found);
	return found;
}

let files: string[];
beforeAll(async () => {
	const packing = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
	const { stdout } = await promisify(execFile)('npm', packing, { cwd: root, maxBuffer: 1e8 });
	const [packed] = JSON.parse(stdout);
	files = packed.files.map((one: { path: string }) => one.path);
});

test('what the package holds out to journals from outside is packed, with all that it imports', () => {
	const { './journal': port, './journal-contract': suite } = manifest.exports;
	const needed = [...reached(normalize(port)), ...reached(normalize(suite))];
	expect(needed).toContain('server/journal/events.ts');
	expect(files).toEqual(expect.arrayContaining(needed));
	expect(files.filter((one: string) => one.startsWith('tests/')).sort()).toEqual(
		needed.filter((one) => one.startsWith('tests/')).sort(),
	);
	expect(files).toContain('server/journal/journal-redis-append.lua');
});

test('the set-up guides are packed: Settings → Gateways and `ycord doctor` lead there', () => {
	const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
	expect(guides).toContain('gateways.md');
	expect(files).toEqual(expect.arrayContaining(guides.map((name) => `docs/${name}`)));
});
