import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mentionsOf, partsOf, tagsOf } from '#shared/note-text.ts';

describe('the parts of a note’s text', () => {
	test('are its marks as they were typed, and what stands between them', () => {
		expect(partsOf('See #Refund-- with @ann.')).toEqual([
			{ text: 'See ' },
			{ text: '#Refund', mark: { sign: '#', word: 'refund' } },
			{ text: '-- with ' },
			{ text: '@ann', mark: { sign: '@', word: 'ann' } },
			{ text: '.' },
		]);
		expect(partsOf('')).toEqual([]);
		expect(partsOf('a@b.example, C#, &#38;')).toEqual([{ text: 'a@b.example, C#, &#38;' }]);
	});

	test('together are the whole text, and mark what the note is found by', () => {
		const piece = fc.constantFrom('#refund', '@team', '#Ä-', ' ', '@', '#', '/', 'word', '_', '-', 'e\u0301', '.');
		const words = (text: string, sign: '#' | '@') => [
			...new Set(partsOf(text).flatMap(({ mark }) => (mark?.sign === sign ? [mark.word] : []))),
		];
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
				const text = pieces.join('');
				const parts = partsOf(text);
				expect(parts.map((part) => part.text).join('')).toBe(text.normalize('NFC'));
				expect(words(text, '#')).toEqual(tagsOf(text));
				expect(words(text, '@')).toEqual(mentionsOf(text));
			}),
		);
	});
});
