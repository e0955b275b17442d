import { createSocket } from 'node:dgram';
import { createServer, isIPv6, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
	contentLength,
	maxMessageBytes,
	readDatagram,
	readHead,
	type SipMessage,
} from '#server/telephony/sip/message.ts';
import type { Clock } from '#shared/clock.ts';

/** Where a message came from, and the way back there. */
export interface SipPeer {
	readonly address: string;
	readonly port: number;
	readonly over: 'UDP' | 'TCP' | 'TLS';
	/** Sends to where the peer's message came from; over UDP to another port, if one is given. What is gone is gone silently. */
	send(text: string, port?: number): void;
}

export interface SipTransportNeeds {
	host: string;
	/** For UDP and TCP; 0 takes any free one. */
	port: number;
	/** Another port for TLS, with certificate and key as PEM. */
	tls?: { port: number; cert: string; key: string };
	clock: Clock;
	message: (message: SipMessage, peer: SipPeer) => void;
	/** Something that is no SIP. `why` is our own text. */
	malformed: (why: string, peer: Pick<SipPeer, 'address' | 'over'>) => void;
	/** Whether this address may talk to us at all: others are not even read, and told as strangers. */
	mayCome: (address: string) => boolean;
	stranger: (over: SipPeer['over']) => void;
}

export interface SipTransport {
	/** The port for UDP and TCP, and the one for TLS. */
	readonly port: number;
	readonly tlsPort: number | undefined;
	close(): Promise<void>;
}

/** Connections at once: who comes beyond is cut off. Recorders keep one or a few. [B1] */
const maxConnections = 500;
/** A connection has to bring its first whole message in this time. */
const firstWithinMs = 10_000;

/** Where any port will do, how often one is tried that is free for TCP and turns out to be taken for UDP. */
const maxTries = 20;

/** Hears SIP over UDP and TCP, and TLS where a certificate is given. (RFC 3261, 18) Rejects if a port cannot be had. */
export async function sipTransport(needs: SipTransportNeeds): Promise<SipTransport> {
	for (let tries = 1; ; tries++)
		try {
			return await opened(needs);
		} catch (error) {
			const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
			if (needs.port !== 0 || !isTaken || tries === maxTries) throw error;
		}
}

async function opened(needs: SipTransportNeeds): Promise<SipTransport> {
	const { host, clock, message, malformed, mayCome, stranger } = needs;
	const connections = new Set<Socket>();

	function connected(socket: Socket, over: 'TCP' | 'TLS') {
		const address = plain(socket.remoteAddress ?? '');
		if (connections.size >= maxConnections || !mayCome(address)) {
			if (connections.size < maxConnections) stranger(over);
			socket.destroy();
			return;
		}
		connections.add(socket);
		const peer: SipPeer = {
			address,
			port: socket.remotePort ?? 0,
			over,
			send(text) {
				if (socket.writable) socket.write(text);
			},
		};
		const stop = clock.after(firstWithinMs, () => socket.destroy());
		const read = framed(
			(one) => {
				stop();
				message(one, peer);
			},
			() => socket.write('\r\n'),
			(why) => {
				malformed(why, peer);
				// Nothing behind it can be told apart any more.
				socket.destroy();
			},
		);
		socket.on('data', read);
		socket.on('error', () => {});
		socket.on('close', () => {
			stop();
			connections.delete(socket);
		});
	}

	const tcp = createServer((socket) => connected(socket, 'TCP'));
	const port = await listening(tcp, needs.port, host);
	const udp = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
	const tlsServer =
		needs.tls && createTlsServer({ cert: needs.tls.cert, key: needs.tls.key }, (socket) => connected(socket, 'TLS'));
	udp.on('message', (bytes, from) => {
		const address = plain(from.address);
		const peer: SipPeer = {
			address,
			port: from.port,
			over: 'UDP',
			send: (text, to = from.port) => udp.send(text, to, from.address, () => {}),
		};
		if (!mayCome(address)) return stranger('UDP');
		// Four zero bytes or an empty line keep a way open, and say nothing. (RFC 5626, 3.5.1)
		if (bytes.length <= 4) return;
		const read = readDatagram(bytes);
		if ('wrong' in read) malformed(read.wrong, peer);
		else message(read.message, peer);
	});
	let tlsPort: number | undefined;
	try {
		await new Promise<void>((resolve, reject) => {
			udp.once('error', reject);
			udp.bind(port, host, () => {
				udp.off('error', reject);
				udp.on('error', () => {});
				resolve();
			});
		});
		if (tlsServer) tlsPort = await listening(tlsServer, needs.tls?.port ?? 0, host);
	} catch (error) {
		tcp.close();
		udp.close();
		throw error;
	}

	return {
		port,
		tlsPort,
		async close() {
			// With the last goodbyes.
			for (const socket of connections) socket.destroySoon();
			await Promise.all([
				new Promise<void>((resolve) => tcp.close(() => resolve())),
				new Promise<void>((resolve) => udp.close(() => resolve())),
				tlsServer && new Promise<void>((resolve) => tlsServer.close(() => resolve())),
			]);
		},
	};
}

function listening(server: ReturnType<typeof createServer>, port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			server.on('error', () => {});
			const bound = server.address();
			resolve(typeof bound === 'object' && bound ? bound.port : port);
		});
	});
}

/** An IPv4 address as it is written, also where it came in on an IPv6 socket. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Finds messages in a stream, by Content-Length (RFC 3261, 18.3). Any splitting of the bytes gives the same ones. */
export function framed(
	message: (message: SipMessage) => void,
	ping: () => void,
	malformed: (why: string) => void,
): (bytes: Buffer) => void {
	let kept: Buffer = Buffer.alloc(0);
	/** How far the empty line has been looked for: a head that comes byte by byte is not searched from its start each time. */
	let looked = 0;
	let head: SipMessage | undefined;
	let isOver = false;

	const over = (why: string) => {
		isOver = true;
		kept = Buffer.alloc(0);
		malformed(why);
	};

	/** Takes one message off the front; false when there is no whole one. */
	function take(): boolean {
		if (!head) {
			// Two empty lines ask whether the way is still open (RFC 5626, 3.5.1); one alone says nothing.
			while (kept[0] === 13 && kept[1] === 10) {
				if (kept.length < 4) return false;
				const isPing = kept[2] === 13 && kept[3] === 10;
				if (isPing) ping();
				kept = kept.subarray(isPing ? 4 : 2);
				looked = 0;
			}
			const end = kept.indexOf('\r\n\r\n', Math.max(0, looked - 3));
			looked = kept.length;
			if (end < 0) {
				if (kept.length > maxMessageBytes) over(`a message over ${maxMessageBytes} bytes`);
				return false;
			}
			const read = readHead(kept.toString('utf8', 0, end));
			if ('wrong' in read) {
				over(read.wrong);
				return false;
			}
			head = read.head;
			kept = kept.subarray(end + 4);
			looked = 0;
		}
		const length = contentLength(head);
		if (length === undefined || !(length <= maxMessageBytes)) {
			over(length === undefined ? 'no Content-Length in a stream' : `a body over ${maxMessageBytes} bytes`);
			return false;
		}
		if (kept.length < length) return false;
		const whole = { ...head, body: Buffer.from(kept.subarray(0, length)) };
		kept = kept.subarray(length);
		head = undefined;
		message(whole);
		return true;
	}

	return (bytes) => {
		if (isOver) return;
		kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
		while (!isOver && take());
	};
}
