import { describe, expect, test } from 'vitest';
import { matching, stepped } from '#client/ui/pick-list.ts';

const people = [
	{ id: 'a', name: 'Sara Lindqvist', aside: 'Board' },
	{ id: 'b', name: 'Lucía Fernández', aside: 'Product' },
	{ id: 'c', name: 'Omar Haddad', aside: 'Finance & Risk' },
];
const found = (typed: string) => matching(people, typed).map((one) => one.id);

describe('finding somebody by typing', () => {
	test('any word of the name or team may be begun, in any order', () => {
		expect(found('lin')).toEqual(['a']);
		expect(found('lindq s')).toEqual(['a']);
		expect(found('risk')).toEqual(['c']);
		expect(found('f')).toEqual(['b', 'c']);
	});

	test('case and accents do not matter', () => {
		expect(found('LUCIA fernandez')).toEqual(['b']);
		expect(found('lucía')).toEqual(['b']);
	});

	test('nothing typed is everybody; what begins no word is nobody', () => {
		expect(found('  ')).toEqual(['a', 'b', 'c']);
		expect(found('dqvist')).toEqual([]);
	});

	test('arrows go round, and nowhere in an empty list', () => {
		expect([stepped(undefined, 1, 3), stepped(undefined, -1, 3), stepped(2, 1, 3), stepped(0, -1, 3)]).toEqual([
			0, 2, 0, 2,
		]);
		expect(stepped(1, 1, 0)).toBeUndefined();
	});
});
