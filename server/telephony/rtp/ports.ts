import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { inTurn } from '#server/telephony/in-turn.ts';

/** Where a datagram came from, or goes to. */
export interface Peer {
	address: string;
	port: number;
}
type Heard = (bytes: Buffer, from: Peer) => void;

/** An even port for RTP and the next one for RTCP (RFC 3550, 11), both bound. */
export interface RtpPort {
	readonly port: number;
	/** Who hears what comes; one at a time. What comes before anybody does is dropped. */
	onRtp(heard: Heard): void;
	onRtcp(heard: Heard): void;
	sendRtcp(bytes: Uint8Array, to: Peer): void;
	close(): void;
}

/** The ports that sound may come in on: two for each leg. Who comes when all are taken is refused. [B1] */
export interface RtpPorts {
	/** Undefined: every port of the range is taken, by us or by somebody else. */
	open(): Promise<RtpPort | undefined>;
	/** How many pairs are open. */
	readonly taken: number;
	/** Closes all that are open. */
	close(): void;
}

export interface RtpPortsNeed {
	/** The address to listen on, without a name to look up. */
	host: string;
	/** The first and the last port of the range; pairs begin at even ones. */
	from: number;
	to: number;
}

/** What the kernel keeps of one leg while this process is busy: two seconds of G.711 with their headers, and twice that. */
const receiveBufferBytes = 65_536;

export function rtpPorts({ host, from, to }: RtpPortsNeed): RtpPorts {
	const first = from + (from % 2);
	const pairs = Math.max(0, Math.floor((to - first + 1) / 2));
	const open = new Map<number, () => void>();
	/** A port is used again as late as possible: what was meant for its last call may still come. */
	let turn = 0;

	let isClosed = false;
	const taking = inTurn();

	async function pairAt(port: number): Promise<RtpPort | undefined> {
		const rtp = await bound(host, port);
		if (!rtp) return undefined;
		const rtcp = await bound(host, port + 1);
		if (!rtcp || isClosed) {
			rtp.close();
			rtcp?.close();
			return undefined;
		}
		const close = () => {
			if (!open.delete(port)) return;
			rtp.close();
			rtcp.close();
		};
		open.set(port, close);
		return {
			port,
			onRtp(heard) {
				const heardIfOpen: Heard = (bytes, from) => {
					if (open.get(port) === close) heard(bytes, from);
				};
				const take = taking(([bytes, from]: [Buffer, Peer]) => heardIfOpen(bytes, from));
				rtp.removeAllListeners('message').on('message', (bytes, from) => take([bytes, from]));
			},
			onRtcp: (heard) => rtcp.removeAllListeners('message').on('message', heard),
			// A report that cannot be sent is missed by nobody.
			sendRtcp: (bytes, to) => open.has(port) && rtcp.send(bytes, to.port, to.address, () => {}),
			close,
		};
	}

	/** Those being bound: two calls at once do not try the same. */
	const trying = new Set<number>();
	return {
		async open() {
			for (let tried = 0; tried < pairs && !isClosed; tried++) {
				const port = first + 2 * turn;
				turn = (turn + 1) % pairs;
				if (open.has(port) || trying.has(port)) continue;
				trying.add(port);
				const pair = await pairAt(port).finally(() => trying.delete(port));
				if (pair) return pair;
			}
			return undefined;
		},
		get taken() {
			return open.size;
		},
		close() {
			isClosed = true;
			for (const close of [...open.values()]) close();
		},
	};
}

function bound(host: string, port: number): Promise<Socket | undefined> {
	return new Promise((resolve) => {
		const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes });
		socket.once('error', () => {
			socket.close();
			resolve(undefined);
		});
		socket.bind(port, host, () => {
			socket.removeAllListeners('error');
			// A peer's «port unreachable» is told here, and is no reason to stop listening.
			socket.on('error', () => {});
			resolve(socket);
		});
	});
}
