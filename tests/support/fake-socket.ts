import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** The server's end of a WebSocket, without a network: a test emits what comes and looks at what was sent. */
export interface FakeSocket extends EventEmitter {
	/** For code that takes a `ws` socket. */
	readonly asWebSocket: WebSocket;
	/** Text as it was sent, binary as bytes. */
	readonly sent: (string | Uint8Array)[];
	readonly closed: { code: number; reason: string } | undefined;
	bufferedAmount: number;
	/** While true nothing that is sent is taken: the other side does not read. Then it reads all at once. */
	stuck: boolean;
	/** Something comes: an object as JSON, text, or bytes as a binary message. */
	comes(message: object | string | Uint8Array): void;
	/** The other side is gone. */
	gone(): void;
}

export function fakeSocket(): FakeSocket {
	let closed: { code: number; reason: string } | undefined;
	const sent: (string | Uint8Array)[] = [];
	let stuck = false;
	let untaken: (() => void)[] = [];
	const socket = Object.assign(new EventEmitter(), {
		sent,
		bufferedAmount: 0,
		send(message: string | Uint8Array, taken?: () => void) {
			sent.push(message);
			if (!stuck) return taken?.();
			socket.bufferedAmount += message.length;
			untaken.push(() => taken?.());
		},
		close(code = 1005, reason = '') {
			if (Buffer.byteLength(reason) > 123) throw new RangeError('a close reason is at most 123 bytes');
			closed ??= { code, reason };
		},
		comes(message: object | string | Uint8Array) {
			const binary = message instanceof Uint8Array;
			const text = typeof message === 'string' ? message : JSON.stringify(message);
			socket.emit('message', binary ? Buffer.from(message) : Buffer.from(text), binary);
		},
		gone: () => void socket.emit('close', 1006, Buffer.alloc(0)),
	});
	Object.defineProperty(socket, 'asWebSocket', { get: () => socket });
	Object.defineProperty(socket, 'stuck', {
		set(now: boolean) {
			stuck = now;
			const taken = untaken;
			if (stuck) return;
			untaken = [];
			socket.bufferedAmount = 0;
			for (const take of taken) take();
		},
	});
	Object.defineProperty(socket, 'closed', { get: () => closed });
	return socket as unknown as FakeSocket;
}
