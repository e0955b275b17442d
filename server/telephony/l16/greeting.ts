import { Type } from 'typebox';
import type { KeyScheme } from '#server/telephony/shown-key.ts';
import { type Disclosure, disclosures } from '#shared/call.ts';

/** How a stream of L16 says what it brings, whichever platform sends it. */
export interface L16Greeting {
	callId: string;
	rate: 8000 | 16000;
	/** One channel, the customer's; two side by side; or one with everybody in it. */
	channels: 1 | 2;
	hears: 'legs' | 'mix';
	/** The agent is the one who called: theirs is the first channel, else it is the customer's. */
	agentFirst: boolean;
	agent?: string | undefined;
	label?: string | undefined;
	queue?: string | undefined;
	from?: string | undefined;
	to?: string | undefined;
	language?: string | undefined;
	labels?: Readonly<Record<string, string>> | undefined;
	/** What the customer was told of a listening. [C1] */
	disclosure?: Disclosure | undefined;
}

/** One platform that sends L16 over WebSocket: where, with which proof of who it is, and how it begins. */
export interface L16Dialect {
	/** The gateway's name. */
	name: string;
	path: string;
	/** Where the key stands in `Authorization`: the password of HTTP Basic, or a token. */
	scheme: KeyScheme;
	/** The settings that hold the key, and who gets the calls that name nobody. */
	keySetting: string;
	agentSetting: string;
	/** We are a participant there, not a tap: only where the house allows it. */
	audible: boolean;
	/** Reads the first text; `address` is what stands behind the path. Gives back what is wrong in our words: never what it said. */
	read(text: string, address: Readonly<Record<string, unknown>>): L16Greeting | { wrong: string };
}

const words = Type.Optional(Type.String({ maxLength: 500 }));
/** What an application may say of a call in the first message, in the same fields on every platform. */
export const naming = {
	agent: words,
	label: words,
	queue: words,
	from: words,
	to: words,
	language: words,
	labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 500 }))),
	disclosure: Type.Optional(Type.Enum([...disclosures])),
};
export const callIdSchema = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' });

/** What is expected of those fields, for whoever sent something else. */
export const namingExpected: Readonly<Record<string, string>> = {
	labels: 'labels as an object of texts',
	disclosure: `disclosure ${disclosures.join(', ')}`,
};

/** The fields of a first message that are there at all: `null` is as good as nothing. */
export const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** The fields of `naming` in a message. */
export const namingIn = (message: Readonly<Record<string, unknown>>): Record<string, unknown> =>
	given(Object.fromEntries(Object.keys(naming).map((name) => [name, message[name]])));

/** The object that a text is, or what is wrong with it. */
export function readObject(
	text: string,
): { message: Record<string, unknown>; wrong?: undefined } | { message?: undefined; wrong: string } {
	try {
		const message: unknown = JSON.parse(text);
		return isObject(message) ? { message } : { wrong: 'not a JSON object' };
	} catch {
		return { wrong: 'not JSON' };
	}
}

/** What a schema found wrong, as one line of what would be right. */
export function wrongIn(
	errors: readonly { instancePath: string; params: object }[],
	expected: Readonly<Record<string, string>>,
): { wrong: string } {
	const [first] = errors;
	const missing = (first?.params as { requiredProperties?: string[] } | undefined)?.requiredProperties?.[0];
	const field = missing ?? first?.instancePath.slice(1) ?? '';
	return { wrong: `expected ${expected[field] ?? `${field} of at most 500 characters`}` };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
