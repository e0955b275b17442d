import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// The whole check, and all of it: what `npm test` and therefore CI run once everything is installed.
const root = fileURLToPath(new URL('../../', import.meta.url));
// Plain text wherever nobody looks at a terminal: a log is read by programs too, and not every tool asks.
const env = process.stdout.isTTY || 'FORCE_COLOR' in process.env ? process.env : { ...process.env, NO_COLOR: '1' };

process.exitCode = (await judge()) ? await tests(process.argv.slice(2)) : 1;

/** What can be said without running the code. All of it is run, so that one failure does not hide another. */
async function judge(): Promise<boolean> {
	const results = await Promise.all([
		quietly('lint', 'biome', ['check', '.']),
		quietly('types of server', 'tsc', ['-p', 'server']),
		quietly('types of client', 'tsc', ['-p', 'client']),
		quietly('types of tests', 'tsc', ['-p', 'tests']),
	]);
	for (const { said } of results.filter((one) => one.code !== 0)) console.log(`\n${said.trim()}`);
	return results.every((one) => one.code === 0);
}

async function quietly(title: string, program: string, args: string[]): Promise<{ code: number; said: string }> {
	const began = performance.now();
	const child = start(program, args, 'pipe');
	let said = '';
	child.stdout?.on('data', (text) => {
		said += text;
	});
	child.stderr?.on('data', (text) => {
		said += text;
	});
	const code = await ended(child);
	console.log(`${title}: ${code === 0 ? 'fine' : 'failed'} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
	return { code, said };
}

function tests(more: string[]): Promise<number> {
	return ended(start('vitest', ['run', '--config', 'tests/vitest.config.ts', ...more], 'inherit'));
}

function start(program: string, args: string[], output: 'pipe' | 'inherit') {
	const path = fileURLToPath(new URL(`../../node_modules/.bin/${program}`, import.meta.url));
	const child = spawn(path, args, { cwd: root, env, stdio: ['inherit', output, output] });
	child.stdout?.setEncoding('utf8');
	child.stderr?.setEncoding('utf8');
	return child;
}

/** Resolves to the exit code; a signal that asks this process to end is passed on, so that no test run outlives it. */
function ended(child: ReturnType<typeof start>): Promise<number> {
	const passOn = (signal: NodeJS.Signals) => {
		// Ctrl-C at a terminal reaches the tools without our help, and twice means «at once» to the test runner.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
	};
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.on(signal, passOn);
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => {
			for (const signal of signals) process.off(signal, passOn);
			resolve(code ?? 1);
		});
	});
}
