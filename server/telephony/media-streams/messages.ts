import {
	type Dialect,
	Malformed,
	maxTimestampMs,
	type StreamStart,
	type Track,
} from '#server/telephony/media-streams/dialect.ts';

/**
 * Media streams as they come to us, from any platform that speaks a dialect of them. Fields that are not used here are let
 * through: platforms add some now and then.
 */

/** Messages beyond this are refused; a second of both tracks in one message would be a quarter of it. */
export const maxMessageBytes = 65_536;
/** A time of day in ms, until the year 2100. */
const maxTimeOfDayMs = 4_102_444_800_000;

/** The latest timestamp that may be one. */
export const latestOf = ({ placedBy }: Dialect) => (placedBy === 'chunk-since-1970' ? maxTimeOfDayMs : maxTimestampMs);

/** A message of sound. */
export interface Media {
	track: Track;
	timestampMs: number;
	/** Its number on its track, where that can be read. */
	chunk: number | undefined;
	payload: Uint8Array;
}

/** A message as read; `other` is one that is not known. */
export type Incoming =
	| { event: 'connected' }
	| { event: 'start'; start: StreamStart }
	| ({ event: 'media'; streamId: string | undefined } & Media)
	| { event: 'mark'; name: string | undefined }
	| { event: 'dtmf'; digit: string | undefined }
	| { event: 'stop' }
	| { event: 'other' };

/** Reads one message. Throws `Malformed`, and nothing else, whatever comes. */
export function readMessage(text: string, dialect: Dialect): Incoming {
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		throw new Malformed('not JSON');
	}
	if (!isObject(message)) throw new Malformed('not a JSON object');
	switch (message.event) {
		case 'media':
			counter(message[dialect.sequence], dialect.sequence);
			return readMedia(message, dialect);
		case 'start':
			return { event: 'start', start: dialect.start(message) };
		case 'connected':
			return { event: 'connected' };
		case 'stop':
			return { event: 'stop' };
		case 'dtmf':
			return { event: 'dtmf', digit: textIn(message.dtmf, 'digit') };
		case 'mark':
			return { event: 'mark', name: textIn(message.mark, 'name') };
		default:
			if (typeof message.event !== 'string') throw new Malformed('no event');
			return { event: 'other' };
	}
}

/** By hand, not by schema: 100 of these come each second of a call. */
function readMedia(message: Record<string, unknown>, dialect: Dialect): Incoming {
	const { media } = message;
	const streamId = message[dialect.streamId];
	if (!isObject(media)) throw new Malformed('media without its media');
	const { track, payload, chunk } = media;
	if (track !== 'inbound' && track !== 'outbound') throw new Malformed('media.track is neither inbound nor outbound');
	const timestampMs = counter(media.timestamp, 'media.timestamp');
	if (timestampMs > latestOf(dialect)) throw new Malformed('media.timestamp is impossible');
	if (typeof payload !== 'string') throw new Malformed('media.payload is missing');
	return {
		event: 'media',
		streamId: typeof streamId === 'string' ? streamId : undefined,
		track,
		timestampMs,
		chunk: counterIn(chunk),
		payload: fromBase64(payload),
	};
}

/** Node reads base64 past anything that is none; what it left out shows in the length. (RFC 4648, 3.3: refuse it) */
function fromBase64(text: string): Buffer {
	const bytes = Buffer.from(text, 'base64');
	const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
	if (text.length % 4 !== 0 || bytes.length !== (text.length / 4) * 3 - padding)
		throw new Malformed('media.payload is not base64');
	return bytes;
}

function counter(value: unknown, name: string): number {
	const count = counterIn(value);
	if (count === undefined) throw new Malformed(`${name} is not a number`);
	return count;
}
/** A number as these platforms write it: as text or not. */
function counterIn(value: unknown): number | undefined {
	if (typeof value === 'string' && digits.test(value)) return Number(value);
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
const digits = /^[0-9]{1,15}$/;

function textIn(of: unknown, name: string): string | undefined {
	const value = isObject(of) ? of[name] : undefined;
	return typeof value === 'string' ? value : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
