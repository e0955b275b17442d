import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { createClient } from 'redis';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** The redis-server of this machine: the one that `YCORD_TEST_REDIS` names, else the one on the path. */
function redisHere(): string {
	const named = process.env.YCORD_TEST_REDIS;
	if (named) return named;
	for (const folder of (process.env.PATH ?? '').split(delimiter)) {
		const path = join(folder, 'redis-server');
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not there; the next one.
		}
	}
	throw new Error('No redis-server: `npm test` installs one, or name one in YCORD_TEST_REDIS.');
}

/** Settings as in redis.conf; `port` makes it listen on TCP as well. */
export type RedisSettings = Readonly<Record<string, string | number>>;

/** Kept as a journal needs it: on a unix socket, everything on the disk before it is answered, nothing thrown away. */
const asNeeded = { port: 0, appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' };

/** A redis-server of the test's own, in a folder of its own. */
export interface TestRedis {
	/** Where it listens, as Ycord is told. */
	readonly url: string;
	readonly socket: string;
	/** Where it keeps its files. */
	readonly folder: string;
	/** What stands against Ycord's own client: another one, connected; closed together with the server. */
	witness(): Promise<Witness>;
	/** Started again on what it had, with these settings as well. */
	start(settings?: RedisSettings): Promise<void>;
	/** As `kill -9`, or with another signal. Waits until it has gone, unless it was only to stand still. */
	kill(signal?: NodeJS.Signals): Promise<void>;
	remove(): Promise<void>;
}

/** A client of the package `redis`. */
export type Witness = ReturnType<typeof createClient>;

/** Starts one. */
export async function testRedis(settings: RedisSettings = {}): Promise<TestRedis> {
	const { path, remove } = await temporaryFolder();
	const socket = `${path}/redis.sock`;
	const witnesses: Witness[] = [];
	let running: ChildProcess | undefined;
	let ended = Promise.resolve();

	async function start(more: RedisSettings = {}) {
		const all = { ...asNeeded, dir: path, unixsocket: socket, ...settings, ...more };
		const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
		const server = spawn(redisHere(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
		running = server;
		let said = '';
		ended = new Promise((resolve) => {
			server.on('close', () => resolve()).on('error', () => resolve());
		});
		await new Promise<void>((resolve, reject) => {
			const hear = (text: Buffer) => {
				said += text;
				if (said.includes('is now ready to accept connections at')) resolve();
			};
			server.stdout.on('data', hear);
			server.stderr.on('data', hear);
			server.on('error', reject);
			ended.then(() => reject(new Error(`redis-server did not start:\n${said}`)));
		});
	}
	async function kill(signal: NodeJS.Signals = 'SIGKILL') {
		running?.kill(signal);
		if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
	}

	await start();
	return {
		url: `unix:${socket}`,
		socket,
		folder: path,
		async witness() {
			const client = createClient({ socket: { path: socket, tls: false } });
			client.on('error', () => {});
			witnesses.push(client as Witness);
			await client.connect();
			return client as Witness;
		},
		start,
		kill,
		async remove() {
			for (const one of witnesses) one.destroy();
			await kill();
			await remove();
		},
	};
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** A cluster of one node that has all slots: it refuses commands whose keys are not on one. */
export async function testRedisCluster(): Promise<TestRedis> {
	// The port of the cluster's own talk is the other one's, plus 10,000.
	let port = await freePort();
	while (port > 55_535) port = await freePort();
	const redis = await testRedis({
		port,
		bind: '127.0.0.1',
		'cluster-enabled': 'yes',
		'cluster-announce-ip': '127.0.0.1',
	});
	const witness = await redis.witness();
	await witness.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
	while (!String(await witness.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) {
		// It takes the cluster a moment to find itself whole.
	}
	const node = `redis://127.0.0.1:${port}`;
	return { ...redis, url: `${node},${node}` };
}
