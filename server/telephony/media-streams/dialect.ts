import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Codec } from '#shared/audio.ts';
import { disclosures } from '#shared/call.ts';

/** The longest a stream may last, 48 hours: a call ends after 24. A timestamp beyond it is not one. */
export const maxTimestampMs = 172_800_000;

export const tracks = ['inbound', 'outbound'] as const;
export const Track = Type.Enum([...tracks]);
export type Track = Static<typeof Track>;

/** A message that is not in the protocol; the text says what is wrong with it, never what it said. */
export class Malformed extends Error {
	override readonly name = 'Malformed';
}

const words = Type.Optional(Type.String({ maxLength: 500 }));

/** What whoever starts a stream says of its call, in whichever way the platform lets them. */
export const Parameters = Type.Object({
	/** The agent whose call this is; whether there is one is the intake's to say. */
	agent: words,
	/** Whose call leg the stream hangs on: the customer's, where inbound is the customer, or the agent's. */
	leg: Type.Optional(Type.Enum(['customer', 'agent'])),
	/** How the call is shown. */
	label: words,
	/** The customer's number and the one they called, of which the last three digits are shown. */
	from: words,
	to: words,
	language: words,
	/** What the customer was told of a listening. [C1] */
	disclosure: Type.Optional(Type.Enum([...disclosures])),
	/** The conference in which customer and agent talk: without it an executive cannot be brought on the line. */
	conference: words,
	/** The queue the call came by; also the one for a customer whose agent is gone, after an executive had the line. */
	queue: words,
	/** The key by which the customer takes back that an executive speaks with them. [C2] */
	withdraw: words,
	/** What proves that a stream is the one we asked for. */
	token: words,
});
export type Parameters = Static<typeof Parameters>;

/** A stream's beginning, whichever platform it comes from. */
export interface StreamStart {
	/** The platform's names; the account's where it says it. */
	streamId: string;
	callId: string;
	accountId: string | undefined;
	tracks: readonly Track[];
	/** What its calls are coded in behind the port. */
	codec: Codec;
	/** The wire has samples of 16 bits, little-endian, in place of that codec's bytes. */
	isLinear: boolean;
	parameters: Parameters;
}

/** What one platform does otherwise than the others. The rest is the same, and is Twilio's. */
export interface Dialect {
	/** Also the gateway's name, and the first part of its calls' ids. */
	readonly name: 'twilio' | 'telnyx' | 'plivo';
	readonly title: string;
	/** Whether `connected` comes before `start`. */
	readonly greets: boolean;
	/** What it calls, in every message, the stream's id and the message's number. */
	readonly streamId: string;
	readonly sequence: string;
	/**
	 * `start`: timestamps count from the stream's start, and are trusted to the sample. `chunk`: pieces are put side by side by
	 * their number, for the timestamps may be off by the network's whim; they say where to go on after a gap. `chunk-since-1970`:
	 * the same, and they are the time of day.
	 */
	readonly placedBy: 'start' | 'chunk' | 'chunk-since-1970';
	/** Whether the call is over when the socket is closed in order, for want of a `stop`. */
	readonly endsByClose: boolean;
	/** Reads a `start`. Throws `Malformed`. */
	start(message: Readonly<Record<string, unknown>>): StreamStart;
	/** Where to say which agent a call is for, in words for whoever sets it up. */
	readonly whereAgent: string;
}

/** The message, if it is as the schema says. Throws `Malformed` with what is wrong; `format` is what it says of a wrong format. */
export function checked<Schema extends TSchema>(
	schema: Schema,
	message: unknown,
	[formatPath, format]: readonly [string, string],
): Static<Schema> {
	if (Value.Check(schema, message)) return message;
	// Deepest first: beside "must match one of", the error that says which field is the one that helps.
	const [problem] = Value.Errors(schema, message).sort((a, b) => b.instancePath.length - a.instancePath.length);
	const where = problem?.instancePath.slice(1).replaceAll('/', '.') ?? '';
	if (where.startsWith(formatPath)) throw new Malformed(format);
	throw new Malformed(`${where || 'start'} ${problem?.message ?? 'is wrong'}`);
}

/** Some platforms write numbers as text; both are understood. */
export const Counter = Type.Union([Type.String({ pattern: '^[0-9]{1,15}$' }), Type.Integer({ minimum: 0 })]);
/** One of these whole numbers, as a number or as text. */
export const numberOf = (...values: number[]) =>
	Type.Union(values.flatMap((value) => [Type.Literal(value), Type.Literal(String(value))]));
export const Id = Type.String({ minLength: 1, maxLength: 200 });
