import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { disclosures } from '#shared/call.ts';

/**
 * Twilio Media Streams as it comes to us. (www.twilio.com/docs/voice/media-streams/websocket-messages) Fields that are
 * not used here are let through: the platform adds some now and then.
 */

/** The longest a stream may last, 48 hours: a call ends after 24. A timestamp beyond it is not one. */
export const maxTimestampMs = 172_800_000;
/** Messages beyond this are refused; a second of both tracks in one message would be a quarter of it. */
export const maxMessageBytes = 65_536;

/** Twilio writes its numbers as text; a peer that writes them as numbers is understood too. */
const Counter = Type.Union([Type.String({ pattern: '^[0-9]{1,15}$' }), Type.Integer({ minimum: 0 })]);
export const tracks = ['inbound', 'outbound'] as const;
const Track = Type.Enum([...tracks]);
export type Track = Static<typeof Track>;

export const Connected = Type.Object({ event: Type.Literal('connected') });

/** What the customer of the platform sets by `<Parameter>`, or by `Parameter1.Name` over REST. */
export const Parameters = Type.Object({
	/** Id of the agent whose call this is; whether there is one is the intake's to say. */
	agent: Type.Optional(Type.String({ maxLength: 500 })),
	/** Whose call leg the stream hangs on: the customer's, where inbound is the customer, or the agent's. */
	leg: Type.Optional(Type.Enum(['customer', 'agent'])),
	/** How the call is shown. */
	label: Type.Optional(Type.String({ maxLength: 500 })),
	/** The customer's number, of which the last three digits are shown. */
	from: Type.Optional(Type.String({ maxLength: 500 })),
	/** What the customer was told of a listening. [C1] */
	disclosure: Type.Optional(Type.Enum([...disclosures])),
	/** The conference in which customer and agent talk: without it an executive cannot be brought on the line. */
	conference: Type.Optional(Type.String({ maxLength: 500 })),
	/** The queue for a customer whose agent is gone, after an executive had the line. */
	queue: Type.Optional(Type.String({ maxLength: 500 })),
	/** The key by which the customer takes back that an executive speaks with them. [C2] */
	withdraw: Type.Optional(Type.String({ maxLength: 500 })),
	/** What proves that a survey stream is the one we asked for. */
	token: Type.Optional(Type.String({ maxLength: 500 })),
});
export type Parameters = Static<typeof Parameters>;

export const Start = Type.Object({
	event: Type.Literal('start'),
	sequenceNumber: Counter,
	streamSid: Type.String({ minLength: 1, maxLength: 80 }),
	start: Type.Object({
		accountSid: Type.Optional(Type.String({ maxLength: 80 })),
		callSid: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' }),
		tracks: Type.Array(Track, { minItems: 1, maxItems: 2 }),
		mediaFormat: Type.Object({
			encoding: Type.Literal('audio/x-mulaw'),
			sampleRate: Type.Union([Type.Literal(8000), Type.Literal('8000')]),
			channels: Type.Union([Type.Literal(1), Type.Literal('1')]),
		}),
		customParameters: Type.Optional(Parameters),
	}),
});
export type Start = Static<typeof Start>;

export const Media = Type.Object({
	event: Type.Literal('media'),
	sequenceNumber: Counter,
	media: Type.Object({ track: Track, timestamp: Counter, payload: Type.String() }),
});
export const Stop = Type.Object({ event: Type.Literal('stop'), sequenceNumber: Counter });

/** What we say on a bidirectional stream; on any other we say nothing. [S2] */
export const mediaMessage = (streamSid: string, payload: Uint8Array) =>
	JSON.stringify({ event: 'media', streamSid, media: { payload: Buffer.from(payload).toString('base64') } });
/** Forgets what Twilio has of us and has not played yet. */
export const clearMessage = (streamSid: string) => JSON.stringify({ event: 'clear', streamSid });
/** Comes back when Twilio has played what was said before it, or forgotten it. */
export const markMessage = (streamSid: string, name: string) =>
	JSON.stringify({ event: 'mark', streamSid, mark: { name } });

/** A message as read; `other` is one that is not known. */
export type Incoming =
	| { event: 'connected' }
	| { event: 'start'; start: Start }
	| { event: 'media'; streamSid: string | undefined; track: Track; timestampMs: number; payload: Buffer }
	| { event: 'mark'; name: string | undefined }
	| { event: 'dtmf'; digit: string | undefined }
	| { event: 'stop' }
	| { event: 'other' };

/** A message that is not in the protocol; the text says what is wrong with it, never what it said. */
export class Malformed extends Error {
	override readonly name = 'Malformed';
}

/** Reads one message. Throws `Malformed`, and nothing else, whatever comes. */
export function readMessage(text: string): Incoming {
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		throw new Malformed('not JSON');
	}
	if (!isObject(message)) throw new Malformed('not a JSON object');
	switch (message.event) {
		case 'media':
			return readMedia(message);
		case 'start':
			return readStart(message);
		case 'connected':
			return { event: 'connected' };
		case 'stop':
			counter(message.sequenceNumber, 'sequenceNumber');
			return { event: 'stop' };
		case 'dtmf':
			counter(message.sequenceNumber, 'sequenceNumber');
			return { event: 'dtmf', digit: textIn(message.dtmf, 'digit') };
		case 'mark':
			counter(message.sequenceNumber, 'sequenceNumber');
			return { event: 'mark', name: textIn(message.mark, 'name') };
		default:
			if (typeof message.event !== 'string') throw new Malformed('no event');
			return { event: 'other' };
	}
}

/** By hand, not by schema: 100 of these come each second of a call. They hold to `Media`, as a test sees to. */
function readMedia(message: Record<string, unknown>): Incoming {
	counter(message.sequenceNumber, 'sequenceNumber');
	const { media, streamSid } = message;
	if (!isObject(media)) throw new Malformed('media without its media');
	const { track, payload } = media;
	if (track !== 'inbound' && track !== 'outbound') throw new Malformed('media.track is neither inbound nor outbound');
	const timestampMs = counter(media.timestamp, 'media.timestamp');
	if (timestampMs > maxTimestampMs) throw new Malformed('media.timestamp is impossible');
	if (typeof payload !== 'string') throw new Malformed('media.payload is missing');
	return {
		event: 'media',
		streamSid: typeof streamSid === 'string' ? streamSid : undefined,
		track,
		timestampMs,
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

function readStart(message: Record<string, unknown>): Incoming {
	if (Value.Check(Start, message)) return { event: 'start', start: message };
	// Deepest first: beside "must match one of", the error that says which field is the one that helps.
	const [problem] = Value.Errors(Start, message).sort((a, b) => b.instancePath.length - a.instancePath.length);
	const where = problem?.instancePath.slice(1).replaceAll('/', '.') ?? '';
	if (where.startsWith('start.mediaFormat'))
		throw new Malformed('mediaFormat is not audio/x-mulaw, 8000 Hz, 1 channel');
	throw new Malformed(`${where || 'start'} ${problem?.message ?? 'is wrong'}`);
}

function counter(value: unknown, name: string): number {
	if (typeof value === 'string' && digits.test(value)) return Number(value);
	if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
	throw new Malformed(`${name} is not a number`);
}
const digits = /^[0-9]{1,15}$/;

function textIn(of: unknown, name: string): string | undefined {
	const value = isObject(of) ? of[name] : undefined;
	return typeof value === 'string' ? value : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
