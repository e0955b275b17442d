import { describe, expect, test } from 'vitest';
import { credentials, type HookKey } from '#server/telephony/audiohook/credentials.ts';
import { nonces, rememberedMs } from '#server/telephony/audiohook/nonces.ts';
import {
	hmacOf,
	maxAgeMs,
	readSignature,
	type SignedRequest,
	skewMs,
	whatIsWrong,
} from '#server/telephony/audiohook/signature.ts';
import { handClock } from '#tests/support/clock.ts';

/** The vector of protocols.md 2.1, made with the vendor's code and checked with an independent one. */
const secret = 'bGlzdGVuLWRlbW8tc2VjcmV0LTAxMjM0NTY3ODk=';
const key = 'bGlzdGVuLWRlbW8ta2V5';
const createdMs = 1_767_225_600_000;
const headers: Record<string, string> = {
	'audiohook-organization-id': 'd7934305-0972-4844-938e-9060eef73d05',
	'audiohook-session-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
	'audiohook-correlation-id': '30b0e395-84d3-4570-ac13-9a62d8f514c0',
	'x-api-key': key,
};
const components = ['@request-target', '@authority', ...Object.keys(headers)];
const list = (names: string[]) => `(${names.map((one) => `"${one}"`).join(' ')})`;
const parameters = ';keyid="bGlzdGVuLWRlbW8ta2V5";nonce="MDEyMzQ1Njc4OWFiY2RlZmdo";alg="hmac-sha256"';
const times = ';created=1767225600;expires=1767225630';
const input = `sig1=${list(components)}${parameters}${times}`;
const signature = 'sig1=:oVz7p9RQOsEClxO61fWfj4KonEELXBIyOxAB/aGsYf0=:';

const request = (changes: Record<string, string | undefined> = {}): SignedRequest => ({
	target: '/ingest/genesys',
	authority: 'listen.example.com',
	header: (name) => ({ ...headers, ...changes })[name],
});
const judged = (nowMs = createdMs, given = input, code = signature) =>
	whatIsWrong(request(), readSignature(given, code), secret, nowMs);

/** An input of another form, rightly signed. */
function signed(given: string, names = components) {
	const values: Record<string, string> = {
		...headers,
		'@request-target': '/ingest/genesys',
		'@authority': 'listen.example.com',
	};
	const lines = names.map((one) => `"${one}": ${values[one]}`);
	const text = [...lines, `"@signature-params": ${given.slice(given.indexOf('=') + 1)}`].join('\n');
	return `${given.slice(0, given.indexOf('='))}=:${hmacOf(secret, text).toString('base64')}:`;
}

describe('a signature of AudioHook', () => {
	test('is taken as in the vector of protocols.md', () => {
		expect(judged()).toBeUndefined();
	});

	test.each([
		['another byte of the signature', signature.replace('oVz7', 'oVz8')],
		['a shorter one', 'sig1=:oVz7:'],
	])('is not taken with %s', (_what, code) => {
		expect(judged(createdMs, input, code)).toBe('wrong');
	});

	test.each(['audiohook-organization-id', 'audiohook-session-id', 'audiohook-correlation-id'])(
		'does not fit another %s',
		(name) => {
			const other = request({ [name]: '00000000-0000-4000-8000-000000000000' });
			expect(whatIsWrong(other, readSignature(input, signature), secret, createdMs)).toBe('wrong');
		},
	);

	test('does not fit another path, host or secret, nor another key than it names', () => {
		const given = readSignature(input, signature);
		expect(whatIsWrong({ ...request(), target: '/ingest/genesys?x' }, given, secret, createdMs)).toBe('wrong');
		expect(whatIsWrong({ ...request(), authority: 'example.com' }, given, secret, createdMs)).toBe('wrong');
		expect(whatIsWrong(request(), given, 'c2VjcmV0', createdMs)).toBe('wrong');
		expect(whatIsWrong(request({ 'x-api-key': 'other' }), given, secret, createdMs)).toBe('other key');
	});

	test('is taken in whatever order its components are listed', () => {
		const turned = [...components].reverse();
		const given = `sig1=${list(turned)}${parameters}${times}`;
		expect(judged(createdMs, given, signed(given, turned))).toBeUndefined();
	});

	test.each(components)('has to cover %s', (left) => {
		const names = components.filter((one) => one !== left);
		const given = `sig1=${list(names)}${parameters}${times}`;
		expect(judged(createdMs, given, signed(given, names))).toBe('incomplete');
	});

	test.each([
		['a nonce of 21 characters', `${parameters.replace('MDEyMzQ1Njc4OWFiY2RlZmdo', 'x'.repeat(21))}${times}`],
		['no nonce', `${parameters.replace(/;nonce="\w+"/, '')}${times}`],
		['another algorithm', `${parameters.replace('hmac-sha256', 'hmac-sha512')}${times}`],
		['no key', `${parameters.replace(/;keyid="\w+"/, '')}${times}`],
	])('is not taken with %s, though rightly signed', (_what, with_) => {
		const given = `sig1=${list(components)}${with_}`;
		expect(judged(createdMs, given, signed(given))).toMatch(/incomplete|other key/);
	});

	test('is good from its creation for ten seconds, and three more for clocks that differ, either way', () => {
		expect(judged(createdMs - skewMs)).toBeUndefined();
		expect(judged(createdMs - skewMs - 1)).toBe('too early');
		expect(judged(createdMs + maxAgeMs + skewMs)).toBeUndefined();
		expect(judged(createdMs + maxAgeMs + skewMs + 1)).toBe('too late');
	});

	test('that expires sooner is good until then, and three seconds more', () => {
		const given = `sig1=${list(components)}${parameters};created=1767225600;expires=1767225602`;
		expect(judged(createdMs + 5000, given, signed(given))).toBeUndefined();
		expect(judged(createdMs + 5001, given, signed(given))).toBe('too late');
	});

	test.each([
		['nothing', undefined, undefined],
		['no list', 'sig1=x', signature],
		['two signatures', `${input}, sig2=()`, signature],
		['another name', input, signature.replace('sig1', 'sig2')],
		['a parameter twice', `${input};nonce="x"`, signature],
		['no times', `sig1=${list(components)}${parameters}`, signature],
		['a signature that is not base64', input, 'sig1=:?:'],
		['100 kB of it', `sig1=(${'"a" '.repeat(25_000)})`, signature],
	])('that is %s is not read', (_what, given, code) => {
		expect(readSignature(given, code)).toBeUndefined();
	});
});

describe('who is let in', () => {
	const at = (keys: HookKey[]) => {
		const clock = handClock(createdMs);
		const judge = credentials(clock, keys);
		const ask = (changes: Record<string, string | undefined> = {}) =>
			judge(request({ 'signature-input': input, signature, ...changes }));
		return { clock, ask };
	};
	const unsigned = { 'signature-input': undefined, signature: undefined };

	test('whoever signs with the first or the second key', () => {
		expect(at([{ key, secret }]).ask()).toBeUndefined();
		expect(
			at([
				{ key: 'new', secret: 'bmV3' },
				{ key, secret },
			]).ask(),
		).toBeUndefined();
	});

	test('nobody twice with one nonce, until its signature is too old anyway', () => {
		const { clock, ask } = at([{ key, secret }]);
		expect([ask(), ask()]).toEqual([undefined, 'replayed']);
		clock.advance(maxAgeMs + skewMs);
		expect(ask()).toBe('replayed');
		clock.advance(1);
		expect(ask()).toBe('signature');
	});

	test('nobody with an unknown key, a wrong signature or none', () => {
		expect(at([{ key: 'other', secret }]).ask()).toBe('key');
		expect(at([{ key, secret: 'b3RoZXI=' }]).ask()).toBe('signature');
		expect(at([{ key, secret }]).ask(unsigned)).toBe('unsigned');
		expect(at([{ key, secret }]).ask({ 'x-api-key': undefined })).toBe('key');
	});

	test('who does not sign, only by a key that has no secret; and a signature nobody can check is none', () => {
		const { ask } = at([{ key, secret: '' }]);
		expect([ask(unsigned), ask()]).toEqual([undefined, 'signature']);
	});

	test('a signature that does not fit uses no nonce up', () => {
		const { ask } = at([{ key, secret }]);
		expect(ask({ 'audiohook-session-id': 'x' })).toBe('signature');
		expect(ask()).toBeUndefined();
	});
});

describe('the memory for nonces', () => {
	test('is as long as a signature can be good, and no longer', () => {
		const clock = handClock();
		const { use } = nonces(clock);
		expect([use('key', 'a'), use('key', 'a'), use('other', 'a')]).toEqual([true, false, true]);
		clock.advance(rememberedMs - 1);
		expect(use('key', 'a')).toBe(false);
		clock.advance(1);
		expect(use('key', 'a')).toBe(true);
	});

	test('refuses newcomers when it is full, and forgets nobody for them [B1]', () => {
		const clock = handClock();
		const { use } = nonces(clock, 2);
		expect(['a', 'b', 'c', 'a'].map((nonce) => use('key', nonce))).toEqual([true, true, false, false]);
		clock.advance(rememberedMs);
		expect(use('key', 'c')).toBe(true);
	});
});
