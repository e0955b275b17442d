import { describe, expect, test } from 'vitest';
import { passwordFault } from '#server/access/password.ts';
import { passwordHashing } from '#server/access/password-hash.ts';
import { codeOf } from '#tests/support/given.ts';

const ann = { id: 'ann-orders-1', name: 'Ann Orders' };

describe('a new password', () => {
	test.each([
		['eleven char', 'at least 12'],
		['🔑'.repeat(11), 'at least 12'],
		['correct horse '.repeat(15), 'at most 200'],
		['Password1234', 'one of the first'],
		['password-2026', 'one of the first'],
		['QWERTYUIOP12', 'one of the first'],
		['123456789012', 'one of the first'],
		['987654321098', 'one of the first'],
		['aaaaaaaaaaaa', 'one of the first'],
		['121212121212', 'one of the first'],
		['ann-orders-1', 'Your name'],
		['Ann.Orders.2026', 'Your name'],
	])('%s is refused', (password, why) => {
		expect(passwordFault(password, ann)).toContain(why);
	});

	test.each(['a quiet splitter cable', 'Zwölf Kaffeetassen!', 'Vb7#kq2Lx9!m', '密码很长而且不容易猜到的一句话'])(
		'%s will do',
		(password) => expect(passwordFault(password, ann)).toBeUndefined(),
	);
});

describe('what is kept of a password', () => {
	const hashing = passwordHashing({ memory: 64, passes: 1, parallelism: 1 });

	test('is another hash each time, tells its cost, and fits this password only', async () => {
		const [one, two] = await Promise.all([hashing.hash('a quiet cable'), hashing.hash('a quiet cable')]);
		expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
		expect(two).not.toBe(one);
		expect(await Promise.all(['a quiet cable', 'A quiet cable', ''].map((text) => hashing.fits(text, one)))).toEqual([
			true,
			false,
			false,
		]);
	});

	test('fits however the same letters were typed', async () => {
		expect(await hashing.fits('cafe\u0301 ﬁn', await hashing.hash('café fin'))).toBe(true);
	});

	test('still fits when the cost was raised since', async () => {
		const before = await hashing.hash('a quiet cable');
		expect(await passwordHashing({ memory: 128, passes: 2, parallelism: 1 }).fits('a quiet cable', before)).toBe(true);
	});

	test('is never what nobody has, or what we have not written', async () => {
		const strange = ['', 'plain', '$argon2id$v=19$m=64,t=1,p=1$short$AA', '$2b$10$abcdefghijklmnopqrstuv'];
		expect(await Promise.all([undefined, ...strange].map((phc) => hashing.fits('', phc)))).toEqual(
			[undefined, ...strange].map(() => false),
		);
	});

	test('[B1] two are worked on, thirty-two wait, and whoever comes then is told to come back', async () => {
		const all = await Promise.allSettled(Array.from({ length: 36 }, () => hashing.fits('x', undefined)));
		const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
		expect(
			refused.map((error) =>
				codeOf(() => {
					throw error;
				}),
			),
		).toEqual(['access.busy', 'access.busy']);
		expect(await hashing.fits('x', undefined)).toBe(false);
	});
});
