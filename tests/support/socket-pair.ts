import { EventEmitter } from 'node:events';
import type { OpenSocket, Socket } from '#client/live/socket.ts';

type Message = string | Uint8Array<ArrayBuffer>;

/**
 * Two ends of a WebSocket in memory. Nothing arrives by itself: what is sent waits in a queue until the test delivers it,
 * so order, delay and loss are written down in the test instead of slept for.
 */
export interface SocketPair {
	/** The address that was dialled. */
	url: string;
	/** The end that client code holds: shaped like a browser's WebSocket. */
	browser: Socket;
	/** The other end: shaped like a `ws` socket as far as server code under test needs it. */
	server: ServerEnd;
	/** Opens both ends. */
	open(): void;
	/** Sent by one end and not delivered yet; a test may reorder or empty them. */
	toServer: Message[];
	toBrowser: Message[];
	/** Delivers the oldest `count` messages, all by default. */
	deliverToServer(count?: number): void;
	deliverToBrowser(count?: number): void;
	/** Delivers everything in both directions until both queues are empty. */
	flush(): void;
	/** The network is gone: both ends close with 1006, and what was queued is lost. */
	cut(): void;
	/** How the browser's end was closed by client code, if it was. */
	readonly closedByBrowser: { code: number; reason: string } | undefined;
}

/** Emits `message` (data, isBinary) and `close` (code, reason), as `ws` does, and keeps what it received. */
export interface ServerEnd extends EventEmitter {
	readonly OPEN: number;
	readonly readyState: number;
	readonly bufferedAmount: number;
	/** Every message delivered so far: text as parsed JSON, binary as it is. */
	received: unknown[];
	send(message: Message | object, options?: unknown, sent?: (error?: Error) => void): void;
	close(code?: number, reason?: string): void;
	terminate(): void;
}

const asMessage = (message: Message | object): Message =>
	typeof message === 'string' || message instanceof Uint8Array ? (message as Message) : JSON.stringify(message);

export function socketPair(url = 'ws://test/'): SocketPair {
	const toServer: Message[] = [];
	const toBrowser: Message[] = [];
	let state: 'connecting' | 'open' | 'closed' = 'connecting';
	let closedByBrowser: { code: number; reason: string } | undefined;

	const shut = (code: number, reason: string) => {
		if (state === 'closed') return;
		state = 'closed';
		toServer.length = 0;
		toBrowser.length = 0;
		browser.onclose?.({ code, reason, wasClean: code !== 1006 } as CloseEvent);
		server.emit('close', code, Buffer.from(reason));
	};
	const browser: Socket = {
		binaryType: 'blob',
		onopen: null,
		onmessage: null,
		onclose: null,
		get bufferedAmount() {
			return toServer.reduce((sum, one) => sum + one.length, 0);
		},
		send(message) {
			if (state === 'connecting') throw new Error('InvalidStateError: still connecting');
			if (state === 'open') toServer.push(message);
		},
		close(code = 1005, reason = '') {
			closedByBrowser ??= { code, reason };
			shut(code, reason);
		},
	};
	const server = Object.assign(new EventEmitter(), {
		OPEN: 1,
		received: [] as unknown[],
		send(message: Message | object, options?: unknown, sent?: (error?: Error) => void) {
			if (state === 'open') toBrowser.push(asMessage(message));
			const told = typeof options === 'function' ? (options as (error?: Error) => void) : sent;
			told?.(state === 'open' ? undefined : new Error('the socket is not open'));
		},
		close(code = 1005, reason = '') {
			pair.deliverToBrowser();
			shut(code, reason);
		},
		terminate: () => shut(1006, ''),
	}) as unknown as ServerEnd;
	Object.defineProperties(server, {
		readyState: { get: () => ({ connecting: 0, open: 1, closed: 3 })[state] },
		bufferedAmount: { get: () => toBrowser.reduce((sum, one) => sum + one.length, 0) },
	});

	const pair: SocketPair = {
		url,
		browser,
		server,
		toServer,
		toBrowser,
		open() {
			state = 'open';
			browser.onopen?.({} as Event);
		},
		deliverToServer(count = toServer.length) {
			for (const message of toServer.splice(0, count)) {
				const binary = typeof message !== 'string';
				server.received.push(binary ? message : JSON.parse(message));
				server.emit('message', Buffer.from(message as string), binary);
			}
		},
		deliverToBrowser(count = toBrowser.length) {
			for (const message of toBrowser.splice(0, count)) {
				// A browser hands binary over as an ArrayBuffer of its own.
				const data = typeof message === 'string' ? message : message.slice().buffer;
				browser.onmessage?.({ data } as MessageEvent<unknown>);
			}
		},
		flush() {
			while (toServer.length > 0 || toBrowser.length > 0) {
				pair.deliverToServer();
				pair.deliverToBrowser();
			}
		},
		cut: () => shut(1006, ''),
		get closedByBrowser() {
			return closedByBrowser;
		},
	};
	return pair;
}

/** Hands client code a new pair for each socket it opens, and the test every pair in order. */
export function dialled(): { openSocket: OpenSocket; pairs: SocketPair[]; latest(): SocketPair } {
	const pairs: SocketPair[] = [];
	return {
		openSocket(url) {
			const pair = socketPair(url);
			pairs.push(pair);
			return pair.browser;
		},
		pairs,
		latest() {
			const pair = pairs.at(-1);
			if (!pair) throw new Error('no socket was opened');
			return pair;
		},
	};
}
