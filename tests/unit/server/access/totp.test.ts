import { expect, test } from 'vitest';
import { base32, codeOf, fromBase32, otpauthAddress, stepOf } from '#server/access/totp.ts';

const secret = Buffer.from('12345678901234567890');

test.each([
	[59, '287082'],
	[1_111_111_109, '081804'],
	[1_111_111_111, '050471'],
	[1_234_567_890, '005924'],
	[2_000_000_000, '279037'],
	[20_000_000_000, '353130'],
])('at %i s the code is the one of RFC 6238, appendix B', (seconds, code) => {
	expect(codeOf(secret, Math.floor(seconds / 30))).toBe(code);
	expect(stepOf(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
});

test('a code is good one step early and one step late, and no more', () => {
	const step = 1000;
	const code = codeOf(secret, step);
	const at = (one: number) => stepOf(secret, code, one * 30_000);
	expect([998, 999, 1000, 1001, 1002].map(at)).toEqual([undefined, step, step, step, undefined]);
});

test('what is no code fits nothing', () => {
	for (const text of ['', '12345', '1234567', 'abcdef', '１２３４５６', `${codeOf(secret, 1000)} `])
		expect(stepOf(secret, text, 30_000_000)).toBeUndefined();
});

test.each([
	['', ''],
	['f', 'MY'],
	['fo', 'MZXQ'],
	['foo', 'MZXW6'],
	['foob', 'MZXW6YQ'],
	['fooba', 'MZXW6YTB'],
	['foobar', 'MZXW6YTBOI'],
])('%j in base 32 is as RFC 4648 has it, and back', (text, written) => {
	expect(base32(Buffer.from(text))).toBe(written);
	if (text) expect(Buffer.from(fromBase32(written) ?? []).toString()).toBe(text);
});

test('the address for an authenticator names the house, the person and the secret', () => {
	expect(otpauthAddress('ann', 'MZXW6')).toBe('otpauth://totp/Ycord:ann?secret=MZXW6&issuer=Ycord');
	expect(fromBase32('mzxw6')).toBeUndefined();
});
