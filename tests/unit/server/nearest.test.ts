import { expect, test } from 'vitest';
import { nearest } from '#server/nearest.ts';

const known = ['start', 'settings', 'rehearse', 'help'];

test.each([
	['strat', 'start'],
	['stat', 'start'],
	['startt', 'start'],
	['setting', 'settings'],
	['rehaerse', 'rehearse'],
	['hlep', 'help'],
	['', 'help'],
	['help', 'help'],
])('%j is nearest to %s', (typed, meant) => {
	expect(nearest(typed, known)).toBe(meant);
});

test('two letters that changed places count as one slip', () => {
	expect(nearest('prot', ['post', 'port'])).toBe('port');
});
