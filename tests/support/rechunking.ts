import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { randomNumbers } from '#tests/support/seed.ts';

/** A way to a server that cuts the bytes sent to it anywhere; every piece arrives by itself, or glued to what was left of the last. */
export interface Rechunking {
	readonly address: string;
	/** The port of this machine to which what comes is sent on. Before that nobody may connect. */
	to(port: number): void;
	/** How many pieces it has sent. */
	readonly pieces: number;
}

/** Ends with the test. The same seed cuts at the same places, as long as the same bytes come at once. */
export async function rechunking(seed: number, largest = 400): Promise<Rechunking> {
	const random = randomNumbers(seed);
	let port = 0;
	let pieces = 0;
	const server = createServer((near) => {
		if (port === 0) return void near.destroy();
		const far = connect(port, '127.0.0.1').setNoDelay(true);
		let left = Buffer.alloc(0);
		let isSending = false;
		const sendOn = () => {
			isSending = left.length > 0 && !far.destroyed;
			if (!isSending) return;
			const size = 1 + random(random(4) === 0 ? 4 : largest);
			far.write(left.subarray(0, size));
			left = left.subarray(size);
			pieces++;
			// A turn of the loop later, so that the other side reads it apart, or does not: both must do.
			setImmediate(sendOn);
		};
		near.on('data', (bytes) => {
			left = Buffer.concat([left, bytes]);
			if (!isSending) sendOn();
		});
		far.pipe(near);
		near.on('error', () => far.destroy()).on('close', () => far.destroy());
		far.on('error', () => near.destroy()).on('close', () => near.destroy());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	return {
		address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		to(there) {
			port = there;
		},
		get pieces() {
			return pieces;
		},
	};
}
