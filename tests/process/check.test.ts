import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { type Ending, spawned } from '#tests/support/spawned.ts';

// The check itself in a clone of its own, with tools that only note how they were called.
let clone: string;

beforeEach(() => {
	clone = mkdtempSync(join(tmpdir(), 'ycord-check-'));
	mkdirSync(join(clone, 'node_modules/.bin'), { recursive: true });
	writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
	cpSync(fileURLToPath(new URL('../../server/cli/check.ts', import.meta.url)), join(clone, 'server/cli/check.ts'));
	tool('biome');
	tool('tsc');
	tool('vitest', "console.log(' Tests  3 passed (3)');");
	return () => rmSync(clone, { recursive: true });
});

test('lints, checks the types of all three projects, runs every test, and ends with what the tests said', async () => {
	const { code, out, err } = await check([]);
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(notes().slice(0, -1).sort()).toEqual(['biome check .', 'tsc -p client', 'tsc -p server', 'tsc -p tests']);
	expect(notes().at(-1)).toBe('vitest run --config tests/vitest.config.ts');
	const lines = out.trimEnd().split('\n');
	expect(lines).toHaveLength(5);
	for (const title of ['lint', 'types of server', 'types of client', 'types of tests']) {
		expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${title}: fine \\(\\d+\\.\\d s\\)$`)));
	}
	expect(lines.at(-1)).toBe(' Tests  3 passed (3)');
});

test('hands more arguments to the tests', async () => {
	await check(['--project', 'unit', 'config']);
	expect(notes().at(-1)).toBe('vitest run --config tests/vitest.config.ts --project unit config');
});

test('stops before the tests when lint or types fail, and shows what each of them said', async () => {
	tool('biome', "console.error('lint says why'); process.exitCode = 1;");
	tool('tsc', "if (args[1] === 'client') { console.log('types say why'); process.exitCode = 2; }");
	const { code, out } = await check([]);
	expect(code).toBe(1);
	expect(out).toMatch(/^lint: failed/m);
	expect(out).toMatch(/^types of client: failed/m);
	expect(out).toMatch(/^types of server: fine/m);
	expect(out).toContain('\nlint says why\n');
	expect(out).toContain('\ntypes say why\n');
	expect(notes()).toHaveLength(4);
});

test('asks every tool for plain text where no terminal is', async () => {
	tool('vitest', 'console.log(process.env.NO_COLOR);');
	expect((await check([])).out).toMatch(/\n1\n$/);
});

test('fails when the tests fail', async () => {
	tool('vitest', 'process.exitCode = 1;');
	expect((await check([])).code).toBe(1);
});

test('fails when a tool is ended by a signal', async () => {
	tool('vitest', "process.kill(process.pid, 'SIGKILL');");
	expect((await check([])).code).toBe(1);
});

function check(args: readonly string[]): Promise<Ending> {
	return spawned([join(clone, 'server/cli/check.ts'), ...args], {}).ended;
}

/** Puts a tool among the clone's own that notes its arguments and then does what the code says. */
function tool(name: string, code = ''): void {
	const path = join(clone, 'node_modules/.bin', name);
	const noting = `process.getBuiltinModule('node:fs').appendFileSync('notes', '${name} ' + args.join(' ') + '\\n');`;
	writeFileSync(path, `#!${process.execPath}\nconst args = process.argv.slice(2);\n${noting}\n${code}`);
	chmodSync(path, 0o755);
}

function notes(): string[] {
	const path = join(clone, 'notes');
	return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}
