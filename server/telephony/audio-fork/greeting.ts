import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Disclosure, disclosures } from '#shared/call.ts';

/** How an audio fork says what it brings: L16 of one channel, the customer's, or of two side by side. */
export interface Greeting {
	callId: string;
	rate: 8000 | 16000;
	channels: 1 | 2;
	/** The agent is the one who called: theirs is the first channel, else it is the customer's. */
	agentFirst: boolean;
	agent?: string | undefined;
	label?: string | undefined;
	from?: string | undefined;
	/** What the customer was told of a listening. [C1] */
	disclosure?: Disclosure | undefined;
}

/** What stands in the address, for a fork whose first message is only what its caller gave it (`?rate=16000&mix=stereo`). */
export interface AddressSays {
	rate?: string;
	mix?: string;
}

const words = Type.Optional(Type.String({ maxLength: 500 }));
/** What we read of the first message, wherever it stands in it; the rest is the platform's own. */
const schema = Compile(
	Type.Object({
		callId: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' }),
		rate: Type.Enum(['8000', '16000']),
		mix: Type.Enum(['mono', 'stereo']),
		leg: Type.Optional(Type.Enum(['customer', 'agent'])),
		agent: words,
		label: words,
		from: words,
		disclosure: Type.Optional(Type.Enum([...disclosures])),
	}),
);

/** What is wrong with a first message, in our words: never what it said. */
const expected: Readonly<Record<string, string>> = {
	callId: 'callSid (or callId, uuid) of 1 to 80 letters, digits, _ . -',
	rate: 'sampleRate (or ?rate=) 8000 or 16000',
	mix: 'mixType (or ?mix=) stereo or mono; mixed does not say who speaks',
	leg: 'leg customer or agent',
	disclosure: `disclosure ${disclosures.join(', ')}`,
};

/**
 * Reads the one text with which a fork begins: jambonz names its own fields and puts the application's under `metadata`;
 * mod_audio_fork sends whatever JSON its caller gave it. (docs.jambonz.org/verbs/verbs/listen;
 * github.com/drachtio/drachtio-freeswitch-modules, modules/mod_audio_fork) Gives back what is wrong if it cannot be used.
 */
export function readGreeting(text: string, address: AddressSays): Greeting | { wrong: string } {
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		return { wrong: 'not JSON' };
	}
	if (!isObject(message)) return { wrong: 'not a JSON object' };
	const own = isObject(message.metadata) ? message.metadata : {};
	const [top, said] = [message, { ...message, ...own }];
	const read = {
		...present('callId', top.callSid ?? top.callId ?? top.uuid ?? said.callSid ?? said.callId ?? said.uuid),
		...present('rate', asText(said.sampleRate ?? address.rate)),
		...present('mix', said.mixType ?? address.mix),
		...present('leg', said.leg),
		...present('agent', said.agent),
		...present('label', said.label),
		...present('from', said.from),
		...present('disclosure', said.disclosure),
	};
	if (!schema.Check(read)) {
		const [field = ''] = schema.Errors(read).map(({ instancePath, params }) => fieldOf(instancePath, params));
		return { wrong: `expected ${expected[field] ?? `${field} of at most 500 characters`}` };
	}
	const { callId, rate, mix, leg, ...naming } = read;
	return {
		callId,
		rate: rate === '8000' ? 8000 : 16_000,
		channels: mix === 'stereo' ? 2 : 1,
		agentFirst: leg === 'agent',
		...naming,
	};
}

/** The field that is wrong: where the error is, or what is missing there. */
function fieldOf(path: string, params: object): string {
	const missing = (params as { requiredProperties?: string[] }).requiredProperties?.[0];
	return missing ?? path.slice(1);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const present = (name: string, value: unknown) => (value === undefined || value === null ? {} : { [name]: value });
const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value);
