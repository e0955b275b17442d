import fc from 'fast-check';
import { expect, test } from 'vitest';
import { immutableMap } from '#server/domain/immutable-map.ts';
import { seedFor } from '#tests/support/seed.ts';

test('is like any map, and every earlier state of it stays as it was', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.integer()), { maxLength: 200 }), (steps) => {
			const plain = new Map<string, number>();
			let map = immutableMap<number>();
			const past: [typeof map, Map<string, number>][] = [];
			for (const [id, value] of steps) {
				past.push([map, new Map(plain)]);
				map = map.set(id, value);
				plain.set(id, value);
			}
			for (const [one, expected] of [...past, [map, plain] as const]) {
				expect(one.size).toBe(expected.size);
				expect([...one.values()].sort()).toEqual([...expected.values()].sort());
				for (const id of plain.keys()) expect(one.get(id)).toBe(expected.get(id));
			}
		}),
		{ numRuns: 60, seed: seedFor('immutable map') },
	);
});
