import { maxHotBytes } from '#server/telephony/hot-frames.ts';
import type { Dialect, Track } from '#server/telephony/media-streams/dialect.ts';
import { latestOf, type Media } from '#server/telephony/media-streams/messages.ts';

/** What is looked for in one dialect's messages of sound. */
export interface MediaKeys {
	message: readonly Field[];
	/** The latest timestamp that may be one. */
	latestMs: number;
}

export const mediaKeys = (dialect: Dialect): MediaKeys => ({
	message: messageNames.map((name, index) => ({
		name,
		bytes: ascii(name === 'sequence' ? dialect.sequence : name === 'streamId' ? dialect.streamId : name),
		bit: 1 << index,
	})),
	latestMs: latestOf(dialect),
});

/**
 * Reads a message of sound in its usual form straight from its bytes: JSON without spaces and escapes, its keys in any
 * order, of the stream named. What is read here, `readMessage` reads the same. `undefined` is no verdict: another message,
 * another stream's, an unusual form, a mistake; `readMessage` is to say. The payload is only there until the next scan.
 */
export function scanMedia(message: Uint8Array, streamId: Uint8Array, keys: MediaKeys): Media | undefined {
	if (message.length > maxHotBytes || message[0] !== brace) return undefined;
	bytes = message;
	at = 1;
	let fields = keys.message;
	let seen = 0;
	let track: Track | undefined;
	let timestampMs = 0;
	let chunk: number | undefined;
	let payload: Uint8Array | undefined;
	for (;;) {
		const field = fieldNext(fields);
		// JSON takes the last of two, we take neither.
		if (!field || seen & field.bit) return undefined;
		seen |= field.bit;
		switch (field.name) {
			case 'event':
				if (!isNext(mediaEvent)) return undefined;
				break;
			case 'streamId':
				if (!isNext(streamId)) return undefined;
				break;
			case 'sequence':
				if (numberNext() < 0) return undefined;
				break;
			case 'media':
				if (bytes[at++] !== brace) return undefined;
				fields = mediaFields;
				continue;
			case 'track':
				track = isNext(inbound) ? 'inbound' : isNext(outbound) ? 'outbound' : undefined;
				if (!track) return undefined;
				break;
			case 'timestamp':
				timestampMs = numberNext();
				if (timestampMs < 0 || timestampMs > keys.latestMs) return undefined;
				break;
			case 'chunk':
				chunk = numberNext();
				if (chunk < 0) return undefined;
				break;
			case 'payload':
				payload = base64Next();
				if (!payload) return undefined;
				break;
			default:
				if (!isSkipped()) return undefined;
		}
		if (fields === mediaFields && bytes[at] === closingBrace) {
			fields = keys.message;
			at++;
		}
		if (bytes[at] === comma) {
			at++;
			continue;
		}
		const isOver = fields === keys.message && bytes[at] === closingBrace && at === bytes.length - 1;
		if (!isOver || (seen & needed) !== needed || !track || !payload) return undefined;
		return { track, timestampMs, chunk, payload };
	}
}

const ascii = (text: string) => new TextEncoder().encode(text);
const brace = 0x7b;
const closingBrace = 0x7d;
const quote = 0x22;
const colon = 0x3a;
const comma = 0x2c;
const backslash = 0x5c;
const space = 0x20;
const tilde = 0x7e;
const zero = 0x30;
const nine = 0x39;
const equals = 0x3d;

interface Field {
	name: string;
	bytes: Uint8Array;
	/** Which of those that have been seen. */
	bit: number;
}
const named = (names: string[], firstBit: number): Field[] =>
	names.map((name, index) => ({ name, bytes: ascii(name), bit: 1 << (firstBit + index) }));
const messageNames = ['event', 'sequence', 'media', 'streamId'];
const mediaFields = named(['track', 'timestamp', 'payload', 'chunk'], 4);
/** One that is not ours to read; there may be many. */
const other: Field = { name: '', bytes: ascii(''), bit: 0 };
/** All but the stream's id and the chunk's number. */
const needed = 0b0111_0111;

const mediaEvent = ascii('media');
const inbound = ascii('inbound');
const outbound = ascii('outbound');

/** What is scanned, and the place of what comes next in it: of one message, as they are read one after the other. */
let bytes: Uint8Array = new Uint8Array();
let at = 0;

/** Reads a key and its colon. */
function fieldNext(fields: readonly Field[]): Field | undefined {
	const from = at + 1;
	if (!isPlainText() || bytes[at] !== colon) return undefined;
	const length = at++ - 1 - from;
	for (const field of fields) if (field.bytes.length === length && isAt(from, field.bytes)) return field;
	return other;
}

/** Goes past a text without escapes, in ASCII. */
function isPlainText(): boolean {
	if (bytes[at] !== quote) return false;
	for (;;) {
		const byte = bytes[++at];
		if (byte === quote) {
			at++;
			return true;
		}
		if (byte === undefined || byte < space || byte > tilde || byte === backslash) return false;
	}
}

function isAt(from: number, text: Uint8Array): boolean {
	for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text[index]) return false;
	return true;
}

/** Goes past this text in its quotes, if it is next. */
function isNext(text: Uint8Array): boolean {
	const end = at + 1 + text.length;
	if (bytes[at] !== quote || bytes[end] !== quote || !isAt(at + 1, text)) return false;
	at = end + 1;
	return true;
}

/** A number of up to 15 digits, as text or not; −1 if it is none, or none in JSON. */
function numberNext(): number {
	const isText = bytes[at] === quote;
	const from = isText ? at + 1 : at;
	let value = 0;
	let end = from;
	for (; end - from <= 15; end++) {
		const digit = bytes[end];
		if (digit === undefined || digit < zero || digit > nine) break;
		value = value * 10 + digit - zero;
	}
	const length = end - from;
	if (length === 0 || length > 15) return -1;
	if (isText ? bytes[end] !== quote : length > 1 && bytes[from] === zero) return -1;
	at = isText ? end + 1 : end;
	return value;
}

/** Goes past a value that says nothing to us, if it is a text or a number. */
const isSkipped = () => (bytes[at] === quote ? isPlainText() : numberNext() >= 0);

/** One for all, as messages are scanned one after the other; and views of it by their length, each made once. */
const sound = new Uint8Array((maxHotBytes / 4) * 3);
const views = new Array<Uint8Array | undefined>(sound.length + 1);

/** What each character of base64 stands for (RFC 4648, 4), −1 for any other byte. */
const sextets = new Int8Array(256).fill(-1);
ascii('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((byte, value) => {
	sextets[byte] = value;
});
const sextet = (place: number) => sextets[bytes[place] as number] as number;

function base64Next(): Uint8Array | undefined {
	if (bytes[at] !== quote) return undefined;
	let from = at + 1;
	let length = 0;
	// A quote is none of base64, so this stops before the end of the message.
	for (; ; from += 4) {
		const four = (sextet(from) << 18) | (sextet(from + 1) << 12) | (sextet(from + 2) << 6) | sextet(from + 3);
		if (four < 0 || from + 3 >= bytes.length) break;
		sound[length++] = four >> 16;
		sound[length++] = four >> 8;
		sound[length++] = four;
	}
	if (bytes[from] !== quote) {
		const four = (sextet(from) << 18) | (sextet(from + 1) << 12);
		const third = bytes[from + 2] === equals ? 0 : sextet(from + 2) << 6;
		if ((four | third) < 0 || bytes[from + 3] !== equals || bytes[from + 4] !== quote) return undefined;
		sound[length++] = four >> 16;
		if (bytes[from + 2] !== equals) sound[length++] = (four | third) >> 8;
		from += 4;
	}
	at = from + 1;
	let view = views[length];
	if (!view) {
		view = sound.subarray(0, length);
		views[length] = view;
	}
	return view;
}
