/** The part of a WebSocket that an outbox needs; a `ws` socket fits, a test's stand-in too. */
export interface SoundSocket {
	send(message: Uint8Array, sent?: (error?: Error) => void): void;
	/** Bytes that were sent and are still here. */
	readonly bufferedAmount: number;
}

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

/** What a socket may hold of its own before we queue: 160 ms. More would be sound that can no longer be dropped. */
export const maxInFlight = 8;
/** What waits behind a slow socket: one second. The listener loses their own oldest sound. [B1] */
export const maxQueued = 50;

/**
 * A bounded queue before one socket. `behind` is called when sound was lost and the socket takes messages again, so that
 * the listener can be told.
 */
export function outbox(socket: SoundSocket, behind: (lostMessages: number, lostMs: number) => void = () => {}): Outbox {
	return new SocketOutbox(socket, behind);
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
	#inFlight = 0;
	readonly #queued: { message: Uint8Array; messageMs: number }[] = [];
	readonly #socket: SoundSocket;
	readonly #behind: (lostMessages: number, lostMs: number) => void;

	constructor(socket: SoundSocket, behind: (lostMessages: number, lostMs: number) => void) {
		this.#socket = socket;
		this.#behind = behind;
	}

	send(message: Uint8Array, messageMs: number) {
		if (this.#queued.length === 0) {
			// Nearly always: being told that each message has gone costs a tenth of sending it.
			if (this.#inFlight === 0 && this.#socket.bufferedAmount === 0) {
				this.sentMs += messageMs;
				return this.#socket.send(message);
			}
			if (this.#mayHand()) return this.#hand(message, messageMs);
		}
		if (this.#queued.length >= maxQueued) {
			this.lostMessages++;
			this.lostMs += this.#next().messageMs;
		}
		this.#queued.push({ message, messageMs });
	}

	clear() {
		this.#queued.length = 0;
	}

	#next() {
		return this.#queued.shift() as { message: Uint8Array; messageMs: number };
	}

	/** Beside those in flight that are counted, the socket may hold the one that it was empty for. */
	#mayHand() {
		return this.#inFlight < maxInFlight - 1;
	}

	#hand(message: Uint8Array, messageMs: number) {
		this.#inFlight++;
		this.sentMs += messageMs;
		this.#socket.send(message, this.#sent);
	}

	readonly #sent = () => {
		this.#inFlight--;
		while (this.#queued.length > 0 && this.#mayHand()) {
			const { message, messageMs } = this.#next();
			this.#hand(message, messageMs);
		}
		if (this.#queued.length > 0 || this.lostMessages === this.#toldMessages) return;
		this.#toldMessages = this.lostMessages;
		this.#behind(this.lostMessages, this.lostMs);
	};
}
