import { describe, expect, test } from 'vitest';
import { once } from '#client/ui/once.ts';

describe('what may be asked for only once', () => {
	test('is asked once a key, however often a page is built, also when it was refused', async () => {
		const asked: string[] = [];
		const open = once(async (key: string) => {
			asked.push(key);
			if (key === 'bad') throw new Error('no');
			return `seat ${key}`;
		});
		expect(await Promise.all([open('a'), open('a'), open('b')])).toEqual(['seat a', 'seat a', 'seat b']);
		await expect(open('bad')).rejects.toThrow('no');
		await expect(open('bad')).rejects.toThrow('no');
		expect(asked).toEqual(['a', 'b', 'bad']);
	});
});
