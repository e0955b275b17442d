import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** One of the two voices of a test call: µ-law as RTP to one place. Hears nothing. */
export interface TestPhone {
	readonly port: number;
	/** Where it is heard; undefined until that is known. */
	to: { host: string; port: number } | undefined;
	/** Says a piece that stands at this place of its sound, in samples. */
	say(sound: Uint8Array, from: number): void;
	close(): void;
}

/** A phone on any free port of this address. Rejects if it is none of this machine's. */
export async function testPhone(host: string): Promise<TestPhone> {
	const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
	await new Promise<void>((resolve, reject) => {
		socket.once('error', reject);
		socket.bind(0, host, resolve);
	});
	// Whatever cannot be sent is missed by the test, which says so.
	socket.on('error', () => {});
	const ssrc = randomInt(2 ** 32 - 1);
	let sequence = 0;
	const one: TestPhone = {
		port: socket.address().port,
		to: undefined,
		say(sound, from) {
			if (!one.to) return;
			const packet = Buffer.alloc(12 + sound.length);
			packet[0] = 0x80;
			packet.writeUInt16BE(sequence++ & 0xffff, 2);
			packet.writeUInt32BE(from, 4);
			packet.writeUInt32BE(ssrc, 8);
			packet.set(sound, 12);
			socket.send(packet, one.to.port, one.to.host, () => {});
		},
		close: () => socket.close(),
	};
	return one;
}
