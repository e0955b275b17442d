import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { type WebSocket, WebSocketServer } from 'ws';
import { machineClock } from '#server/clock.ts';
import { encodeSound, frameMs, frameSamples } from '#shared/audio.ts';
import { chirpMs, chirpsOnTheWire } from '#tests/support/chirp.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { arrivals, type LinkWeather } from '#tests/support/weather.ts';

/** Serves the page with two players, and sends it a call of chirps over a link with a weather. */
export interface EarServer {
	address: string;
	/** The weather from the next connection on; none is a bare loopback. */
	weather(next: LinkWeather | undefined, seed: number): void;
	stop(): Promise<void>;
}

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

export async function earServer(): Promise<EarServer> {
	const folder = await temporaryFolder();
	await build({
		root: join(import.meta.dirname, 'ear-page'),
		configFile: false,
		logLevel: 'error',
		worker: { format: 'es' },
		build: { outDir: folder.path, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
	});
	const http = createServer(async (request, response) => {
		const path = new URL(request.url ?? '/', 'http://here').pathname;
		const file = join(folder.path, path === '/' ? 'index.html' : path);
		const content = await readFile(file).catch(() => undefined);
		const type = types[extname(file)] ?? 'application/octet-stream';
		response.writeHead(content ? 200 : 404, { 'content-type': type }).end(content);
	});
	const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
	let link: { weather: LinkWeather | undefined; seed: number } = { weather: undefined, seed: 1 };
	sockets.on('connection', (socket) => socket.on('close', call(socket, link)));
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	return {
		address: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
		weather(weather, seed) {
			link = { weather, seed };
		},
		async stop() {
			for (const socket of sockets.clients) socket.terminate();
			await new Promise((resolve) => http.close(resolve));
			await folder.remove();
		},
	};
}

/** A call in real time, stamped when each message is complete, sent when the link lets it through. Gives back what ends it. */
function call(socket: WebSocket, { weather, seed }: { weather: LinkWeather | undefined; seed: number }): () => void {
	const clock = machineClock();
	const sound = chirpsOnTheWire(chirpMs);
	const comesAt = weather ? arrivals(weather, seed) : (atMs: number) => atMs;
	const beganMs = clock.now();
	const perChirp = chirpMs / frameMs;
	let sequence = 0;
	let stop = () => {};
	/** What is under way, in order: a timer for each would let what comes at once overtake. */
	const underWay: { dueMs: number; message: Uint8Array }[] = [];
	let stopWaiting: (() => void) | undefined;
	const deliver = () => {
		stopWaiting = undefined;
		for (let first = underWay[0]; first && first.dueMs <= clock.now(); first = underWay[0]) {
			underWay.shift();
			socket.send(first.message);
		}
		if (underWay[0]) stopWaiting = clock.after(Math.max(1, underWay[0].dueMs - clock.now()), deliver);
	};
	const next = () => {
		const dueMs = (sequence + 1) * frameMs;
		stop = clock.after(Math.max(0, beganMs + dueMs - clock.now()), () => {
			const at = (sequence % perChirp) * frameSamples;
			const part = (leg: Uint8Array) => leg.subarray(at, at + frameSamples);
			const header = { codec: 'pcmu', frames: 1, sequence, mediaMs: sequence * frameMs } as const;
			const parts = { customer: part(sound.customer), agent: part(sound.agent) };
			const message = encodeSound({ ...header, serverMs: Math.round(Date.now()) % 2 ** 32 }, parts);
			sequence++;
			underWay.push({ dueMs: beganMs + comesAt(dueMs), message });
			if (!stopWaiting) deliver();
			next();
		});
	};
	next();
	return () => {
		stop();
		stopWaiting?.();
	};
}
