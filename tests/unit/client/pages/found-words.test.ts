import { describe, expect, test } from 'vitest';
import { askedIn, askedParts, isAsked, tagTyped } from '#client/pages/search/asked.ts';
import { excerptOf, markedWords } from '#client/pages/search/found-words.ts';

/** A text with what was found in brackets. */
const marked = (text: string, q: string) =>
	markedWords(text, q)
		.map((one) => (one.isFound ? `[${one.text}]` : one.text))
		.join('');

describe('what was found, marked in its text', () => {
	test('is the beginning of a word, whatever its capitals and accents', () => {
		expect(marked('The label printer. Labels!', 'label')).toBe('The [label] printer. [Label]s!');
		expect(marked('Ein Café, das CAFE\u0301 heißt', 'cafe')).toBe('Ein [Café], das [CAFE\u0301] heißt');
		expect(marked('Cafés', 'café')).toBe('[Café]s');
		expect(marked('a relabel', 'label')).toBe('a relabel');
	});

	test('is every word that was asked for, the longest beginning where two fit; signs only stand between words', () => {
		expect(marked('flat 12, flats and fl.', 'fl flat "12"')).toBe('[flat] [12], [flat]s and [fl].');
		expect(marked('#refund for her', '#refund')).toBe('#[refund] for her');
		expect(marked('nothing here', '  - ')).toBe('nothing here');
	});

	test.each(['', 'x', 'İstanbul ﬁt', 'a\u0301\u0301b', '👩‍👩‍👧 done', 'ﷺ ok'])(
		'loses nothing of the text: %j',
		(text) => {
			for (const q of ['a', 'i', 'f', 'x y', 'ok done', text])
				expect(
					markedWords(text, q)
						.map((one) => one.text)
						.join(''),
				).toBe(text);
		},
	);

	test('a long note is shown around the first word found, cut between words', () => {
		const long = `${'before '.repeat(100)}needle${' after'.repeat(100)}`;
		const shown = excerptOf(markedWords(long, 'needle'));
		const text = shown.map((one) => one.text).join('');
		expect(text.length).toBeLessThan(330);
		expect(text).toMatch(/^…before .* needle after.* after…$/);
		expect(shown.filter((one) => one.isFound).map((one) => one.text)).toEqual(['needle']);
		const start = excerptOf(markedWords(long, 'before'));
		expect(start.map((one) => one.text).join('')).toMatch(/^before before .*…$/);
		expect(excerptOf(markedWords('short', 'sh'))).toEqual(markedWords('short', 'sh'));
	});
});

describe('what an address asks for', () => {
	test('is read from it, and what nobody knows in it is left out', () => {
		expect(askedIn('q=flat+number&kind=pinhole&tag=%23Refund')).toEqual({
			q: 'flat number',
			kind: 'pinhole',
			tag: 'refund',
		});
		expect(askedIn('kind=gossip')).toEqual({ q: '', kind: undefined, tag: '' });
		expect(askedIn(`q=${'x'.repeat(500)}`).q.length).toBe(200);
	});

	test('nothing is asked until there is a word, a kind or a tag', () => {
		expect([askedIn(''), askedIn('q=+'), askedIn('q=-+"')].map(isAsked)).toEqual([false, false, false]);
		expect([askedIn('q=a'), askedIn('kind=praise'), askedIn('tag=a')].map(isAsked)).toEqual([true, true, true]);
		expect(askedParts(askedIn('q=+a+'))).toEqual({ q: 'a' });
	});

	test('a tag is as tags are kept, whatever is typed', () => {
		expect(['#Refund', '--late', 'flat number', 'E\u0301t\u00e9'].map(tagTyped)).toEqual([
			'refund',
			'late',
			'flatnumber',
			'\u00e9t\u00e9',
		]);
	});
});
