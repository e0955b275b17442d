import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { RawSocket } from '#tests/bench/raw-socket.ts';

/** One leg's way to a port of this machine, as datagrams; `gone` is called when nobody is there any more. */
export async function datagramSender(
	port: number,
	gone: (why: string) => void,
): Promise<Pick<RawSocket, 'send' | 'write'>> {
	const socket = createSocket('udp4');
	socket.on('error', (error) => gone(`port ${port}: ${error.message}`));
	socket.connect(port, '127.0.0.1');
	await once(socket, 'connect');
	const write = (message: string | Buffer) => socket.send(message);
	return { send: write, write };
}
