import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
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
	/** Sends to where the peer's message came from; over UDP to another port, if one is given. False: there is no way there any more. */
	send(text: string, port?: number): boolean;
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
	mayCome: (address: string, port: number) => boolean;
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
/** A connection has to be secured, and to bring its first whole message, in this time each. */
const firstWithinMs = 10_000;
/** Whoever reads so little of what is sent is cut off. [B1] */
const maxUnsentBytes = 1 << 20;
/** When we go, the last goodbyes are waited for no longer. */
const closeWithinMs = 2000;

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
	/** Those that are not secured yet, by where they come from. */
	const arriving = new Map<string, Socket>();
	const origin = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

	/** Whether this one may stay; else it is gone. */
	function admitted(socket: Socket, over: 'TCP' | 'TLS'): boolean {
		const isFull = connections.size + arriving.size >= maxConnections;
		if (!isFull && mayCome(plain(socket.remoteAddress ?? ''), socket.remotePort ?? 0)) return true;
		if (!isFull) stranger(over);
		socket.destroy();
		return false;
	}

	function connected(socket: Socket, over: 'TCP' | 'TLS') {
		connections.add(socket);
		const send = (text: string) => {
			if (!socket.writable) return false;
			socket.write(text);
			if (socket.writableLength > maxUnsentBytes) socket.destroy();
			return true;
		};
		const address = plain(socket.remoteAddress ?? '');
		const peer: SipPeer = { address, port: socket.remotePort ?? 0, over, send };
		const stop = clock.after(firstWithinMs, () => socket.destroy());
		const read = framed(
			(one) => {
				stop();
				message(one, peer);
			},
			() => send('\r\n'),
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

	const { tcp, udp, port } = await bothAt(host, needs.port);
	tcp.on('connection', (socket) => {
		if (admitted(socket, 'TCP')) connected(socket, 'TCP');
	});

	/** Datagrams on their way to the system: the socket is closed behind the last goodbye. */
	const leaving = new Set<Promise<void>>();
	let isClosed = false;
	function sendDatagram(text: string, to: number, address: string): boolean {
		// A port out of a message may be any number.
		if (isClosed || !(to > 0 && to < 65_536)) return false;
		const sent = new Promise<void>((resolve) => udp.send(text, to, address, () => resolve()));
		leaving.add(sent);
		void sent.then(() => leaving.delete(sent));
		return true;
	}
	udp.on('message', (bytes, from) => {
		const address = plain(from.address);
		const peer: SipPeer = {
			address,
			port: from.port,
			over: 'UDP',
			send: (text, to = from.port) => sendDatagram(text, to, from.address),
		};
		if (!mayCome(address, from.port)) return stranger('UDP');
		// Four zero bytes or an empty line keep a way open, and say nothing. (RFC 5626, 3.5.1)
		if (bytes.length <= 4) return;
		const read = readDatagram(bytes);
		if ('wrong' in read) malformed(read.wrong, peer);
		else message(read.message, peer);
	});

	let secured: Server | undefined;
	let tlsPort: number | undefined;
	if (needs.tls) {
		const { cert, key } = needs.tls;
		try {
			const server = createTlsServer({ cert, key, handshakeTimeout: firstWithinMs });
			server.on('connection', (socket: Socket) => {
				if (!admitted(socket, 'TLS')) return;
				const from = origin(socket);
				arriving.set(from, socket);
				socket.on('close', () => arriving.delete(from));
			});
			server.on('tlsClientError', (_, socket) => {
				if (arriving.delete(origin(socket)))
					malformed('a TLS handshake that failed', { address: plain(socket.remoteAddress ?? ''), over: 'TLS' });
			});
			server.on('secureConnection', (socket) => {
				arriving.delete(origin(socket));
				connected(socket, 'TLS');
			});
			tlsPort = await listening(server, needs.tls.port, host);
			secured = server;
		} catch (error) {
			tcp.close();
			udp.close();
			throw error;
		}
	}

	return {
		port,
		tlsPort,
		async close() {
			for (const socket of arriving.values()) socket.destroy();
			for (const socket of connections) socket.destroySoon();
			const stop = clock.after(closeWithinMs, () => {
				for (const socket of connections) socket.destroy();
			});
			isClosed = true;
			await Promise.all([
				new Promise<void>((resolve) => tcp.close(() => resolve())),
				Promise.all(leaving).then(() => new Promise<void>((resolve) => udp.close(() => resolve()))),
				secured && new Promise<void>((resolve) => secured.close(() => resolve())),
			]);
			stop();
		},
	};
}

/** One port for TCP and UDP. If it is any free one, that of TCP may be taken for UDP: then it is another. */
async function bothAt(host: string, wanted: number): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
	for (let tried = 1; ; tried++) {
		const tcp = createServer();
		const port = await listening(tcp, wanted, host);
		const udp = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
		try {
			await new Promise<void>((resolve, reject) => {
				udp.once('error', reject);
				udp.bind(port, host, () => {
					udp.off('error', reject);
					udp.on('error', () => {});
					resolve();
				});
			});
			return { tcp, udp, port };
		} catch (error) {
			tcp.close();
			udp.close();
			if (wanted !== 0 || tried === 10) throw error;
		}
	}
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
