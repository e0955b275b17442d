import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signature has to cover, so that nothing of the session can be changed. (protocols.md 2.1) */
export const coveredComponents = [
	'@request-target',
	'@authority',
	'audiohook-organization-id',
	'audiohook-session-id',
	'audiohook-correlation-id',
	'x-api-key',
] as const;

/** How old a signature may be, and how far two clocks may be apart. */
export const maxAgeMs = 10_000;
export const skewMs = 3000;
/** 128 bits in base64. */
const minNonceLength = 22;

/** What of a request is signed: how it was addressed, and its headers by their names in lower case, repeated ones joined. */
export interface SignedRequest {
	/** Path and query as received. */
	target: string;
	/** The host in lower case, without a default port: from the settings, never what the caller calls it. */
	authority: string;
	header: (name: string) => string | undefined;
}

/** A signature as it was given: everything needed to judge it. */
export interface GivenSignature {
	components: readonly string[];
	/** The list with its parameters exactly as received, for it is signed too. */
	parameters: string;
	keyId: string;
	nonce: string;
	algorithm: string;
	createdMs: number;
	expiresMs: number;
	signature: Buffer;
}

/** Why a signature is not taken; for the log, never for the caller. */
export type WrongSignature = 'unreadable' | 'incomplete' | 'other key' | 'too early' | 'too late' | 'wrong';

/**
 * Reads `Signature-Input` and `Signature`, one signature under one name, in the early form that AudioHook uses: the six
 * parameters are each there once. Undefined for anything else.
 */
export function readSignature(input: string | undefined, signature: string | undefined): GivenSignature | undefined {
	const [, name, parameters = '', list = '', rest = ''] =
		/^([a-z*][\w.*-]{0,60})=((\((?:"[\x21\x23-\x7e]+"(?: +"[\x21\x23-\x7e]+")*)?\))((?:;[^;]+)*))$/.exec(
			input?.trim() ?? '',
		) ?? [];
	const [, signedName, code = ''] =
		/^([a-z*][\w.*-]{0,60})=:([A-Za-z0-9+/]+={0,2}):$/.exec(signature?.trim() ?? '') ?? [];
	if (name === undefined || name !== signedName) return undefined;
	const given = new Map<string, string>();
	for (const one of rest.split(';').slice(1)) {
		const [, key, text, number] = /^([a-z]{1,20})=(?:"([\x20\x21\x23-\x5b\x5d-\x7e]*)"|(\d{1,12}))$/.exec(one) ?? [];
		if (key === undefined || given.has(key)) return undefined;
		given.set(key, (text ?? number) as string);
	}
	const [created, expires] = [given.get('created'), given.get('expires')].map(Number) as [number, number];
	if (!Number.isInteger(created) || !Number.isInteger(expires)) return undefined;
	return {
		components: [...list.matchAll(/"([^"]+)"/g)].map(([, component]) => component as string),
		parameters,
		keyId: given.get('keyid') ?? '',
		nonce: given.get('nonce') ?? '',
		algorithm: given.get('alg') ?? '',
		createdMs: created * 1000,
		expiresMs: expires * 1000,
		signature: Buffer.from(code, 'base64'),
	};
}

/** The text that is signed: a line for each component, in the order of the list, and the list itself. */
function signedText(request: SignedRequest, { components, parameters }: GivenSignature): string | undefined {
	const lines: string[] = [];
	for (const component of components) {
		const value = componentOf(request, component);
		if (value === undefined) return undefined;
		lines.push(`"${component}": ${value.trim()}`);
	}
	return [...lines, `"@signature-params": ${parameters}`].join('\n');
}

function componentOf(request: SignedRequest, component: string): string | undefined {
	if (component === '@request-target') return request.target;
	if (component === '@authority') return request.authority;
	return component.startsWith('@') ? undefined : request.header(component);
}

/** The HMAC of a text with a client secret, which is base64. */
export const hmacOf = (secret: string, text: string) =>
	createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest();

/**
 * Whether this request was signed with this secret, now, for this key. Undefined if it was; the HMAC is computed whatever
 * else is wrong. The clocks may be apart by `skewMs`, which only ever makes a limit wider. Replays are not seen here.
 */
export function whatIsWrong(
	request: SignedRequest,
	given: GivenSignature | undefined,
	secret: string,
	nowMs: number,
): WrongSignature | undefined {
	const text = given && signedText(request, given);
	const expected = hmacOf(secret, text ?? '');
	if (!given) return 'unreadable';
	const fits = given.signature.length === expected.length && timingSafeEqual(given.signature, expected);
	if (text === undefined || !isComplete(given)) return 'incomplete';
	if (given.keyId !== request.header('x-api-key')) return 'other key';
	if (given.createdMs - skewMs > nowMs) return 'too early';
	if (given.expiresMs + skewMs < nowMs || nowMs - given.createdMs > maxAgeMs + skewMs) return 'too late';
	return fits ? undefined : 'wrong';
}

const isComplete = ({ components, nonce, algorithm }: GivenSignature) =>
	algorithm === 'hmac-sha256' &&
	nonce.length >= minNonceLength &&
	new Set(components).size === components.length &&
	coveredComponents.every((one) => components.includes(one));
