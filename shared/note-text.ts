type Sign = '#' | '@';
const marking = (sign: Sign) =>
	new RegExp(`(?<![\\p{L}\\p{N}_${sign}&/])${sign}([\\p{L}\\p{N}][\\p{L}\\p{N}_-]{0,39})`, 'gu');
/** Words a note's text marks: `#refund` is a tag, `@team` calls somebody. Both ends read them the same way. */
const marked = { '#': marking('#'), '@': marking('@') };
/** What is kept of one note: the first ones. [B1] */
const maxMarks = 20;

/** The tags of a text in lower case and NFC, each once, in the order they come. */
export const tagsOf = (text: string): string[] => marks(text, '#');

/** Whom a text calls, in lower case and NFC, each once, in the order they come: `team`, `leadership`, or a person's id. */
export const mentionsOf = (text: string): string[] => marks(text, '@');

/** A stretch of a note's text: plain, or a mark as it was typed, with the word it means in lower case and without its sign. */
export interface TextPart {
	text: string;
	mark?: { sign: Sign; word: string };
}

/** A text cut where its marks begin and end, for showing them; the parts together are the text in NFC. */
export function partsOf(text: string): TextPart[] {
	const whole = text.normalize('NFC');
	const found = (['#', '@'] as const)
		.flatMap((sign) =>
			[...whole.matchAll(marked[sign])].map((match) => ({ sign, at: match.index, typed: match[1] ?? '' })),
		)
		.toSorted((a, b) => a.at - b.at);
	const parts: TextPart[] = [];
	let done = 0;
	for (const { sign, at, typed } of found) {
		const shown = withoutTail(typed);
		if (at > done) parts.push({ text: whole.slice(done, at) });
		parts.push({ text: sign + shown, mark: { sign, word: shown.toLowerCase() } });
		done = at + 1 + shown.length;
	}
	if (done < whole.length) parts.push({ text: whole.slice(done) });
	return parts;
}

function marks(text: string, sign: Sign): string[] {
	// Most notes mark nothing.
	if (!text.includes(sign)) return [];
	const found = new Set<string>();
	for (const [, word = ''] of text.normalize('NFC').matchAll(marked[sign])) {
		found.add(withoutTail(word).toLowerCase());
		if (found.size === maxMarks) break;
	}
	return [...found];
}

/** What follows a word is not part of it: `#refund--` is about refunds. */
const withoutTail = (word: string) => word.replace(/[_-]+$/, '');
