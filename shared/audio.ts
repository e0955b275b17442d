/**
 * The sound message: what a listening connection carries from server to tab, and a browser line carries both ways.
 * One WebSocket binary message, all numbers big-endian. PROTOCOL.md [A1]–[A6].
 *
 * | byte | what |
 * |------|------|
 * | 0    | version, 2 |
 * | 1    | parts present, a bit each: 1 customer, 2 agent, 4 executive, 8 all of them mixed into one |
 * | 2    | codec: 0 PCMU (G.711 µ-law), 1 PCMA (G.711 A-law), both 8,000 samples a second; 2 µ-law at 16,000 |
 * | 3    | 20 ms frames of each part in this message, 1 to 3 |
 * | 4–7  | sequence: counts the messages of a call in the form that this listener gets, wraps at 2^32 |
 * | 8–11 | media time of the first sample: ms since the call's first sound, wraps at 2^32 |
 * | 12–15| server time when the message was complete: ms of the server's clock, modulo 2^32 |
 * | 16–18| customer, agent, executive: bit 7 they talk, bits 0–6 how loud, in −dBov: 0 the loudest, 127 silence (RFC 6464, 3) |
 * | 19   | bit 0 customer and company talk at once, bit 1 a leg that is missing was silent and was left out |
 * | 20…  | the parts in the order of their bits, `frames × frameBytes` bytes each |
 */
export const soundVersion = 2;
export const headerBytes = 20;
export const frameMs = 20;
export const maxFramesPerMessage = 3;
/** 20 ms of G.711: 160 samples, a byte each. */
export const frameSamples = 160;
export const sampleRate = 8000;

/** One party's sound, by the bit it has in a sound message. */
export const legBits = { customer: 1, agent: 2, executive: 4 } as const;
export type Leg = keyof typeof legBits;
export const legs = Object.keys(legBits) as Leg[];
/** What a message can hold: a leg, or all legs in one. */
export const partBits = { ...legBits, mixed: 8 } as const;
export type Part = keyof typeof partBits;
export const parts = Object.keys(partBits) as Part[];

export const codecs = ['pcmu', 'pcma', 'pcmu16'] as const;
export type Codec = (typeof codecs)[number];
/** Samples a second. Every codec has a byte a sample. */
export const rateOf: Record<Codec, number> = { pcmu: sampleRate, pcma: sampleRate, pcmu16: 2 * sampleRate };
/** The bytes of 20 ms, which are its samples too. */
export const frameBytes = (codec: Codec): number => (rateOf[codec] * frameMs) / 1000;
/** The byte that is silence in each codec. */
export const silenceByte: Record<Codec, number> = { pcmu: 0xff, pcma: 0xd5, pcmu16: 0xff };

/** How the sound of a browser line is coded, both ways and all legs: wideband, for both microphones are ours to read. [A9] */
export const lineCodec = 'pcmu16' satisfies Codec;

/** What a listener can choose to get: each leg by itself, one mixed leg, or each leg without its silence and in larger messages. */
export const soundForms = ['both', 'mixed', 'low'] as const;
export type SoundForm = (typeof soundForms)[number];

/** How loud a leg is, and whether somebody talks on it; of more than one frame the loudest. */
export interface Level {
	talks: boolean;
	/** −dBov, 0 the loudest a leg can be, 127 silence. (RFC 6464) */
	below: number;
}
export const silent: Level = { talks: false, below: 127 };

export interface SoundHeader {
	codec: Codec;
	frames: number;
	sequence: number;
	mediaMs: number;
	serverMs: number;
	/** Silence where nothing is said of a leg: a browser line and a survey socket send none. */
	levels?: Partial<Record<Leg, Level>>;
	/** Customer and company talk at once. */
	overtalk?: boolean;
	/** A leg that is not there was silent. */
	silenceLeftOut?: boolean;
}

/** A sound message as read: the header and a view of each part that is present. */
export interface SoundMessage extends SoundHeader {
	levels: Record<Leg, Level>;
	parts: Partial<Record<Part, Uint8Array>>;
}

const flagBits = { overtalk: 1, silenceLeftOut: 2 } as const;
const byteOf = ({ talks, below }: Level) => (talks ? 0x80 : 0) | below;
const levelOf = (byte: number): Level => ({ talks: byte >= 0x80, below: byte & 0x7f });

/** How long a sound message with so many parts is. */
export const soundBytes = (codec: Codec, frames: number, partCount: number): number =>
	headerBytes + partCount * frames * frameBytes(codec);

/** Writes a header to the beginning of `message`; `bits` are the parts that follow it. */
export function writeSoundHeader(message: Uint8Array, header: SoundHeader, bits: number): void {
	const { levels = {}, overtalk, silenceLeftOut } = header;
	const view = new DataView(message.buffer, message.byteOffset);
	message[0] = soundVersion;
	message[1] = bits;
	message[2] = codecs.indexOf(header.codec);
	message[3] = header.frames;
	view.setUint32(4, header.sequence >>> 0);
	view.setUint32(8, header.mediaMs >>> 0);
	view.setUint32(12, header.serverMs >>> 0);
	message[16] = byteOf(levels.customer ?? silent);
	message[17] = byteOf(levels.agent ?? silent);
	message[18] = byteOf(levels.executive ?? silent);
	message[19] = (overtalk ? flagBits.overtalk : 0) | (silenceLeftOut ? flagBits.silenceLeftOut : 0);
}

/** Builds a sound message. Every part must hold `frames × frameBytes` bytes. */
export function encodeSound(header: SoundHeader, given: Partial<Record<Part, Uint8Array>>): Uint8Array<ArrayBuffer> {
	const size = header.frames * frameBytes(header.codec);
	const present = parts.filter((part) => given[part]);
	const message = new Uint8Array(soundBytes(header.codec, header.frames, present.length));
	let bits = 0;
	let at = headerBytes;
	for (const part of present) {
		bits |= partBits[part];
		message.set(given[part] as Uint8Array, at);
		at += size;
	}
	writeSoundHeader(message, header, bits);
	return message;
}

/** Reads a sound message, or says in a word what is wrong with it. The parts are views, not copies. */
export function decodeSound(message: Uint8Array): SoundMessage | 'short' | 'version' | 'codec' | 'legs' | 'length' {
	if (message.byteLength < headerBytes) return 'short';
	if (message[0] !== soundVersion) return 'version';
	const codec = codecs[message[2] as number];
	if (!codec) return 'codec';
	const bits = message[1] as number;
	const flags = message[19] as number;
	const silenceLeftOut = (flags & flagBits.silenceLeftOut) !== 0;
	if ((bits === 0 && !silenceLeftOut) || bits > partBits.mixed) return 'legs';
	const frames = message[3] as number;
	const size = frames * frameBytes(codec);
	const present = parts.filter((part) => bits & partBits[part]);
	if (frames < 1 || frames > maxFramesPerMessage) return 'length';
	if (message.byteLength !== headerBytes + present.length * size) return 'length';
	const view = new DataView(message.buffer, message.byteOffset);
	const found: SoundMessage['parts'] = {};
	present.forEach((part, index) => {
		found[part] = message.subarray(headerBytes + index * size, headerBytes + (index + 1) * size);
	});
	return {
		codec,
		frames,
		sequence: view.getUint32(4),
		mediaMs: view.getUint32(8),
		serverMs: view.getUint32(12),
		levels: {
			customer: levelOf(message[16] as number),
			agent: levelOf(message[17] as number),
			executive: levelOf(message[18] as number),
		},
		overtalk: (flags & flagBits.overtalk) !== 0,
		silenceLeftOut,
		parts: found,
	};
}
