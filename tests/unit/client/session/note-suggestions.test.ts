import { describe, expect, test } from 'vitest';
import type { SessionPerson } from '#client/session/note-people.ts';
import {
	completed,
	markAt,
	type OpenMark,
	personSuggestions,
	tagSuggestions,
	tagsUsed,
} from '#client/session/note-suggestions.ts';
import { noteView } from '#tests/support/note-view.ts';

const at = (typed: string) => markAt(typed.replace('|', ''), typed.indexOf('|'));

describe('while a mark is typed', () => {
	test('it is the one the caret stands in, with what follows of its word', () => {
		expect(at('see #ref|')).toEqual({ sign: '#', typed: 'ref', from: 4, to: 8 });
		expect(at('@|')).toEqual({ sign: '@', typed: '', from: 0, to: 1 });
		expect(at('a #re|fund b')).toEqual({ sign: '#', typed: 're', from: 2, to: 9 });
	});

	test('an address, a number after a word and a word that is over are none', () => {
		for (const text of ['ann@ex|', 'see#ref|', 'https://x/#a|', 'see #refund |', 'see |#refund', '##a|'])
			expect(at(text), text).toBeUndefined();
	});

	test('a suggestion takes its place, with one space behind it', () => {
		const mark = at('a #re|fund b') as OpenMark;
		expect(completed('a #refund b', mark, 'returns')).toEqual({ text: 'a #returns b', caret: 11 });
		expect(completed('#re', at('#re|') as OpenMark, 'refund')).toEqual({ text: '#refund ', caret: 8 });
	});
});

describe('what is suggested', () => {
	const used = tagsUsed([
		noteView({ tags: ['address'] }),
		noteView({ tags: ['refund'] }),
		noteView({ tags: ['refund', 'returns'] }),
	]);

	test('tags of this session, the most used first, none that stands there already', () => {
		expect(used[0]).toEqual(['refund', 2]);
		expect(tagSuggestions(used, 'RE').map((one) => one.word)).toEqual(['refund', 'returns']);
		expect(tagSuggestions(used, '').length).toBe(3);
		expect(tagSuggestions(used, 'refund')).toEqual([]);
	});

	const person = (id: string, more: Partial<SessionPerson> = {}): SessionPerson => ({
		id,
		name: `${id} Person`,
		role: 'executive',
		listening: false,
		out: false,
		...more,
	});
	const people = [person('left'), person('ann', { role: 'agent' }), person('ed', { out: true }), person('me')];

	test('people by id or name, the agent and listeners first, then the groups; not me, not who was shut out', () => {
		const words = (typed: string) => personSuggestions(people, 'me', typed).map((one) => one.word);
		expect(words('')).toEqual(['ann', 'left', 'team', 'leadership']);
		expect(words('le')).toEqual(['left', 'leadership']);
		expect(words('per')).toEqual(['ann', 'left']);
		expect(words('ann')).toEqual([]);
	});
});
