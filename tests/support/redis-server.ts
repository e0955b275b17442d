import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A redis-server of a test's own, on a Unix socket in a folder of its own. */
export interface RedisServer {
	readonly socket: string;
	/** Where it writes its append-only file. */
	readonly folder: string;
	stop(): Promise<void>;
}

/** Starts one that keeps an append-only file; resolves when it takes connections. */
export async function redisServer(): Promise<RedisServer> {
	const program = process.env.YCORD_TEST_REDIS;
	if (!program) throw new Error('YCORD_TEST_REDIS names no redis-server; `npm test` sets it');
	const { path, remove } = await temporaryFolder();
	const socket = join(path, 'redis.sock');
	const settings = { port: '0', unixsocket: socket, dir: path, appendonly: 'yes', appendfsync: 'always', save: '' };
	const child = spawn(
		program,
		Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
	);
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	await new Promise<void>((resolve, reject) => {
		let said = '';
		child.stdout.setEncoding('utf8').on('data', (text) => {
			said += text;
			if (/ready to accept connections/i.test(said)) resolve();
		});
		ended.then(() => reject(new Error(`redis-server ended: ${said}`)));
		child.once('error', reject);
	});
	return {
		socket,
		folder: path,
		async stop() {
			child.kill('SIGTERM');
			await ended;
			await remove();
		},
	};
}
