// From a fresh clone to a running program in one command: installs, builds, and then becomes the command after `--`.
//   node server/cli/bootstrap.mjs [--build] [--test-tools] -- <command> …
// Plain JavaScript on node: modules alone, for it runs before anything is installed, on any Node from 18 on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './lock.mjs';
import { ending, run, running, Stop, step, stopIfAsked } from './step.mjs';
import { foundTools, installTools } from './test-tools.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const at = (...parts) => join(root, ...parts);
const bin = at('node_modules', '.bin');
const pinned = at('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const runtimeMajor = 24;
const installStampFile = at('node_modules', '.bootstrap-stamp');
const buildStampFile = at('dist', '.build-stamp');
// Part of the stamp: a folder may be carried to another machine, and what was installed is for one platform.
const platform = `${process.platform}-${process.arch}`;

// What npm put in front of PATH is left out: npm itself runs on the machine's own Node, for it replaces the pinned one.
const hostPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(at('node_modules')));
const hostEnv = { ...process.env, PATH: hostPath.join(delimiter) };

const split = process.argv.indexOf('--');
const flags = process.argv.slice(2, split < 0 ? undefined : split);
const command = split < 0 ? [] : process.argv.slice(split + 1);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal));
try {
	const unknown = flags.find((flag) => flag !== '--build' && flag !== '--test-tools');
	if (unknown) throw new Stop(`bootstrap: no such flag: ${unknown}`);
	if (!isReady()) await alone(at('.bootstrap.lock'), prepare);
	stopIfAsked();
	if (command.length > 0) await become(command);
} catch (error) {
	if (ending.signal) endBy(ending.signal);
	if (!(error instanceof Stop)) throw error;
	console.error(error.message);
	process.exit(1);
}

function isReady() {
	return isInstalled() && runtimePath() !== undefined && isBuilt() && hasTools();
}

/** Each step asks again whether it is needed: whoever held the lock before may have done it. */
async function prepare() {
	if (!isInstalled()) await install();
	if (runtimePath() === undefined) await mendRuntime();
	if (!hasTools()) await installTools(commandEnv(), bin);
	if (!isBuilt()) await build();
}

function isInstalled() {
	const stamp = textOf(installStampFile);
	if (stamp === installStamp()) return true;
	if ((stamp !== undefined && !stamp.endsWith(platform)) || !isAsLocked()) return false;
	writeFileSync(installStampFile, installStamp());
	return true;
}

function installStamp() {
	return `${hashOf(['package-lock.json'])} ${platform}`;
}

/** Whoever ran `npm install` by hand need not install again: npm's own record names the same packages as the lock. */
function isAsLocked() {
	const installed = packagesIn(at('node_modules', '.package-lock.json'));
	const locked = packagesIn(at('package-lock.json'));
	const same = (path) => installed[path]?.version === locked[path]?.version;
	return (
		Object.keys(installed).length > 0 &&
		Object.keys(installed).every(same) &&
		Object.keys(locked).every((path) => path === '' || locked[path].optional || same(path))
	);
}

function packagesIn(file) {
	return JSON.parse(textOf(file) ?? '{}').packages ?? {};
}

async function install() {
	// Development packages too, whatever NODE_ENV says: the runtime is one of them.
	await step('Installing packages', '40 s', () =>
		npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'),
	);
	writeFileSync(installStampFile, installStamp());
}

/** An npm that was told to ignore scripts has left the runtime package without its program. */
async function mendRuntime() {
	await step(`Setting up Node ${runtimeMajor}`, '10 s', () =>
		npm('rebuild', 'node', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error'),
	);
	if (runtimePath() !== undefined) return;
	throw new Stop(
		`Ycord needs Node ${runtimeMajor} or newer, and the one that npm installs does not run on this machine. ` +
			`Install Node ${runtimeMajor} (this is ${process.version}) and start again.`,
	);
}

function npm(...args) {
	// npm names its own program to its scripts: the npm that was asked to start is the one that installs.
	const own = process.env.npm_execpath;
	const [program, first] = own?.endsWith('npm-cli.js') ? ['node', [own]] : ['npm', []];
	return run(program, [...first, ...args], { cwd: root, env: hostEnv, shell: process.platform === 'win32' });
}

/** PATH with a new enough Node in front: the pinned one, or else this machine's own. */
function runtimePath() {
	if (isRuntime(pinned)) return [bin, ...hostPath].join(delimiter);
	if (Number.parseInt(process.versions.node, 10) < runtimeMajor || process.execPath.startsWith(root)) return undefined;
	return [dirname(process.execPath), bin, ...hostPath].join(delimiter);
}

function isRuntime(program) {
	try {
		if (realpathSync(program) === realpathSync(process.execPath)) return true;
	} catch {
		return false;
	}
	const { stdout } = spawnSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' });
	return Number.parseInt(stdout, 10) >= runtimeMajor;
}

function isBuilt() {
	return !flags.includes('--build') || textOf(buildStampFile) === buildStamp();
}

function buildStamp() {
	return hashOf([...filesUnder('client'), ...filesUnder('shared'), 'package-lock.json']);
}

async function build() {
	const before = buildStamp();
	// Without a stamp until it is whole: a build that breaks off must not pass for the one before it.
	rmSync(buildStampFile, { force: true });
	const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
	await step('Building the pages', '5 s', () => run(scripts.build, [], { cwd: root, env: commandEnv(), shell: true }));
	mkdirSync(at('dist'), { recursive: true });
	writeFileSync(buildStampFile, before);
}

function filesUnder(folder) {
	return readdirSync(at(folder), { withFileTypes: true })
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			return entry.isDirectory() ? filesUnder(path) : [path];
		})
		.sort();
}

function textOf(file) {
	return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashOf(paths) {
	const hash = createHash('sha256');
	for (const path of paths) hash.update(`${path}\0`).update(readFileSync(at(path)));
	return hash.digest('hex');
}

function hasTools() {
	return !flags.includes('--test-tools') || foundTools(commandEnv(), bin) !== undefined;
}

function commandEnv() {
	return { ...process.env, PATH: runtimePath() };
}

function become([program, ...args]) {
	const env = commandEnv();
	// The tests are told where the tools are, so that there is one place that looks for them.
	if (flags.includes('--test-tools')) Object.assign(env, foundTools(env, bin));
	const child = spawn(program, args, { env, stdio: 'inherit' });
	child.isCommand = true;
	running.add(child);
	return new Promise((_, reject) => {
		child.on('error', (error) => reject(new Stop(`${program}: ${error.message}`)));
		child.on('exit', (code, signal) => (signal ? endBy(signal) : process.exit(code)));
	});
}

function passOn(signal) {
	const again = ending.signal !== undefined;
	ending.signal = signal;
	for (const child of running) {
		// Ctrl-C at a terminal reaches the command without our help, and twice means «at once» to many programs.
		if (child.isCommand && signal === 'SIGINT' && process.stdin.isTTY && !again) continue;
		child.kill(signal);
	}
}

function endBy(signal) {
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
}
