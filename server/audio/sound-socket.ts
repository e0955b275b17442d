import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { SoundSocket } from '#server/audio/outbox.ts';

/**
 * Past `ws`: framed messages go to the connection itself, `wire`, in one write each. `ws` builds a frame anew for each
 * listener; that is a quarter of what a message costs. It is sound as long as `ws` too writes its own frames whole and at
 * once, which it does for all that is neither compressed nor a Blob, and as nothing follows its close frame; so nothing is
 * written once the socket is not open. (ws/lib/sender.js: `sendFrame` corks the socket; tests/contract/raw-sound.test.ts)
 */
export function framedSoundOver(socket: Pick<WebSocket, 'readyState' | 'OPEN'>, wire: Duplex): SoundSocket {
	return new FramedSound(socket, wire);
}

/** A class, so that all listeners' sockets have one shape, and the engine one way to their `write`. */
class FramedSound implements SoundSocket {
	readonly #socket: Pick<WebSocket, 'readyState' | 'OPEN'>;
	readonly #wire: Duplex;

	constructor(socket: Pick<WebSocket, 'readyState' | 'OPEN'>, wire: Duplex) {
		this.#socket = socket;
		this.#wire = wire;
	}

	write(framed: Uint8Array, written?: () => void) {
		if (this.#socket.readyState !== this.#socket.OPEN) written?.();
		else if (written) this.#wire.write(framed, written);
		else this.#wire.write(framed);
	}

	get waiting() {
		return this.#wire.writableLength;
	}
}
