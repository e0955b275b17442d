import type { WebSocket } from 'ws';

/** The part of a connection that an outbox needs. */
export interface SoundSocket {
	/** Sends one message; `written` is called when it has left this process, or never will. */
	write(message: Uint8Array, written?: () => void): void;
	/** Bytes that were written and are still in this process. */
	readonly waiting: number;
}

/** Through `ws`, which frames each message by itself. */
export const soundOver = (socket: WebSocket): SoundSocket => ({
	write(message, written) {
		if (written) socket.send(message, () => written());
		else socket.send(message);
	},
	get waiting() {
		return socket.bufferedAmount;
	},
});

/** One listener's sound on its way out. */
export interface Outbox {
	/** Sends at once, or queues behind what the socket has not taken yet; when full the oldest falls out. Never waits. */
	send(message: Uint8Array, messageMs: number): void;
	/** Throws away what is still queued: what must not leave the server any more. [P1] */
	clear(): void;
	/** Sound handed to the socket, and lost because the socket was too slow, in ms so far. */
	readonly sentMs: number;
	readonly lostMs: number;
	readonly lostMessages: number;
}

/** What a socket may hold of its own before we queue. More would be sound that can no longer be dropped. [P1] */
export const maxInFlight = 2;
/** What waits behind a slow socket: one second. The listener loses their own oldest sound. [B1] */
export const maxQueuedMs = 1000;

/**
 * A bounded queue before one socket. `behind` is called when sound was lost and the socket takes messages again, so that
 * the listener can be told.
 */
export function outbox(socket: SoundSocket, behind: (lostMessages: number, lostMs: number) => void = () => {}): Outbox {
	return new SocketOutbox(socket, behind);
}

interface Queued {
	message: Uint8Array;
	messageMs: number;
}

/**
 * A class, unlike most of the house: getters written into an object literal would give each of hundreds of outboxes a
 * hidden class of its own, and the engine would look up `send` anew for every listener of every message.
 */
class SocketOutbox implements Outbox {
	sentMs = 0;
	lostMs = 0;
	lostMessages = 0;
	#toldMessages = 0;
	/** Messages handed over whose leaving we wait for; none while the socket keeps up. */
	#inFlight = 0;
	/** Made when it is first needed: nearly no listener ever is slow. */
	#queue: Queued[] | undefined;
	#queuedMs = 0;
	readonly #socket: SoundSocket;
	readonly #behind: (lostMessages: number, lostMs: number) => void;

	constructor(socket: SoundSocket, behind: (lostMessages: number, lostMs: number) => void) {
		this.#socket = socket;
		this.#behind = behind;
	}

	send(message: Uint8Array, messageMs: number) {
		// Nearly always: being told that each message has gone costs a tenth of sending it.
		if (this.#inFlight === 0 && this.#socket.waiting === 0) {
			this.sentMs += messageMs;
			return this.#socket.write(message);
		}
		this.#enqueue(message, messageMs);
		this.#hand();
	}

	clear() {
		this.#queue = undefined;
		this.#queuedMs = 0;
	}

	#enqueue(message: Uint8Array, messageMs: number) {
		this.#queue ??= [];
		this.#queue.push({ message, messageMs });
		this.#queuedMs += messageMs;
		while (this.#queuedMs > maxQueuedMs) {
			this.lostMs += this.#next().messageMs;
			this.lostMessages++;
		}
	}

	#next() {
		const next = this.#queue?.shift() as Queued;
		this.#queuedMs -= next.messageMs;
		return next;
	}

	/** Beside those in flight that are counted, the socket may hold the one that it was empty for. */
	#hand() {
		while (this.#queuedMs > 0 && this.#inFlight < maxInFlight - 1) {
			const { message, messageMs } = this.#next();
			this.#inFlight++;
			this.sentMs += messageMs;
			this.#socket.write(message, this.#written);
		}
	}

	readonly #written = () => {
		this.#inFlight--;
		this.#hand();
		if (this.#queuedMs > 0 || this.lostMessages === this.#toldMessages) return;
		this.#toldMessages = this.lostMessages;
		this.#behind(this.lostMessages, this.lostMs);
	};
}
