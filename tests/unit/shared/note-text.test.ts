import { describe, expect, test } from 'vitest';
import { mentionsOf, tagsOf } from '#shared/note-text.ts';

describe('tags and mentions', () => {
	test.each([
		['#refund for the #Refund', ['refund']],
		['(#one, #two-three.) "#vier"', ['one', 'two-three', 'vier']],
		['#Größe #größe #übergröße', ['größe', 'übergröße']],
		['order #4711 and #a', ['4711', 'a']],
		['c# is not, nor a#b, ##no, &#39; or https://x.example/#top', []],
		['# nothing, #_neither', []],
		['#trailing- #trailing_', ['trailing']],
	])('of “%s”', (text, tags) => {
		expect(tagsOf(text)).toEqual(tags);
		expect(mentionsOf(text.replaceAll('#', '@'))).toEqual(tags);
	});

	test('an address of a mailbox calls nobody', () => {
		expect(mentionsOf('write to ann@example.com or @ann')).toEqual(['ann']);
	});

	test('are at most 20, and 40 characters long [B1]', () => {
		expect(tagsOf(Array.from({ length: 50 }, (_, n) => `#t${n}`).join(' '))).toHaveLength(20);
		expect(tagsOf(`#${'x'.repeat(60)}`)).toEqual(['x'.repeat(40)]);
	});
});
