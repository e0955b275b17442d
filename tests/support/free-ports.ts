import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A range of so many pairs of UDP ports that nobody had a moment ago, the first one even. Beyond the ports the kernel gives
 * by itself, so that no socket of another test comes to lie in it; tests that run at once look at other places.
 */
export async function freeRtpRange(pairs: number): Promise<{ from: number; to: number }> {
	for (;;) {
		const from = 10_000 + 2 * Math.floor(Math.random() * 11_000);
		const tried = await Promise.all(Array.from({ length: 2 * pairs }, (_, place) => isFree(from + place)));
		if (tried.every(Boolean)) return { from, to: from + 2 * pairs - 1 };
	}
}

async function isFree(port: number): Promise<boolean> {
	const socket = createSocket('udp4');
	const failed = once(socket, 'error').then(() => false);
	socket.bind(port, '127.0.0.1');
	const free = await Promise.race([once(socket, 'listening').then(() => true), failed]);
	await new Promise<void>((resolve) => socket.close(() => resolve()));
	return free;
}
