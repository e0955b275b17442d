import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/**
 * Messages beyond this are left to `ws`, whose `maxPayload` must not be less. One of Twilio's is a fifth of it, three
 * frames of wideband sound a half.
 */
export const maxHotBytes = 2048;

/**
 * Offered each message that can be read in front of `ws`: true if it was taken, else `ws` reads it. Text was not looked
 * at, it may not be UTF-8. The bytes are only there until this returns; nothing may be thrown.
 */
export type TakeMessage = (bytes: Uint8Array, isBinary: boolean) => boolean;

/**
 * Reads a connection's usual messages in front of `ws`, whose own way costs more than what is done with them: small
 * messages of one masked frame. (RFC 6455, 5.2) All else goes to `ws` as it came: control frames, fragments, what is too
 * large or wrong, and what is not taken, together with whatever came in the same chunk after it. So messages stay in
 * order, and `ws` is the one that judges, answers and closes. To be called before anything was read, in the handler of the
 * upgrade. Gives back whether it reads; if not, everything is as it was.
 *
 * It leans on this of `ws`, as hot-frames.test.ts sees to:
 * - It reads by a single `data` listener on the connection, which is `this` to it, and has told of all it was given by
 *   the time that returns (without extensions, and with `allowSynchronousEvents`, its default).
 * - After a close frame and after an error it takes that listener away before more can come: an error pauses the
 *   connection until then. Ours goes with it, for it has it as its `listener`, as what `once` adds has. (events.rawListeners)
 */
export function hotFrames(socket: WebSocket, connection: Socket | undefined, take: TakeMessage): boolean {
	const [listener, ...others] = connection?.rawListeners('data') ?? [];
	if (!connection || !listener || 'listener' in listener || others.length > 0 || socket.extensions) return false;
	const toWs = listener as (this: Socket, chunk: Buffer) => void;

	/** The beginning of a frame that may be taken once it is whole; less than a hot one. [B1] */
	let held: Buffer | undefined;
	/** So much of what comes next belongs to a frame that `ws` has the beginning of. */
	let owed = 0;
	/** A message is coming in fragments. */
	let isFragmented = false;

	function came(this: Socket, arrived: Buffer) {
		const chunk = held ? Buffer.concat([held, arrived]) : arrived;
		held = undefined;
		let at = owed;
		/** The part of the chunk that is for `ws`: none so far, or what is owed. */
		let from = owed > 0 ? 0 : chunk.length;
		let to = chunk.length;
		while (at < chunk.length) {
			const bytes = frameBytes(chunk, at);
			const isHot = !isFragmented && isHotHead(chunk, at) && (bytes ?? 0) <= maxHotFrame;
			const isWhole = bytes !== undefined && at + bytes <= chunk.length;
			if (!isWhole && (isHot || at + 1 === chunk.length)) {
				held = Buffer.from(chunk.subarray(at));
				to = at;
				at = chunk.length;
			} else if (bytes === undefined) {
				// Half the head of an unusual frame, so it is not known where the next one begins: `ws` reads alone from now on.
				this.off('data', toWs).on('data', toWs);
				from = Math.min(from, at);
				at = chunk.length;
			} else if (isHot && from === chunk.length && take(unmasked(chunk, at, bytes), chunk[at] === binary)) {
				at += bytes;
			} else {
				from = Math.min(from, at);
				const opening = chunk[at] as number;
				if ((opening & 0x0f) < 8) isFragmented = opening < 0x80;
				at += bytes;
			}
		}
		owed = at - chunk.length;
		if (from < to) toWs.call(this, from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
	}
	connection.off('data', toWs).on('data', Object.assign(came, { listener: toWs }));
	// What was not read yet when the connection broke, `ws` reads by itself: then it needs the beginning.
	connection.prependListener('close', () => {
		if (held && connection.readableLength > 0 && connection.listeners('data').includes(toWs))
			toWs.call(connection, held);
	});
	return true;
}

/** What a socket does with its sound, which is binary and read in front of `ws` where that can be, and with its text. */
export interface Readers {
	/** The bytes are only there until this returns. Nothing may be thrown. */
	sound(bytes: Uint8Array): void;
	text(bytes: Buffer): void;
}

/** Reads a socket that carries sound as binary messages and little else, whichever way each message comes. */
export function readSoundAndText(socket: WebSocket, connection: Socket | undefined, { sound, text }: Readers): void {
	hotFrames(socket, connection, (bytes, isBinary) => {
		if (isBinary) sound(bytes);
		return isBinary;
	});
	socket.on('message', (data: Buffer, isBinary) => (isBinary ? sound(data) : text(data)));
}

/** The first byte of a frame that is a whole message. */
const text = 0x81;
const binary = 0x82;
/** Head and mask of the larger hot frames. */
const maxHotFrame = 8 + maxHotBytes;

/** Whether a frame begins as hot ones do: masked, and its size where small ones have it. True if it may. */
function isHotHead(chunk: Buffer, at: number): boolean {
	const size = chunk[at + 1] ?? 0x80;
	return (chunk[at] === text || chunk[at] === binary) && size >= 0x80 && size < 0xff;
}

/** How long the frame at `at` is with its head; undefined as long as too little of it is there to tell. */
function frameBytes(chunk: Buffer, at: number): number | undefined {
	const left = chunk.length - at;
	if (left < 2) return undefined;
	const second = chunk[at + 1] as number;
	const mask = second < 0x80 ? 0 : 4;
	const size = second & 0x7f;
	if (size < 126) return 2 + mask + size;
	if (size === 126) return left < 4 ? undefined : 4 + mask + chunk.readUInt16BE(at + 2);
	return left < 10 ? undefined : 10 + mask + Number(chunk.readBigUInt64BE(at + 2));
}

/** One for all connections, as messages are read one after the other: the mask, then the message. */
const scratch = new Uint8Array(4 + maxHotBytes);
const words = new Int32Array(scratch.buffer);
/** Views of the scratch by their length, each made once. */
const views = new Array<Uint8Array | undefined>(maxHotBytes + 1);

/** The message of a whole hot frame, in the scratch; the chunk stays as it is. */
function unmasked(chunk: Buffer, at: number, bytes: number): Uint8Array {
	const head = (chunk[at + 1] as number) === 0xfe ? 4 : 2;
	const length = bytes - head - 4;
	chunk.copy(scratch, 0, at + head, at + bytes);
	const mask = words[0] as number;
	for (let word = 1; word <= (length + 3) >> 2; word++) words[word] = (words[word] as number) ^ mask;
	let view = views[length];
	if (!view) {
		view = scratch.subarray(4, 4 + length);
		views[length] = view;
	}
	return view;
}
