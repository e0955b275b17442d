/** The part of a WebSocket that an outbox needs; a `ws` socket fits, a test's stand-in too. */
export interface SoundSocket {
	send(message: Uint8Array, options: { binary: true; compress: false }, sent: (error?: Error | null) => void): void;
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

const plain = { binary: true, compress: false } as const;

/**
 * A bounded queue before one socket. `behind` is called when sound was lost and the socket takes messages again, so that
 * the listener can be told.
 */
export function outbox(socket: SoundSocket, behind: (lostMessages: number, lostMs: number) => void = () => {}): Outbox {
	const queued: { message: Uint8Array; messageMs: number }[] = [];
	let inFlight = 0;
	let sentMs = 0;
	let lostMs = 0;
	let lostMessages = 0;
	let toldMessages = 0;

	const sent = () => {
		inFlight--;
		while (queued.length > 0 && inFlight < maxInFlight) {
			const next = queued.shift() as (typeof queued)[number];
			hand(next.message, next.messageMs);
		}
		if (queued.length === 0 && lostMessages > toldMessages) {
			toldMessages = lostMessages;
			behind(lostMessages, lostMs);
		}
	};
	const hand = (message: Uint8Array, messageMs: number) => {
		inFlight++;
		sentMs += messageMs;
		socket.send(message, plain, sent);
	};

	return {
		send(message, messageMs) {
			if (queued.length === 0 && inFlight < maxInFlight) return hand(message, messageMs);
			if (queued.length >= maxQueued) {
				const oldest = queued.shift() as (typeof queued)[number];
				lostMessages++;
				lostMs += oldest.messageMs;
			}
			queued.push({ message, messageMs });
		},
		clear() {
			queued.length = 0;
		},
		get sentMs() {
			return sentMs;
		},
		get lostMs() {
			return lostMs;
		},
		get lostMessages() {
			return lostMessages;
		},
	};
}
