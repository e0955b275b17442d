/** Words a note's text marks: `#refund` is a tag, `@team` calls somebody. Both ends read them the same way. */
const marked = (sign: '#' | '@') =>
	new RegExp(`(?<![\\p{L}\\p{N}_${sign}&/])${sign}([\\p{L}\\p{N}][\\p{L}\\p{N}_-]{0,39})`, 'gu');
/** What is kept of one note: the first ones. [B1] */
const maxMarks = 20;

/** The tags of a text in lower case and NFC, each once, in the order they come. */
export const tagsOf = (text: string): string[] => marks(text, marked('#'));

/** Whom a text calls, in lower case and NFC, each once, in the order they come: `team`, `leadership`, or a person's id. */
export const mentionsOf = (text: string): string[] => marks(text, marked('@'));

function marks(text: string, pattern: RegExp): string[] {
	const found = new Set<string>();
	for (const [, word = ''] of text.normalize('NFC').matchAll(pattern)) {
		found.add(word.toLowerCase().replace(/[_-]+$/, ''));
		if (found.size === maxMarks) break;
	}
	return [...found];
}
