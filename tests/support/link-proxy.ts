import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { machineClock } from '#server/clock.ts';
import { arrivals, type LinkWeather } from '#tests/support/weather.ts';

export interface LinkProxy {
	/** Where to connect in place of the server, such as http://127.0.0.1:1234. */
	address: string;
	/** From now on nothing comes for so long, then everything. */
	outage(forMs: number): void;
	close(): Promise<void>;
}

/** Bytes under way to one client; when there are more, the server's side is not read until some have come. [B1] */
const mostUnderWay = 1_048_576;

/** A link between clients and the server at `to`: what the server says is as late as the weather has it, the other way nothing is. */
export async function linkProxy(to: string, weather: LinkWeather, seed: number): Promise<LinkProxy> {
	const { hostname, port } = new URL(to);
	const clock = machineClock();
	const open = new Set<Socket>();
	const beganMs = clock.now();
	let links = 0;
	let shutUntilMs = 0;
	const delivering = new Set<() => void>();
	const proxy = createServer((client) => {
		const server = connect(Number(port), hostname);
		const comesAt = arrivals(weather, seed + links++);
		const underWay: { dueMs: number; bytes?: Buffer }[] = [];
		let size = 0;
		let stopWaiting = () => {};
		const end = () => {
			stopWaiting();
			underWay.length = 0;
			client.destroy();
			server.destroy();
		};
		const deliver = () => {
			stopWaiting();
			const isShut = clock.now() < shutUntilMs;
			for (let next = underWay[0]; next && !isShut && next.dueMs <= clock.now(); next = underWay[0]) {
				underWay.shift();
				size -= next.bytes?.length ?? 0;
				if (next.bytes) client.write(next.bytes);
				else client.end();
			}
			if (size < mostUnderWay) server.resume();
			const dueMs = Math.max(underWay[0]?.dueMs ?? 0, shutUntilMs);
			if (underWay[0]) stopWaiting = clock.after(Math.max(1, dueMs - clock.now()), deliver);
		};
		const hold = (bytes?: Buffer) => {
			underWay.push({ dueMs: beganMs + comesAt(clock.now() - beganMs), ...(bytes ? { bytes } : {}) });
			size += bytes?.length ?? 0;
			if (size >= mostUnderWay) server.pause();
			if (underWay.length === 1) deliver();
		};
		delivering.add(deliver);
		client.on('close', () => delivering.delete(deliver));
		for (const socket of [client, server]) {
			open.add(socket);
			socket.setNoDelay(true);
			socket.on('error', end);
			socket.on('close', () => open.delete(socket));
		}
		client.pipe(server);
		client.on('close', end);
		server.on('data', hold);
		server.on('end', () => hold());
	});
	await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
	return {
		address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
		outage(forMs) {
			shutUntilMs = clock.now() + forMs;
			for (const deliver of delivering) deliver();
		},
		close: () =>
			new Promise((closed) => {
				proxy.close(() => closed());
				for (const socket of open) socket.destroy();
			}),
	};
}
