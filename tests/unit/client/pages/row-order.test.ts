import { describe, expect, test } from 'vitest';
import { rowOrder } from '#client/pages/board/row-order.ts';

const row = (callId: string, startedAtMs: number, gone = false) => ({ callId, startedAtMs, gone });

describe('the order of the board', () => {
	test('is latest first, and without calls that ended long enough ago', () => {
		const { order, waiting } = rowOrder([], [row('a', 1), row('b', 3), row('c', 2, true), row('d', 3)], false);
		expect(order).toEqual(['b', 'd', 'a']);
		expect(waiting).toBe(0);
	});

	test('does not move under the hand: what would come and go is counted instead', () => {
		const rows = [row('a', 1), row('b', 2, true), row('c', 3), row('d', 4)];
		expect(rowOrder(['b', 'a'], rows, true)).toEqual({ order: ['b', 'a'], waiting: 3 });
		expect(rowOrder(['b', 'a'], rows, false)).toEqual({ order: ['d', 'c', 'a'], waiting: 0 });
	});

	test('lets go of a row that is no longer known, hand or not', () => {
		expect(rowOrder(['b', 'a'], [row('a', 1)], true)).toEqual({ order: ['a'], waiting: 0 });
	});

	test('is the same list while nothing changes', () => {
		const shown = ['b', 'a'];
		const rows = [row('a', 1), row('b', 2)];
		expect(rowOrder(shown, rows, false).order).toBe(shown);
		expect(rowOrder(shown, rows, true).order).toBe(shown);
	});
});
