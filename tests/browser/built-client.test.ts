import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = await temporaryFolder();
const root = join(import.meta.dirname, '../..');
interface Chunk {
	file: string;
	isEntry?: boolean;
	imports?: string[];
	css?: string[];
}
let manifest: Record<string, Chunk>;
let files: string[];

beforeAll(async () => {
	const vite = join(root, 'node_modules/vite/bin/vite.js');
	const where = ['--config', 'client/vite.config.ts', '--outDir', folder.path, '--emptyOutDir', '--manifest'];
	// In a process of its own: here the environment says `test`, and the build would be the slow and large one for tests.
	const env = { ...process.env, NODE_ENV: 'production' };
	await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error', ...where], { cwd: root, env });
	manifest = JSON.parse(await readFile(join(folder.path, '.vite/manifest.json'), 'utf8'));
	files = await readdir(join(folder.path, 'assets'));
});
afterAll(() => folder.remove());

const zippedKiB = async (file: string) => gzipSync(await readFile(join(folder.path, file)), { level: 9 }).length / 1024;
/** Everything a page loads before it runs: its own file, the entry's, and what they import. */
async function pageKiB(page: string): Promise<number> {
	const loaded = new Set<string>();
	const take = (name: string) => {
		const chunk = manifest[name];
		if (!chunk || loaded.has(chunk.file)) return;
		loaded.add(chunk.file);
		chunk.imports?.forEach(take);
	};
	take('index.html');
	take(page);
	let sum = 0;
	for (const file of loaded) sum += await zippedKiB(file);
	return sum;
}

describe('the built client', () => {
	test('costs an invited executive no more than 130 KiB, and nobody more than 190', async () => {
		const pages = Object.keys(manifest).filter((name) => name.startsWith('pages/'));
		expect(pages).toContain('pages/listen/listen-page.tsx');
		for (const page of pages)
			expect(await pageKiB(page), page).toBeLessThan(page.startsWith('pages/listen/') ? 130 : 190);
	});

	test('has its worklets as files of their own, no more than 5 KiB each', async () => {
		const worklets = files.filter((file) => file.includes('.worklet'));
		expect(worklets.length).toBe(2);
		for (const file of worklets) expect(await zippedKiB(`assets/${file}`), file).toBeLessThan(5);
	});

	test('runs nothing inline: the policy allows scripts from files only', async () => {
		const html = await readFile(join(folder.path, 'index.html'), 'utf8');
		for (const [script] of html.matchAll(/<script[^>]*>[^<]*/g))
			expect(script).toMatch(/^<script[^>]* src="\/[^"]+"[^>]*>\s*$/);
		expect(html).not.toMatch(/ on[a-z]+=|<style|javascript:/);
	});

	test('takes only types from the shared schemas: the schema library stays on the server', async () => {
		for (const file of files.filter((name) => name.endsWith('.js')))
			expect(await readFile(join(folder.path, 'assets', file), 'utf8'), file).not.toContain('additionalProperties');
	});
});
