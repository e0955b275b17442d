import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsCardNumber } from '#server/domain/card-number.ts';

describe('[P1] a card number in a note', () => {
	test.each([
		'4111111111111111',
		'4111 1111 1111 1111',
		'4111-1111-1111-1111',
		'4111.1111.1111.1111',
		'paid with 5500 0000 0000 0004, exp 12/29',
		'378282246310005',
		'3782 822463 10005',
		'4222222222222',
		'4111 1111 1111 1111 12 29',
		'00004111111111111111',
		'\uff14111111111111111',
		'4111\u20111111\u20111111\u20111111',
		'4111\n1111\r\n1111\n1111',
		'4111\t1111\t1111\t1111',
		'4111/1111/1111/1111',
		'4111_1111_1111_1111',
		'4111\u200b1111\u200b1111\u20601111',
		'4111 \u2022 1111 \u2022 1111 \u2022 1111',
		'4111*1111*1111*1111',
		'4111\u22121111\u22121111\u22121111',
		'٤١١١ ١١١١ ١١١١ ١١١١',
		'۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱',
		'४१११-११११-११११-११११',
		'𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏',
		'٤١١١ 1111 ११११ ١١١١',
	])('is seen in %j', (text) => expect(holdsCardNumber(text)).toBe(true));

	test.each([
		'4111 1111 1111 1112',
		'0000 0000 0000 0000',
		'order 123456789012',
		'call 030 1234 5678',
		'2026-11-22 15:30',
		'10:30, 11:45, 12:15, 13:00',
		'+49 (0)30 1234567-89, ext. 12',
		'nothing',
		'',
	])('is not seen in %j', (text) => expect(holdsCardNumber(text)).toBe(false));

	test('is seen wherever it stands and however it is grouped', () => {
		const withCheckDigit = (digits: number[]) => {
			const sum = [...digits].reverse().reduce((total, digit, place) => {
				const weighted = place % 2 === 0 ? digit * 2 : digit;
				return total + (weighted > 9 ? weighted - 9 : weighted);
			}, 0);
			return [...digits, (10 - (sum % 10)) % 10];
		};
		fc.assert(
			fc.property(
				fc
					.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
					.filter((all) => new Set(all).size > 2),
				fc.array(fc.constantFrom('', '', ' ', '-', '.'), { minLength: 19, maxLength: 19 }),
				fc.constantFrom('', 'card: ', 'number, '),
				(digits, separators, before) => {
					const number = withCheckDigit(digits)
						.map((digit, place) => `${digit}${separators[place]}`)
						.join('');
					return holdsCardNumber(`${before}${number} thanks`);
				},
			),
		);
	});
});
