import { createServer, type Socket } from 'node:net';
import { formats } from '#server/telephony/asterisk/format.ts';
import type { Media } from '#server/telephony/asterisk/media.ts';
import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import type { RefusedFor } from '#server/telephony/desk.ts';
import { doorLimit } from '#server/telephony/door-limit.ts';
import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/** AudioSocket's kinds of message. (res_audiosocket.c) */
export const kinds = { hangUp: 0x00, id: 0x01, digit: 0x03, slin: 0x10, slin16: 0x12, error: 0xff } as const;
const headBytes = 3;
/** A connection names its leg in this time, or is not Asterisk's. */
const idWithinMs = 1000;
const maxUnsentMs = 60;

/** One message of AudioSocket. The payload is good until the next piece of bytes. */
export interface AudioSocketMessage {
	kind: number;
	payload: Buffer;
}

/**
 * Takes messages out of a stream of bytes that may be cut anywhere. A payload is at most 65,535 bytes by its own length, and no byte is copied
 * more than once, into however many pieces it was cut.
 */
export function audioSocketMessages(message: (one: AudioSocketMessage) => void): (bytes: Buffer) => void {
	const head = Buffer.alloc(headBytes);
	/** A message that has begun: its head, or as much room as it needs. */
	let room = head;
	let filled = 0;
	return (bytes) => {
		let from = 0;
		while (from < bytes.length) {
			const whole = filled === 0 ? sizeOf(bytes.subarray(from)) : undefined;
			if (whole !== undefined && from + whole <= bytes.length) {
				tell(bytes.subarray(from, from + whole));
				from += whole;
				continue;
			}
			const taken = bytes.copy(room, filled, from);
			filled += taken;
			from += taken;
			if (filled < room.length) return;
			const size = sizeOf(room) as number;
			if (size > filled) {
				room = Buffer.alloc(size);
				head.copy(room);
				continue;
			}
			const full = room;
			room = head;
			filled = 0;
			tell(full);
		}
	};

	function tell(whole: Buffer) {
		message({ kind: whole[0] as number, payload: whole.subarray(headBytes) });
	}
}

/** How long the message is that begins here, with its head; undefined as long as that is not known. */
const sizeOf = (bytes: Buffer) => (bytes.length < headBytes ? undefined : headBytes + bytes.readUInt16BE(1));

export function audioSocketMessage(kind: number, payload: Uint8Array): Buffer {
	const message = Buffer.alloc(headBytes + payload.length);
	message[0] = kind;
	message.writeUInt16BE(payload.length, 1);
	message.set(payload, headBytes);
	return message;
}

export interface AudioSocketNeeds {
	host: string;
	port: number;
	clock: Clock;
	/** Who waits for the leg of this name (its UUID's 32 digits), once; undefined: nobody. */
	claim: (id: string) => { format: MediaFormat; started: (media: Media) => void } | undefined;
	/** Something that is not Asterisk, or was not expected. */
	refused: (why: RefusedFor) => void;
	failed: (error: unknown) => void;
}

/** Hears AudioSocket over TCP, where the name of a leg is its only secret: for private networks. Rejects if the port cannot be had. */
export async function audioSocketServer(needs: AudioSocketNeeds): Promise<{ port: number; close(): Promise<void> }> {
	const sockets = new Set<Socket>();
	const limit = doorLimit();
	const server = createServer((socket) => {
		const refusal = limit.refusal();
		if (refusal) {
			needs.refused(refusal.code);
			socket.destroy();
			return;
		}
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		audioSocket(socket, limit.waits(socket), needs);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(needs.port, needs.host, () => {
			server.off('error', reject);
			server.on('error', () => {});
			resolve();
		});
	});
	const bound = server.address();
	return {
		port: typeof bound === 'object' && bound ? bound.port : needs.port,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

/** `begun`: somebody waits for this one. */
function audioSocket(socket: Socket, begun: () => void, { clock, claim, refused, failed }: AudioSocketNeeds) {
	let format: MediaFormat | undefined;
	let heard: ((samples: Uint8Array) => void) | undefined;
	let gone = () => {};
	let isOver = false;
	/** It went, and not because of us. */
	let isGone = false;
	const stopWaiting = clock.after(idWithinMs, () => leave('noStart'));

	function leave(why: 'malformed' | 'noStart' | 'unknown') {
		if (isOver) return;
		isOver = true;
		stopWaiting();
		refused(why);
		socket.destroy();
		went();
	}

	function went() {
		isGone = true;
		gone();
	}

	const media = (of: MediaFormat): Media => ({
		onSound(to) {
			heard = to;
		},
		onGone(told) {
			gone = told;
			// One leg may be gone while the other is awaited.
			if (isGone) queueMicrotask(told);
		},
		say(frame) {
			const bytes = audioSocketMessage(kinds[of === 'slin16' ? 'slin16' : 'slin'], formats[of].write(frame));
			// Asterisk plays each message when it comes: what waits here is late there.
			if (isOver || socket.writableLength > (bytes.length * maxUnsentMs) / frameMs) return;
			socket.write(bytes);
		},
		close() {
			if (isOver) return;
			isOver = true;
			socket.end(audioSocketMessage(kinds.hangUp, new Uint8Array(0)));
		},
	});

	function message({ kind, payload }: AudioSocketMessage) {
		if (isOver) return;
		if (format === undefined) {
			if (kind !== kinds.id || payload.length !== 16) return leave('malformed');
			const claimed = claim(payload.toString('hex'));
			if (!claimed) return leave('unknown');
			stopWaiting();
			begun();
			({ format } = claimed);
			return claimed.started(media(format));
		}
		if (kind === (format === 'slin16' ? kinds.slin16 : kinds.slin)) {
			const { wireBytes, read } = formats[format];
			if (payload.length % 2 === 1) return leave('malformed');
			for (let from = 0; from < payload.length; from += wireBytes)
				heard?.(read(payload.subarray(from, from + wireBytes)));
			return;
		}
		if (kind === kinds.digit || kind === kinds.error) return;
		if (kind === kinds.hangUp) return socket.destroy();
		leave('malformed');
	}

	const read = audioSocketMessages(message);
	socket.on('data', (bytes) => {
		try {
			read(bytes);
		} catch (error) {
			failed(error);
			leave('malformed');
		}
	});
	socket.on('error', () => {});
	socket.on('close', () => {
		stopWaiting();
		if (isOver) return;
		isOver = true;
		went();
	});
}
