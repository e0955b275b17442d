// Part of the bootstrap: plain JavaScript on node: modules alone.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ending, run, Stop, step } from './step.mjs';

const tools = [
	{
		name: 'Chromium',
		variable: 'YCORD_TEST_CHROMIUM',
		programs: ['chromium', 'chromium-browser', 'google-chrome'],
		package: 'chromium',
		about: '60 s',
		hint: { debian: 'apt-get install chromium', darwin: 'brew install --cask chromium', other: 'install Chromium' },
	},
	{
		name: 'redis-server',
		variable: 'YCORD_TEST_REDIS',
		programs: ['redis-server'],
		// Not Debian's package redis-server: that one starts a server now and at every boot. redis-tools brings the same
		// program under the name redis-check-rdb (it looks at the name it was called by), and no service.
		package: 'redis-tools',
		alias: 'redis-check-rdb',
		about: '10 s',
		hint: { debian: 'apt-get install redis-tools', darwin: 'brew install redis', other: 'install Redis 7 or newer' },
	},
	{
		name: 'sipp',
		variable: 'YCORD_TEST_SIPP',
		programs: ['sipp'],
		package: 'sip-tester',
		about: '5 s',
		// Says its version and leaves as if something were wrong.
		asked: ['-v'],
		answers: 99,
		hint: { debian: 'apt-get install sip-tester', darwin: 'brew install sipp', other: 'install SIPp 3.6 with RTP' },
	},
	{
		name: 'rtpengine',
		variable: 'YCORD_TEST_RTPENGINE',
		programs: ['rtpengine'],
		package: 'rtpengine-daemon',
		// The package starts a service, now and at every boot; the tests start their own.
		service: 'rtpengine-daemon',
		about: '30 s',
		hint: {
			debian: 'apt-get install rtpengine-daemon',
			darwin: 'it runs on Linux only',
			other: 'install rtpengine 10.5 or newer',
		},
	},
	{
		name: 'baresip',
		variable: 'YCORD_TEST_BARESIP',
		programs: ['baresip'],
		package: 'baresip-core',
		about: '15 s',
		// Says how it is used and leaves as if something were wrong.
		asked: ['-h'],
		answers: 254,
		hint: { debian: 'apt-get install baresip-core', darwin: 'brew install baresip', other: 'install baresip' },
	},
];

/** The variables that name each tool the tests need; undefined as long as one is missing. */
export function foundTools(env, bin) {
	const found = tools.map((tool) => [tool.variable, find(tool, env, bin)]);
	return found.every(([, path]) => path !== undefined) ? Object.fromEntries(found) : undefined;
}

/** Installs what is missing where that can be done without asking, and else says what to install. */
export async function installTools(env, bin) {
	const missing = () => tools.filter((tool) => find(tool, env, bin) === undefined);
	const debian = existsSync('/etc/debian_version') && onPath('apt-get', env) !== undefined;
	if (missing().length > 0 && debian && process.getuid?.() === 0) {
		// A broken list of some other source need not keep these packages from being found: installing decides.
		await step('Updating the list of packages', '5 s', () => apt(env, 'update')).catch((error) => {
			if (ending.signal) throw error;
		});
		for (const tool of missing()) {
			await step(`Installing ${tool.name}`, tool.about, () =>
				apt(env, 'install', '-y', '--no-install-recommends', tool.package),
			);
			if (tool.service) leave(tool.service, env);
		}
	}
	const lines = missing().map((tool) => {
		const hint = tool.hint[debian ? 'debian' : process.platform] ?? tool.hint.other;
		return `Missing for the tests: ${tool.name}. Install it (${hint}) or name one in ${tool.variable}.`;
	});
	if (lines.length > 0) throw new Stop(lines.join('\n'));
}

function find(tool, env, bin) {
	const named = env[tool.variable];
	if (named) {
		if (works(named, env, tool)) return named;
		throw new Stop(`${tool.variable} names ${named}, which does not run; accepted: the path of a ${tool.name}.`);
	}
	const present = tool.programs.map((program) => onPath(program, env)).find((path) => path && works(path, env, tool));
	if (present || !tool.alias) return present;
	const original = onPath(tool.alias, env);
	return original && link(original, join(bin, tool.programs[0]), env, tool);
}

/** Gives a program its other name, among this folder's own programs. */
function link(original, path, env, tool) {
	rmSync(path, { force: true });
	symlinkSync(original, path);
	return works(path, env, tool) ? path : undefined;
}

function onPath(program, env) {
	const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
	return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Asked to run, not only to be there: Ubuntu's chromium-browser may be a script that says to install something else. */
function works(path, env, { asked = ['--version'], answers = 0 }) {
	return spawnSync(path, asked, { env, stdio: 'ignore', timeout: 30_000 }).status === answers;
}

/** Stops a service that came with a package, for now and for every boot; where there are no services, nothing has started. */
function leave(service, env) {
	spawnSync('invoke-rc.d', [service, 'stop'], { env, stdio: 'ignore', timeout: 30_000 });
	spawnSync('update-rc.d', [service, 'disable'], { env, stdio: 'ignore', timeout: 30_000 });
}

function apt(env, ...args) {
	// Waits when some other installation holds the lock, and never asks.
	const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
	return run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], options);
}
