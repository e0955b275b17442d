// Part of the bootstrap: plain JavaScript on node: modules alone.
import { spawn } from 'node:child_process';

/** Everything started here that still runs, and the signal, if one came, that asked this process to end. */
export const running = new Set();
export const ending = { signal: undefined };

/** Something a person can mend: its message is all there is to show. */
export class Stop extends Error {}

/**
 * Says what is being done, keeps saying that it goes on, and says how long it took.
 * `about` is how long it usually takes, such as `40 s`.
 */
export async function step(title, about, work) {
	stopIfAsked();
	const began = Date.now();
	const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
	const { stderr } = process;
	const opening = `${title} (about ${about})…`;
	stderr.write(stderr.isTTY ? opening : `${opening}\n`);
	const ticking = stderr.isTTY
		? setInterval(() => stderr.write(`\r\x1b[K${opening} ${seconds()}`), 1000)
		: setInterval(() => stderr.write(`  ${title}: ${seconds()} so far\n`), 10_000);
	let outcome = 'failed after';
	try {
		const result = await work();
		outcome = 'done in';
		return result;
	} catch (error) {
		if (ending.signal) outcome = 'stopped after';
		throw error;
	} finally {
		clearInterval(ticking);
		const last = `${outcome} ${duration(began)}\n`;
		stderr.write(stderr.isTTY ? `\r\x1b[K${opening} ${last}` : `  ${title}: ${last}`);
	}
}

/** A signal may have come while nothing ran that it could be passed on to. */
export function stopIfAsked() {
	if (ending.signal) throw new Stop('');
}

/** Runs a program to its end in silence; what it said is told only when it fails. */
export function run(command, args, options) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
		const said = [];
		child.stdout.on('data', (chunk) => said.push(chunk));
		child.stderr.on('data', (chunk) => said.push(chunk));
		running.add(child);
		child.on('error', (error) => {
			running.delete(child);
			reject(new Stop(`${command}: ${error.message}`));
		});
		child.on('close', (code, signal) => {
			running.delete(child);
			const line = [command, ...args].join(' ');
			if (code === 0) resolve();
			else reject(new Stop(`${Buffer.concat(said)}\n${line}: ended with ${signal ?? `code ${code}`}`));
		});
	});
}

function duration(began) {
	const ms = Date.now() - began;
	return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
