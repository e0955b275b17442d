/**
 * The sound message: what a listening connection carries from server to tab, and a browser line carries both ways.
 * One WebSocket binary message, all numbers big-endian. PROTOCOL.md [A1]–[A6].
 *
 * | byte | what |
 * |------|------|
 * | 0    | version, 1 |
 * | 1    | legs present, a bit each: 1 customer, 2 agent, 4 executive |
 * | 2    | codec: 0 PCMU (G.711 µ-law), 1 PCMA (G.711 A-law); 8,000 samples a second |
 * | 3    | 20 ms frames a leg in this message, 1 to 3 |
 * | 4–7  | sequence: counts the messages of a call, wraps at 2^32 |
 * | 8–11 | media time of the first sample: ms since the call's first sound, wraps at 2^32 |
 * | 12–15| server time when the message was complete: ms of the server's clock, modulo 2^32 |
 * | 16…  | the legs in the order of their bits, `frames × 160` bytes each |
 */
export const soundVersion = 1;
export const headerBytes = 16;
/** 20 ms of G.711: 160 samples, a byte each. */
export const frameSamples = 160;
export const frameMs = 20;
export const sampleRate = 8000;
export const maxFramesPerMessage = 3;

/** One party's sound, by the bit it has in a sound message. */
export const legBits = { customer: 1, agent: 2, executive: 4 } as const;
export type Leg = keyof typeof legBits;
export const legs = Object.keys(legBits) as Leg[];

export const codecs = ['pcmu', 'pcma'] as const;
export type Codec = (typeof codecs)[number];
/** The byte that is silence in each codec. */
export const silenceByte: Record<Codec, number> = { pcmu: 0xff, pcma: 0xd5 };

export interface SoundHeader {
	codec: Codec;
	frames: number;
	sequence: number;
	mediaMs: number;
	serverMs: number;
}

/** A sound message as read: the header and a view of each leg that is present. */
export interface SoundMessage extends SoundHeader {
	parts: Partial<Record<Leg, Uint8Array>>;
}

/** Builds a sound message. Every part must hold `frames × 160` bytes. */
export function encodeSound(header: SoundHeader, parts: Partial<Record<Leg, Uint8Array>>): Uint8Array<ArrayBuffer> {
	const size = header.frames * frameSamples;
	const present = legs.filter((leg) => parts[leg]);
	const message = new Uint8Array(headerBytes + present.length * size);
	const view = new DataView(message.buffer);
	message[0] = soundVersion;
	message[2] = codecs.indexOf(header.codec);
	message[3] = header.frames;
	view.setUint32(4, header.sequence >>> 0);
	view.setUint32(8, header.mediaMs >>> 0);
	view.setUint32(12, header.serverMs >>> 0);
	let bits = 0;
	let at = headerBytes;
	for (const leg of present) {
		bits |= legBits[leg];
		message.set(parts[leg] as Uint8Array, at);
		at += size;
	}
	message[1] = bits;
	return message;
}

/** Reads a sound message, or says in a word what is wrong with it. The parts are views, not copies. */
export function decodeSound(message: Uint8Array): SoundMessage | 'short' | 'version' | 'codec' | 'legs' | 'length' {
	if (message.byteLength < headerBytes) return 'short';
	if (message[0] !== soundVersion) return 'version';
	const codec = codecs[message[2] as number];
	if (!codec) return 'codec';
	const bits = message[1] as number;
	if (bits === 0 || bits > 7) return 'legs';
	const frames = message[3] as number;
	const size = frames * frameSamples;
	const present = legs.filter((leg) => bits & legBits[leg]);
	if (frames < 1 || frames > maxFramesPerMessage) return 'length';
	if (message.byteLength !== headerBytes + present.length * size) return 'length';
	const view = new DataView(message.buffer, message.byteOffset);
	const parts: Partial<Record<Leg, Uint8Array>> = {};
	present.forEach((leg, index) => {
		parts[leg] = message.subarray(headerBytes + index * size, headerBytes + (index + 1) * size);
	});
	return {
		codec,
		frames,
		sequence: view.getUint32(4),
		mediaMs: view.getUint32(8),
		serverMs: view.getUint32(12),
		parts,
	};
}
