import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { durationPattern } from '#server/telephony/audiohook/duration.ts';

/**
 * What goes over an AudioHook session as text, version 2. The client is Genesys Cloud, the server is we. Fields we do not use
 * are let through unread, as the platform may add some. (github.com/purecloudlabs/audiohook-reference-implementation,
 * app/audiohook/src/protocol)
 */
export const protocolVersion = '2';
/** The largest text and the largest message of sound. */
export const maxMessageBytes = 65_536;

/** RFC 4122 versions 1 to 5, or the null UUID. */
const nullId = '00000000-0000-0000-0000-000000000000';
const Uuid = Type.String({
	pattern: `^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|${nullId})$`,
});
const Duration = Type.String({ pattern: durationPattern });
const Text = Type.String({ maxLength: 1000 });
const Count = (minimum: number) => Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER });

/** One way in which the client can send a session's sound. The order of `channels` is how they are interleaved. */
export const Media = Type.Object({
	type: Type.Literal('audio'),
	format: Type.Enum(['PCMU', 'L16']),
	channels: Type.Array(Type.Enum(['external', 'internal']), { minItems: 1, maxItems: 2, uniqueItems: true }),
	rate: Type.Literal(8000),
});
export type Media = Static<typeof Media>;

const Open = Type.Object({
	organizationId: Uuid,
	conversationId: Uuid,
	participant: Type.Object({ id: Uuid, ani: Text, aniName: Text, dnis: Text }),
	/** What is offered in a form we do not know is not for us, and no fault. */
	media: Type.Array(Type.Unknown(), { maxItems: 32 }),
	language: Type.Optional(Text),
	continuedSessions: Type.Optional(Type.Array(Type.Object({ id: Uuid }), { maxItems: 32 })),
	/** Whatever whoever set the integration up wrote there. */
	customConfig: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
	/** From the Architect flow of an Audio Connector. */
	inputVariables: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type Open = Static<typeof Open>;

const Thrown = Type.Object({ start: Duration, discarded: Duration });

const parameters = {
	open: Open,
	ping: Type.Object({}),
	paused: Type.Object({}),
	resumed: Thrown,
	discarded: Thrown,
	update: Type.Object({ language: Type.Optional(Text) }),
	error: Type.Object({ code: Type.Integer(), retryAfter: Type.Optional(Duration) }),
	close: Type.Object({ reason: Type.Enum(['end', 'error', 'disconnect', 'reconnect']) }),
	/** Audio Connector only. */
	dtmf: Type.Object({ digit: Type.String({ pattern: '^[0-9*#A-D]$' }) }),
};
type Parameters = typeof parameters;
/** What a client may say. `other` is what we have nothing to do with. */
export type ClientType = keyof Parameters | 'other';
export const clientTypes = [...Object.keys(parameters), 'other'] as ClientType[];

const schemas = Object.fromEntries(Object.entries(parameters).map(([type, schema]) => [type, Compile(schema)]));
const schema = Compile(
	Type.Object({
		version: Type.Literal(protocolVersion),
		type: Type.String({ maxLength: 100 }),
		id: Uuid,
		seq: Count(1),
		serverseq: Count(0),
		position: Duration,
		parameters: Type.Record(Type.String(), Type.Unknown()),
	}),
);
const medium = Compile(Media);

interface Envelope {
	id: string;
	seq: number;
	serverseq: number;
	position: string;
}
export type ClientMessage = Envelope &
	(
		| { [Type in keyof Parameters]: { type: Type; parameters: Static<Parameters[Type]> } }[keyof Parameters]
		| { type: 'other' }
	);

/** A text as a message of a client, or what is wrong with it in our words: never what it said. */
export function readMessage(text: string): ClientMessage | { wrong: string } {
	let read: unknown;
	try {
		read = JSON.parse(text);
	} catch {
		return { wrong: 'not JSON' };
	}
	if (!schema.Check(read)) return { wrong: 'expected version, type, id, seq, serverseq, position and parameters' };
	const { type, id, seq, serverseq, position, parameters } = read;
	const envelope = { id, seq, serverseq, position };
	const known = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
	if (!known) return { ...envelope, type: 'other' };
	if (!known.Check(parameters)) return { wrong: `the parameters of ${type}` };
	return { ...envelope, type, parameters } as ClientMessage;
}

/** Whether Genesys only tries the connection, as when the integration is saved: such a session is of no call. (protocols.md 2.5) */
export const isProbe = ({ conversationId, participant }: Open) =>
	conversationId === nullId && participant.id === nullId;

/** What is offered in a form that we know. */
export const knownMedia = ({ media }: Open): Media[] => media.filter((one) => medium.Check(one));

/** What we may say. */
export type ServerSays =
	| { type: 'opened'; parameters: { media: Media[]; startPaused: false } }
	| { type: 'pong'; parameters: Record<string, never> }
	| { type: 'closed'; parameters: Record<string, never> }
	| { type: 'reconnect'; parameters: { info: string } }
	| { type: 'event'; parameters: { entities: { type: 'barge_in'; data: Record<string, never> }[] } }
	| { type: 'disconnect'; parameters: Disconnect };
export interface Disconnect {
	reason: 'completed' | 'unauthorized' | 'error';
	info?: string;
	/** For the Architect flow of an Audio Connector. */
	outputVariables?: Readonly<Record<string, string>>;
}

/** A message of ours as text. */
export const serverMessage = (says: ServerSays, id: string, seq: number, clientseq: number) =>
	JSON.stringify({ version: protocolVersion, type: says.type, id, seq, clientseq, parameters: says.parameters });
