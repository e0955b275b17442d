import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headerBytes } from '#shared/audio.ts';
import { type Child, child } from '#tests/bench/child.ts';
import type { Manner } from '#tests/bench/load.ts';
import { probe, type Server, type ServerOptions, usageWithinMs } from '#tests/bench/servers.ts';
import type { Usage } from '#tests/bench/usage-probe.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A relay cannot be had on this machine; the message says why. */
export class NotHere extends Error {
	override readonly name = 'NotHere';
}

interface Relay {
	/** Where the listeners of a call connect, and what is said there. */
	listen: (callSid: string) => string;
	manner: Manner;
	headerBytes: number;
	usage: (port: number) => Promise<Usage>;
	stop: () => Promise<void>;
}

/** What all relays have in common: calls at `/call`, nobody asked for anything. */
async function relayServer(process: Child, { listen, manner, headerBytes, usage, stop }: Relay): Promise<Server> {
	try {
		const port = Number((await process.says(/Relaying on port (\d+)/))[1]);
		return {
			port,
			door: { port, path: '/call', headers: {}, agent: 'ann' },
			seats: async (callSids, perCall, place) => ({
				headers: {},
				listeners: callSids.flatMap((callSid, index) =>
					Array(perCall).fill({ call: place + index, path: listen(callSid) }),
				),
				headerBytes,
				manner,
			}),
			usage: () => usage(port),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** A plain relay on `ws`: see plain-relay.ts. */
export function plainServer({ core, signal }: ServerOptions): Promise<Server> {
	const relay = child({
		name: 'the plain relay',
		args: [...probe, fileOf('./plain-relay.ts')],
		env: {},
		core,
		signal,
	});
	return relayServer(relay, {
		listen: (callSid) => `/listen/${callSid}`,
		manner: 'silent',
		headerBytes: 0,
		usage: () => relay.ask<Usage>({ ask: 'usage' }, usageWithinMs),
		stop: relay.stop,
	});
}

/** The same on socket.io: see socketio-relay.ts. Rejects with `NotHere` where socket.io is not installed. */
export async function socketioServer({ core, signal }: ServerOptions): Promise<Server> {
	try {
		import.meta.resolve('socket.io');
	} catch {
		throw new NotHere('socket.io is not installed');
	}
	const relay = child({
		name: 'the socket.io relay',
		args: [...probe, fileOf('./socketio-relay.ts')],
		env: { NODE_ENV: 'production' },
		core,
		signal,
	});
	return relayServer(relay, {
		listen: (callSid) => `/socket.io/?EIO=4&transport=websocket&call=${callSid}`,
		manner: 'socket.io',
		headerBytes: 0,
		usage: () => relay.ask<Usage>({ ask: 'usage' }, usageWithinMs),
		stop: relay.stop,
	});
}

/** The relay in C: see c-relay.c. Compiled here and now; rejects with `NotHere` where that does not work. */
export async function cServer({ core, signal }: ServerOptions): Promise<Server> {
	const folder = await temporaryFolder();
	const program = join(folder.path, 'c-relay');
	const source = fileOf('./c-relay.c');
	const compiler = ['cc', 'gcc', 'clang'].find(
		(name) => spawnSync(name, ['-O2', '-std=gnu11', '-o', program, source]).status === 0,
	);
	if (!compiler) {
		await folder.remove();
		throw new NotHere('there is no C compiler, or no epoll');
	}
	const relay = child({ name: 'the relay in C', program, args: [], env: {}, core, signal });
	return relayServer(relay, {
		listen: (callSid) => `/listen/${callSid}`,
		manner: 'silent',
		headerBytes,
		async usage(port) {
			const text = await (await fetch(`http://127.0.0.1:${port}/usage`, { signal })).text();
			const [cpuUs = Number.NaN, rssBytes = Number.NaN] = text.split(' ').map(Number);
			return { cpuUs, rssBytes };
		},
		async stop() {
			await relay.stop();
			await folder.remove();
		},
	});
}
