import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type House, house } from '#server/app.ts';
import type { Config } from '#server/config.ts';
import { type DemoOptions, startDemo } from '#server/demo.ts';
import { firstAdministrator } from '#server/first-administrator.ts';

/** What a start can be told beside its settings. */
export interface StartOptions {
	/** WAV files to rehearse with in place of the shipped call. */
	rehearsal?: { customer: string; agent: string };
}

/**
 * Builds the house, listens, and leaves in good order: SIGTERM lets real calls finish for as long as the settings say,
 * Ctrl-C leaves at once. Resolves when the server has stopped.
 */
export async function start(config: Config, options: StartOptions = {}): Promise<void> {
	// Where the greeting or the demo's log cannot be written, the calls go on all the same.
	process.stdout.on('error', () => {});
	const logTo = config.demo ? demoLog(config) : undefined;
	const app = await house(config, logTo ? { logTo } : {});
	const demoOptions: DemoOptions = options.rehearsal ? { files: options.rehearsal } : {};
	let stopDemo = async () => {};
	try {
		await app.http.listen({ host: config.host, port: config.port });
		if (config.demo) stopDemo = await startDemo(app, config, demoOptions);
		else greet(app);
	} catch (error) {
		await app.close();
		throw error;
	}
	const why = await Promise.race([signal(), app.broken.catch(() => 'broken' as const)]);
	process.exitCode = why === 'broken' ? 1 : 0;
	if (why === 'SIGTERM') await drain(app, config.drainSeconds * 1000);
	await stopDemo();
	await app.close();
	if (config.demo) process.stdout.write('\nYcord has hung up. Notes and the record are kept.\n');
}

/** The one link that is printed, to a terminal or a journal of the system: good once, within a day. */
function greet(app: House) {
	process.stdout.write(`Ycord is on the line at ${app.address()}\n`);
	const link = firstAdministrator(app);
	if (link)
		process.stdout.write(
			`Nobody is known here yet. The first administrator chooses a password here, once, within a day:\n${link}\n`,
		);
}

/** A demo's terminal shows its links; the log goes to a file beside the store. */
function demoLog(config: Config) {
	mkdirSync(config.data, { recursive: true, mode: 0o700 });
	return createWriteStream(join(config.data, 'ycord.log'), { flags: 'a' }).on('error', () => {});
}

/** One press of Ctrl-C can arrive twice, from the terminal and from a wrapper: this close together they are one. */
const samePressMs = 1000;

function signal(): Promise<'SIGINT' | 'SIGTERM'> {
	return new Promise((resolve) => {
		let pressedAt = 0;
		process.on('SIGINT', () => {
			// Whoever presses again does not want to wait for anything.
			if (pressedAt > 0 && performance.now() - pressedAt > samePressMs) process.exit(130);
			pressedAt ||= performance.now();
			resolve('SIGINT');
		});
		process.once('SIGTERM', () => resolve('SIGTERM'));
	});
}

/** Not ready any more, no new calls; real calls may finish for a while. */
function drain(app: House, patienceMs: number): Promise<void> {
	app.drain();
	const until = app.clock.now() + patienceMs;
	return new Promise((resolve) => {
		const stop = app.clock.every(100, () => {
			if (app.intake.count('real') > 0 && app.clock.now() < until) return;
			stop();
			resolve();
		});
	});
}
