import type { TSchema } from 'typebox';
import {
	type ChannelName,
	type MessageName,
	messages,
	type Saying,
	sayings,
	soundForm,
	type Told,
} from '#server/protocol/messages.ts';
import { CallView, ListeningView, SessionCommand } from '#shared/call.ts';
import { type CloseReason, closeCodes, mayComeBack } from '#shared/close-codes.ts';
import { lineLimits } from '#shared/line.ts';
import { AskResult, heartbeatMs, liveLimits, liveVersion, RefusedMessage, writingMs } from '#shared/live.ts';
import { NoteView } from '#shared/note.ts';
import { Person, roles } from '#shared/people.ts';
import { type RefusalCode, refusals } from '#shared/refusals.ts';
import { Script, SegmentView } from '#shared/survey.ts';

type Json = Record<string, unknown>;

const ref = (...path: string[]) => ({ $ref: `#/${path.join('/')}` });

/** Schemas that have a name of their own in the document, wherever they occur. */
const namedSchemas: Record<string, TSchema> = {
	Person,
	CallView,
	ListeningView,
	NoteView,
	SegmentView,
	Script,
	AskResult,
	Refusal: RefusedMessage.properties.refusal,
	SessionCommand,
	...Object.fromEntries(SessionCommand.anyOf.map((one) => [one.properties.type.const, one])),
};
const nameOf = new Map(Object.entries(namedSchemas).map(([name, schema]) => [JSON.stringify(schema), name]));

/** The schema as plain JSON, with a reference for every part that has a name. */
function plain(schema: unknown): unknown {
	if (typeof schema !== 'object' || schema === null) return schema;
	if (Array.isArray(schema)) return schema.map(part);
	return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, part(value)]));
}
function part(schema: unknown): unknown {
	const name = nameOf.get(JSON.stringify(schema));
	return name === undefined ? plain(schema) : ref('components', 'schemas', name);
}

function message(name: MessageName): Json {
	const { summary, rules, schema, tiedBy }: Told = messages[name];
	return {
		name,
		summary,
		description: `Rules ${rules.map((rule) => `[${rule}]`).join(', ')} of PROTOCOL.md and RULES.md.`,
		...(tiedBy && { correlationId: { location: `$message.payload#/${tiedBy}` } }),
		contentType: schema ? 'application/json' : 'application/octet-stream',
		payload: schema ? plain(schema) : { type: 'string', format: 'binary', ...soundForm },
	};
}

/** What an address, a key and the limits of each channel are. */
const channels: Record<
	ChannelName,
	{ address: string; parameters?: Json; about: string; signedIn: boolean; limits: Json }
> = {
	live: {
		address: '/live',
		about: 'Views and commands, JSON text. Rules [W1] and following of PROTOCOL.md.',
		signedIn: true,
		limits: { ...liveLimits, heartbeatMs, writingMs },
	},
	sound: {
		address: '/sound/{listeningId}',
		parameters: { listeningId: { description: 'The listening, as its row in a view names it.' } },
		about: 'What is heard of one call: binary out, nothing in but a ping. Rules [A1] and following of PROTOCOL.md.',
		signedIn: true,
		limits: { heartbeatMs },
	},
	line: {
		address: '/line/sound/{secret}',
		parameters: { secret: { description: 'The secret of this end’s link; it is the credential.' } },
		about: 'A browser line: sound both ways between two ends. Rule [A9] of PROTOCOL.md.',
		signedIn: false,
		limits: { ...lineLimits },
	},
	survey: {
		address: '/survey/sound/{secret}',
		parameters: { secret: { description: 'From the answer to `take-line`; it opens one socket, soon.' } },
		about: "The executive's voice in, while a survey segment is live. Rules [T1] and following of PROTOCOL.md.",
		signedIn: true,
		limits: { ...lineLimits },
	},
};

function channel(name: ChannelName): Json {
	const { address, parameters, about, signedIn, limits } = channels[name];
	const all: readonly Saying[] = Object.values(sayings[name]);
	const spoken = new Set(all.flatMap(({ says, answers = [] }) => [...says, ...answers]));
	const query = { type: 'object', required: ['as'], properties: { as: { type: 'string', enum: [...roles] } } };
	return {
		address,
		description: about,
		...(parameters && { parameters }),
		messages: Object.fromEntries([...spoken].map((one) => [one, ref('components', 'messages', one)])),
		bindings: { ws: { method: 'GET', ...(signedIn && { query }), bindingVersion: '0.1.0' } },
		'x-limits': limits,
	};
}

function operation(name: ChannelName, { summary, by, says, answers }: Saying): Json {
	const refs = (of: readonly MessageName[]) => of.map((one) => ref('channels', name, 'messages', one));
	return {
		action: by === 'client' ? 'receive' : 'send',
		channel: ref('channels', name),
		summary,
		...(channels[name].signedIn && { security: roles.map((role) => ref('components', 'securitySchemes', role)) }),
		messages: refs(says),
		...(answers && { reply: { channel: ref('channels', name), messages: refs(answers) } }),
	};
}

const entries = <Name extends string, Value>(of: Record<Name, Value>) => Object.entries(of) as [Name, Value][];

/**
 * The live protocol as an AsyncAPI 3.0.0 document, from the server's side: it receives what clients say. Everything in it
 * comes from the schemas and tables that the doors themselves use.
 */
export function asyncApi(): Json {
	return {
		asyncapi: '3.0.0',
		info: {
			title: 'Ycord live protocol',
			version: String(liveVersion),
			description:
				'The WebSockets of Ycord as its server sees them: it receives what clients say. The rules that are cited stand in shared/PROTOCOL.md and server/domain/RULES.md. Clients ignore fields and types they do not know; the server refuses them [W12].',
			license: { name: 'Apache-2.0' },
		},
		defaultContentType: 'application/json',
		servers: {
			ycord: {
				host: '{host}',
				protocol: 'wss',
				description: 'Wherever Ycord runs; `ws` on the machine itself.',
				variables: { host: { default: 'localhost:8080' } },
			},
		},
		channels: Object.fromEntries(entries(sayings).map(([name]) => [name, channel(name)])),
		operations: Object.fromEntries(
			entries(sayings).flatMap(([name, said]) =>
				Object.entries<Saying>(said).map(([of, saying]) => [of, operation(name, saying)]),
			),
		),
		components: {
			messages: Object.fromEntries(entries(messages).map(([name]) => [name, message(name)])),
			schemas: Object.fromEntries(entries(namedSchemas).map(([name, schema]) => [name, plain(schema)])),
			securitySchemes: Object.fromEntries(
				roles.map((role) => [
					role,
					{
						type: 'httpApiKey',
						in: 'cookie',
						name: `ycord-${role}`,
						description: `Set by signing in as ${role}; the address says \`?as=${role}\`. Under https it is called \`__Host-ycord-${role}\`.`,
					},
				]),
			),
		},
		'x-close-codes': entries<CloseReason, { code: number; text: string }>(closeCodes)
			.map(([reason, { code, text }]) => ({ code, reason, text, comeBack: mayComeBack(code) }))
			.toSorted((one, other) => one.code - other.code),
		'x-refusals': entries<RefusalCode, { text: string; retry: boolean }>(refusals).map(([code, { text, retry }]) => ({
			code,
			text,
			retry,
		})),
	};
}

/** The document as it lies in docs/asyncapi.json. */
export const asyncApiText = () => `${JSON.stringify(asyncApi(), undefined, '\t')}\n`;
