import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accepts, settings } from '#server/config.ts';
import type { Setting } from '#server/setting.ts';
import { type Ending, spawned } from '#tests/support/spawned.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(root, 'server/cli/ycord.mjs');
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const all: readonly Setting[] = Object.values(settings);

describe('help', () => {
	test.each([[[]], [['--help']], [['-h']], [['help']]])(
		'ycord %j lists every command, setting and default',
		async (args) => {
			const { code, out, err } = await ycord(args);
			expect({ code, err }).toEqual({ code: 0, err: '' });
			for (const command of [
				'start',
				'rehearse <customer.wav> <agent.wav>',
				'link <person>',
				'erase <call> [--yes]',
				'keys <check|rotate>',
				'service-keys <add|list|remove>',
				'settings [--markdown]',
				'help [command]',
			]) {
				expect(out).toContain(`\n  ${command}  `);
			}
			expectEverySetting(out);
		},
	);

	test.each([[['start', '--help']], [['help', 'start']], [['rehearse', 'a.wav', '-h']]])(
		'ycord %j tells of that command',
		async (args) => {
			const { code, out, err } = await ycord(args);
			expect({ code, err }).toEqual({ code: 0, err: '' });
			expect(out).toMatch(/^Usage: ycord (start|rehearse <customer.wav> <agent.wav>) \[settings\]$/m);
			expectEverySetting(out);
		},
	);

	test('ycord --version', async () => {
		expect((await ycord(['--version'])).out).toBe(`ycord ${version} on Node ${process.version}\n`);
	});
});

describe('service keys', () => {
	test('are made once, listed without the key, and taken away; what is wrong is said in a line', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'ycord-services-'));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		const ask = (...args: string[]) => ycord(['service-keys', ...args, '--data', folder]);
		const { code, out: key } = await ask('add', 'payments', 'protection');
		expect([code, key]).toEqual([0, expect.stringMatching(/^ycord_[A-Za-z0-9_-]{43}\n$/)]);
		const { out: list } = await ask('list');
		expect(list).toMatch(/^1 {2}payments {2}protection {2}made \d{4}-\d\d-\d\d {2}never used\n$/);
		expect(list).not.toContain(key.trim());
		expect(await ask('remove', '1')).toMatchObject({
			code: 0,
			out: 'The service key 1 is good for nothing any more.\n',
		});
		expect(await ask('remove', '1')).toMatchObject({
			code: 1,
			err: expect.stringContaining('There is no service key 1'),
		});
		for (const wrong of [['add'], ['add', 'No Name', 'protection'], ['add', 'crm', 'everything'], ['rotate']])
			expect(await ask(...wrong)).toMatchObject({
				code: 2,
				err: expect.stringContaining('service-keys takes: add <name>'),
			});
		expect(await ask('list')).toMatchObject({ code: 0, out: 'There are no service keys.\n' });
	});
});

describe('settings', () => {
	test('every one with its default', async () => {
		const { code, out } = await ycord(['settings']);
		expect(code).toBe(0);
		expectEverySetting(out);
	});

	test('as a Markdown table, a row each', async () => {
		const { code, out } = await ycord(['settings', '--markdown']);
		expect(code).toBe(0);
		const [head, rule, ...rows] = out.trimEnd().split('\n');
		expect(head).toBe('| Variable | Flag | Default | Accepted | Meaning |');
		expect(rule).toBe('| --- | --- | --- | --- | --- |');
		expect(rows).toHaveLength(all.length);
		for (const [index, setting] of all.entries()) {
			expect(rows[index]).toContain(`| \`${setting.name}\``);
			expect(rows[index]).toContain(`| ${accepts(setting)} | ${setting.meaning} |`);
			expect(rows[index]?.match(/(?<!\\)\|/g)).toHaveLength(6);
		}
	});
});

describe('what is not understood ends with code 2, one line, and no stack', () => {
	test.each([
		[['strat'], 'ycord: there is no command strat; the nearest is start\n'],
		[['help', 'setings'], 'ycord: there is no command setings; the nearest is settings\n'],
		[['toString'], 'ycord: there is no command toString; the nearest is settings\n'],
		[['--port', '80', 'start'], 'ycord: a command comes first, and --port is none; see ycord --help\n'],
		[['start', 'now'], 'ycord: start takes settings only, given "now"\n'],
		[['rehearse', 'one.wav'], 'ycord: rehearse takes two recordings, <customer.wav> <agent.wav>, given 1\n'],
		[['rehearse', '1', '2', '3'], 'ycord: rehearse takes two recordings, <customer.wav> <agent.wav>, given 3\n'],
		[['erase'], 'ycord: erase takes one call, by id, given 0\n'],
		[['keys', 'lose'], 'ycord: keys takes one of check and rotate, given "lose"\n'],
		[['settings', '--html'], 'ycord: settings takes [--markdown], given --html\n'],
	])('ycord %j', async (args, said) => {
		expect(await ycord(args)).toMatchObject({ code: 2, out: '', err: said });
	});

	test('wrong settings: all of them, from variables and flags', async () => {
		const { code, out, err } = await ycord(['start', '--prot', '80', '--demo', '--max-calls=none'], {
			YCORD_HOST: '0.0.0.0',
			YCORD_LOG_LEVLE: 'debug',
		});
		expect({ code, out }).toEqual({ code: 2, out: '' });
		expect(err.trimEnd().split('\n')).toEqual([
			'4 settings are wrong:',
			'  YCORD_LOG_LEVLE: no such setting; the nearest is YCORD_LOG_LEVEL',
			'  --prot: no such flag; the nearest is --port',
			'  YCORD_MAX_CALLS (--max-calls): given "none", accepted: a whole number from 1 to 100000',
			expect.stringContaining('  YCORD_HOST: given "0.0.0.0" together with the demo'),
			'`ycord settings` lists them all.',
		]);
	});

	test('a rehearsal is a demo: it stays on this machine', async () => {
		const { code, err } = await ycord(['rehearse', 'a.wav', 'b.wav', '--host', '0.0.0.0']);
		expect(code).toBe(2);
		expect(err).toContain('YCORD_HOST: given "0.0.0.0" together with the demo');
	});

	test('a secret on the command line or in a wrong variable is not repeated', async () => {
		const { code, err } = await ycord(['start', '--twilio-auth-token', 'hunter2'], {
			YCORD_TWILIO_AUTH_TOKEN: 'hunter2 !',
		});
		expect(code).toBe(2);
		expect(err).not.toContain('hunter2');
	});
});

describe('a start that cannot be is told in one line, without a stack, and ends with code 1', () => {
	test('the port is taken: by its number, and what to do', async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void other.close());
		const { port } = other.address() as AddressInfo;
		const { code, err } = await ycord(['start', '--port', String(port), '--data', folder()]);
		expect(code).toBe(1);
		expect(err).toContain(
			`ycord: port ${port} of 127.0.0.1 is taken; choose another with --port (0 takes any free one)\n`,
		);
		expect(err).not.toMatch(/^ +at /m);
	});

	test('a recording is none: by its file, and what is wrong with it', async () => {
		const { code, err } = await ycord(['rehearse', bin, bin, '--port', '0', '--data', folder()]);
		expect(code).toBe(1);
		expect(err).toContain(`ycord: ${bin}: not a WAV file`);
		expect(err).not.toMatch(/^ +at /m);
	});
});

test('an older Node is told what it takes, in one line', async () => {
	const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
	const { code, out, err } = await spawned(['--import', `data:text/javascript,${older}`, bin, 'start'], {}).ended;
	expect({ code, out }).toEqual({ code: 1, out: '' });
	expect(err).toMatch(/^Ycord needs Node 24 or newer; this is .*\n$/);
});

test('an installed package runs too, where Node itself strips no types, and without a warning', async () => {
	const place = folder();
	const home = join(place, 'node_modules/ycord');
	mkdirSync(home, { recursive: true });
	for (const path of ['package.json', 'server', 'shared'])
		cpSync(join(root, path), join(home, path), { recursive: true });
	for (const dependency of Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies)) {
		const from = join(place, 'node_modules', dependency);
		mkdirSync(dirname(from), { recursive: true });
		symlinkSync(join(root, 'node_modules', dependency), from);
	}
	const { code, out, err } = await spawned([join(home, 'server/cli/ycord.mjs'), 'settings'], {}).ended;
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expectEverySetting(out);
});

function folder(): string {
	const path = mkdtempSync(join(tmpdir(), 'ycord-cli-'));
	onTestFinished(() => rmSync(path, { recursive: true }));
	return path;
}

function ycord(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ending> {
	return spawned([bin, ...args], env).ended;
}

function expectEverySetting(text: string): void {
	for (const setting of all) {
		const names = [setting.flag && `--${setting.flag}`, setting.name, setting.secret && `${setting.name}_FILE`];
		const value = setting.default ?? setting.otherwise;
		expect(text).toContain(`\n  ${names.filter(Boolean).join(', ')}  (default: ${value})\n`);
		expect(text).toContain(`${setting.meaning} Accepted: ${accepts(setting)}.`);
	}
}
