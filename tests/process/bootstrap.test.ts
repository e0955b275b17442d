import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Spawned, spawned } from '#tests/support/spawned.ts';

// A clone of its own for each test, and a machine whose PATH holds nothing but what the test puts there.
let clone: string;
let machine: string;

beforeEach(() => {
	const folder = mkdtempSync(join(tmpdir(), 'ycord-bootstrap-'));
	clone = join(folder, 'clone');
	machine = join(folder, 'machine');
	mkdirSync(machine);
	for (const name of ['bootstrap', 'lock', 'step', 'test-tools']) {
		cpSync(fileURLToPath(new URL(`../../server/cli/${name}.mjs`, import.meta.url)), `${clone}/server/cli/${name}.mjs`);
	}
	put('package.json', JSON.stringify({ scripts: { build: 'node build.mjs' } }));
	put('package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}');
	put('client/main.tsx', 'one');
	put('shared/note.ts', 'one');
	put('build.mjs', `import { appendFileSync } from 'node:fs'; appendFileSync('notes', 'built\\n');`);
	npmThat(installs);
	return () => rmSync(folder, { recursive: true });
});

describe('packages', () => {
	test('are installed once, with the runtime, and told of', async () => {
		const first = await bootstrap(['--', 'node', '-p', '"it runs"']).ended;
		expect(first).toMatchObject({ code: 0, out: 'it runs\n' });
		expect(first.err).toMatch(/^Installing packages \(about 40 s\)…\n {2}Installing packages: done in \d\.\d s\n$/);
		expect(notes()).toEqual(['npm ci --include=dev --no-audit --no-fund --loglevel=error']);

		const second = await bootstrap(['--', 'node', '-p', '"again"']).ended;
		expect(second).toMatchObject({ code: 0, out: 'again\n', err: '' });
		expect(notes()).toHaveLength(1);
	});

	test('are installed again when the lock file changed', async () => {
		await bootstrap(['--', 'node', '-v']).ended;
		put('package-lock.json', '{"packages":{"node_modules/a":{"version":"2.0.0"}}}');
		await bootstrap(['--', 'node', '-v']).ended;
		expect(notes()).toHaveLength(2);
	});

	test('that were installed by hand, as the lock file says, are taken as they are', async () => {
		putRuntime();
		put('node_modules/.package-lock.json', read('package-lock.json'));
		expect(await bootstrap(['--', 'node', '-p', '1']).ended).toMatchObject({ code: 0, out: '1\n', err: '' });
		expect(notes()).toEqual([]);
	});

	test('that were installed on another kind of machine are installed again', async () => {
		await bootstrap([]).ended;
		put('node_modules/.package-lock.json', read('package-lock.json'));
		put('node_modules/.bootstrap-stamp', read('node_modules/.bootstrap-stamp').replace(/ .*/, ' other-cpu'));
		await bootstrap([]).ended;
		expect(notes()).toHaveLength(2);
	});

	test('that cannot be installed: says what npm said, and ends with 1', async () => {
		npmThat("console.error('npm error the network is down'); process.exit(9);");
		const { code, err } = await bootstrap(['--', 'node', '-p', '1']).ended;
		expect(code).toBe(1);
		expect(err).toContain('Installing packages: failed after');
		expect(err).toContain('npm error the network is down');
		expect(existsSync(join(clone, '.bootstrap.lock'))).toBe(false);
	});

	test('are installed by one of two that start at once', async () => {
		const gate = await closedGate();
		npmThat(`atGate(() => { ${installs} });`);
		const first = bootstrap(['--', 'node', '-p', '1']);
		await gate.reached;
		const second = bootstrap(['--', 'node', '-p', '2']);
		await second.says('Waiting for another start of Ycord');
		gate.open();
		expect(await first.ended).toMatchObject({ code: 0, out: '1\n' });
		expect(await second.ended).toMatchObject({ code: 0, out: '2\n' });
		expect(notes()).toHaveLength(1);
	});

	test('are not waited for when the lock was left alone for long, whatever became of its process id', async () => {
		put('.bootstrap.lock', String(process.pid));
		const minuteAgo = Date.now() / 1000 - 60;
		utimesSync(join(clone, '.bootstrap.lock'), minuteAgo, minuteAgo);
		const { code, err } = await bootstrap([]).ended;
		expect(code).toBe(0);
		expect(err).not.toContain('Waiting');
	});

	test('are not waited for when whoever installed them is dead', async () => {
		const { process: dead, ended } = spawned(['-e', ''], {});
		await ended;
		put('.bootstrap.lock', String(dead.pid));
		const { code, err } = await bootstrap([]).ended;
		expect(code).toBe(0);
		expect(err).not.toContain('Waiting');
		expect(existsSync(join(clone, '.bootstrap.lock'))).toBe(false);
	});
});

describe('the runtime', () => {
	test('that ignored scripts left out is set up', async () => {
		npmThat(`if (args[0] === 'rebuild') runtime(); else folder();`);
		expect(await bootstrap(['--', 'node', '-p', '1'], olderNode).ended).toMatchObject({ code: 0, out: '1\n' });
		expect(notes()[1]).toBe('npm rebuild node --ignore-scripts=false --no-audit --no-fund --loglevel=error');
	});

	test('that does not run here: one line says what to do', async () => {
		npmThat('folder();');
		const { code, err } = await bootstrap(['--', 'node', '-p', '1'], olderNode).ended;
		expect(code).toBe(1);
		expect(err.trimEnd().split('\n').at(-1)).toMatch(
			/^Ycord needs Node 24 or newer, .* Install Node 24 \(this is v.*\) and start again\.$/,
		);
	});

	test('that does not run here is not missed where the machine’s own is new enough', async () => {
		npmThat('folder();');
		const { code, out } = await bootstrap(['--', 'node', '-p', 'process.execPath']).ended;
		expect({ code, out }).toEqual({ code: 0, out: `${process.execPath}\n` });
	});
});

describe('the pages', () => {
	const build = async () => (await bootstrap(['--build', '--', 'node', '-v']).ended).code;

	test('are built when something they are made of changed, and only then', async () => {
		for (const [path, times] of [
			['', 1],
			['', 1],
			['client/main.tsx', 2],
			['shared/new.ts', 3],
			['server/x.ts', 3],
			['package-lock.json', 4],
		] as const) {
			if (path) put(path, `{"other": "${path}"}`);
			expect(await build()).toBe(0);
			expect(notes().filter((note) => note === 'built')).toHaveLength(times);
		}
	});

	test('that broke off half way are built again, even from what they were once built from', async () => {
		await build();
		const working = read('build.mjs');
		put('client/main.tsx', 'two');
		put('build.mjs', 'throw new Error("no such thing");');
		const { code, err } = await bootstrap(['--build', '--', 'node', '-v']).ended;
		expect(code).toBe(1);
		expect(err).toContain('no such thing');
		put('client/main.tsx', 'one');
		put('build.mjs', working);
		expect(await build()).toBe(0);
		expect(notes().filter((note) => note === 'built')).toHaveLength(2);
	});
});

describe('the command', () => {
	beforeEach(async () => {
		await bootstrap([]).ended;
	});

	test('has its own exit code', async () => {
		expect(await bootstrap(['--', 'node', '-e', 'process.exit(7)']).ended).toMatchObject({ code: 7, err: '' });
	});

	test('has its own end by a signal', async () => {
		const { signal } = await bootstrap(['--', 'node', '-e', 'process.kill(process.pid, "SIGKILL")']).ended;
		expect(signal).toBe('SIGKILL');
	});

	test('has its own arguments, flags and dashes among them', async () => {
		const { out } = await bootstrap(['--', 'node', '-p', 'process.argv.slice(1).join()', '--', '--build', '--', 'x'])
			.ended;
		expect(out).toBe('--build,--,x\n');
	});

	test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gets %s, and may end in its own way', async (signal) => {
		const answering = `process.on('${signal}', () => process.exit(5)); process.stdin.resume(); console.log('ready')`;
		const process = bootstrap(['--', 'node', '-e', answering]);
		await process.says('ready');
		process.process.kill(signal);
		expect((await process.ended).code).toBe(5);
	});

	test('that is not there is named', async () => {
		const { code, err } = await bootstrap(['--', 'nonesuch']).ended;
		expect(code).toBe(1);
		expect(err).toMatch(/^nonesuch: .*ENOENT\n$/);
	});

	test('is not started after a flag that is not known', async () => {
		const { code, out, err } = await bootstrap(['--biuld', '--', 'node', '-p', '1']).ended;
		expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'bootstrap: no such flag: --biuld\n' });
	});
});

test('a signal while installing ends npm first, then the bootstrap, and leaves no lock', async () => {
	const gate = await closedGate();
	npmThat(`process.on('SIGINT', () => { note('npm stopped'); process.exit(1); }); atGate(() => {});`);
	const process = bootstrap(['--', 'node', '-p', '1']);
	await gate.reached;
	process.process.kill('SIGINT');
	const { signal, out, err } = await process.ended;
	expect({ signal, out }).toEqual({ signal: 'SIGINT', out: '' });
	expect(err).toContain('Installing packages: stopped after');
	expect(notes().at(-1)).toBe('npm stopped');
	expect(existsSync(join(clone, '.bootstrap.lock'))).toBe(false);
});

describe('the tools of the tests', () => {
	const showing = [
		'--test-tools',
		'--',
		'node',
		'-p',
		'[process.env.YCORD_TEST_CHROMIUM, process.env.YCORD_TEST_REDIS].join()',
	];
	const inBin = (name: string) => join(clone, 'node_modules/.bin', name);
	const onMachine = (name: string) => join(machine, name);
	const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');

	/** The tools that none of these tests is about, there and fine. */
	const others = { sipp: 'process.exit(99);', rtpengine: '', baresip: 'process.exit(254);' };

	beforeEach(async () => {
		await bootstrap([]).ended;
		rmSync(join(clone, 'notes'));
		for (const [name, code] of Object.entries(others)) program(name, code);
	});

	test('that are on PATH are taken, and the tests are told where they are', async () => {
		program('google-chrome');
		program('redis-server');
		const { code, out, err } = await bootstrap(showing).ended;
		expect({ code, err }).toEqual({ code: 0, err: '' });
		expect(out).toBe(`${onMachine('google-chrome')},${onMachine('redis-server')}\n`);
	});

	test('that are named by their variables are taken before those', async () => {
		for (const name of ['chromium', 'redis-server', 'mine']) program(name);
		const env = { YCORD_TEST_CHROMIUM: onMachine('mine'), YCORD_TEST_REDIS: onMachine('mine') };
		expect((await bootstrap(showing, { env }).ended).out).toBe(`${onMachine('mine')},${onMachine('mine')}\n`);
	});

	test('that are named but do not run stop everything, by the variable’s name', async () => {
		program('chromium');
		program('redis-server');
		const { code, err } = await bootstrap(showing, { env: { YCORD_TEST_REDIS: '/nowhere' } }).ended;
		expect(code).toBe(1);
		expect(err).toBe('YCORD_TEST_REDIS names /nowhere, which does not run; accepted: the path of a redis-server.\n');
	});

	test('that are there but do not run are passed over', async () => {
		program('chromium', 'process.exit(1);');
		program('chromium-browser');
		program('redis-server');
		expect((await bootstrap(showing).ended).out).toBe(
			`${onMachine('chromium-browser')},${onMachine('redis-server')}\n`,
		);
	});

	test('redis-server is found under its other name', async () => {
		program('chromium');
		program('redis-check-rdb');
		expect((await bootstrap(showing).ended).out).toBe(`${onMachine('chromium')},${inBin('redis-server')}\n`);
	});

	test('that are missing are named, one line each, where nothing can be installed', async () => {
		for (const name of Object.keys(others)) rmSync(onMachine(name));
		const { code, out, err } = await bootstrap(showing).ended;
		expect({ code, out }).toEqual({ code: 1, out: '' });
		expect(err.trimEnd().split('\n')).toEqual([
			expect.stringMatching(
				/^Missing for the tests: Chromium\. Install it \(.+\) or name one in YCORD_TEST_CHROMIUM\.$/,
			),
			expect.stringMatching(
				/^Missing for the tests: redis-server\. Install it \(.+\) or name one in YCORD_TEST_REDIS\.$/,
			),
			...Object.keys(others).map((name) =>
				expect.stringMatching(
					`^Missing for the tests: ${name}\\. Install it \\(.+\\) or name one in YCORD_TEST_${name.toUpperCase()}\\.$`,
				),
			),
		]);
	});

	test('that are missing are installed by root on Debian, and by nobody else', async () => {
		rmSync(onMachine('rtpengine'));
		const bringing = {
			chromium: 'chromium',
			'redis-tools': 'redis-check-rdb',
			'rtpengine-daemon': 'rtpengine',
		};
		for (const name of ['invoke-rc.d', 'update-rc.d']) program(name, `note('${name} ' + args.join(' '));`);
		program(
			'apt-get',
			`note('apt-get ' + args.slice(3).join(' ')); const name = ${JSON.stringify(bringing)}[args.at(-1)]; if (name) program(name);`,
		);
		const { code, out } = await bootstrap(showing).ended;
		if (!mayInstall) {
			expect({ code, notes: notes() }).toEqual({ code: 1, notes: [] });
			return;
		}
		expect({ code, out }).toEqual({ code: 0, out: `${onMachine('chromium')},${inBin('redis-server')}\n` });
		expect(notes()).toEqual([
			'apt-get update',
			'apt-get install -y --no-install-recommends chromium',
			'apt-get install -y --no-install-recommends redis-tools',
			'apt-get install -y --no-install-recommends rtpengine-daemon',
			'invoke-rc.d rtpengine-daemon stop',
			'update-rc.d rtpengine-daemon disable',
		]);
	});
});

// What a Node looks like to the bootstrap that is too old to be the runtime itself.
const olderNode = { older: true };

function bootstrap(args: readonly string[], { older = false, env = {} as Record<string, string> } = {}): Spawned {
	const early = older ? ['--import', `data:text/javascript,${encodeURIComponent(asOlder)}`] : [];
	const process = spawned(
		[...early, join(clone, 'server/cli/bootstrap.mjs'), ...args],
		{ PATH: machine, ...env },
		clone,
	);
	onTestFinished(() => void process.process.kill('SIGKILL'));
	return process;
}

const asOlder = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;

/** Puts a program on the machine's PATH; in its code, what `prelude` declares is at hand. */
function program(name: string, code = ''): void {
	const path = join(machine, name);
	writeFileSync(path, `#!${process.execPath}\n${prelude}\n${code}`);
	chmodSync(path, 0o755);
}

function npmThat(code: string): void {
	program('npm', `note('npm ' + args.join(' '));\n${code}`);
}

function putRuntime(): void {
	for (const path of ['node_modules/node/bin', 'node_modules/.bin']) {
		mkdirSync(join(clone, path), { recursive: true });
		symlinkSync(process.execPath, join(clone, path, 'node'));
	}
}

function put(path: string, text: string): void {
	mkdirSync(dirname(join(clone, path)), { recursive: true });
	writeFileSync(join(clone, path), text);
}

function read(path: string): string {
	return readFileSync(join(clone, path), 'utf8');
}

/** What the programs of this machine have noted, in order. */
function notes(): string[] {
	return existsSync(join(clone, 'notes')) ? read('notes').trimEnd().split('\n') : [];
}

/** A place where a program can be held, known to have come there, and let go: a connection that the test closes. */
async function closedGate(): Promise<{ reached: Promise<void>; open(): void }> {
	const gate = createServer();
	await new Promise<void>((resolve) => gate.listen(join(machine, 'gate'), resolve));
	const held = new Promise<Socket>((resolve) => gate.once('connection', resolve));
	const open = () => void held.then((socket) => socket.end());
	onTestFinished(() => void gate.close());
	return { reached: held.then(() => {}), open };
}

const installs = 'runtime();';

const prelude = `
const { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } = process.getBuiltinModule('node:fs');
const args = process.argv.slice(2);
const machine = process.getBuiltinModule('node:path').dirname(process.argv[1]);
const clone = machine + '/../clone';
const note = (text) => appendFileSync(clone + '/notes', text + '\\n');
const folder = () => mkdirSync(clone + '/node_modules/.bin', { recursive: true });
const runtime = () => {
	for (const path of ['/node_modules/node/bin', '/node_modules/.bin']) {
		mkdirSync(clone + path, { recursive: true });
		try {
			symlinkSync(process.execPath, clone + path + '/node');
		} catch {}
	}
};
const program = (name) => {
	writeFileSync(machine + '/' + name, '#!' + process.execPath);
	chmodSync(machine + '/' + name, 0o755);
};
const atGate = (then) => process.getBuiltinModule('node:net').connect(machine + '/gate').resume().on('close', then);
`;
