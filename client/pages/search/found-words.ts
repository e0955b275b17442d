import { plain } from '#client/ui/pick-list.ts';

/** A stretch of text, and whether it is what was searched for. */
export interface Stretch {
	text: string;
	isFound: boolean;
}

const wordIn = /[\p{L}\p{N}\p{M}]+/gu;

/** A text cut where the words of `q` were found: each the beginning of a word, whatever its accents and capitals. */
export function markedWords(text: string, q: string): Stretch[] {
	const wanted = (q.match(wordIn) ?? []).map(plain).filter(Boolean);
	const stretches: Stretch[] = [];
	let done = 0;
	for (const match of text.matchAll(wordIn)) {
		const word = plain(match[0]);
		const begins = wanted.filter((start) => word.startsWith(start)).map((start) => start.length);
		if (begins.length === 0) continue;
		if (match.index > done) stretches.push({ text: text.slice(done, match.index), isFound: false });
		done = match.index + lettersUpTo(match[0], Math.max(...begins));
		stretches.push({ text: text.slice(match.index, done), isFound: true });
	}
	if (done < text.length) stretches.push({ text: text.slice(done), isFound: false });
	return stretches;
}

/** Where in a word its first `count` plain letters end, with the accents that belong to the last of them. */
function lettersUpTo(word: string, count: number): number {
	let letters = 0;
	let end = 0;
	for (const letter of word) {
		const length = plain(letter).length;
		if (letters >= count && length > 0) break;
		letters += length;
		end += letter.length;
	}
	return end;
}

/** How much of a long note stands in a list: enough before the first found word to know what it is about. */
const shownBefore = 80;
const shownInAll = 320;

/** The part of a long text in which the first found word stands, cut between words, with `…` where it goes on. */
export function excerptOf(stretches: readonly Stretch[]): Stretch[] {
	const whole = stretches.reduce((sum, one) => sum + one.text.length, 0);
	if (whole <= shownInAll) return [...stretches];
	const first = stretches.findIndex((one) => one.isFound);
	const before = stretches.slice(0, Math.max(0, first)).reduce((sum, one) => sum + one.text.length, 0);
	const from = Math.min(Math.max(0, before - shownBefore), whole - shownInAll);
	const shown: Stretch[] = [];
	let at = 0;
	for (const { text, isFound } of stretches) {
		const cut = text.slice(Math.max(0, from - at), Math.max(0, from + shownInAll - at));
		if (cut) shown.push({ text: cut, isFound });
		at += text.length;
	}
	const head = shown[0];
	const tail = shown.at(-1);
	if (from > 0 && head)
		head.text = `…${head.isFound ? '' : head.text.replace(/^\S*\s/u, '')}${head.isFound ? head.text : ''}`;
	if (from + shownInAll < whole && tail) tail.text = `${tail.isFound ? tail.text : tail.text.replace(/\s\S*$/u, '')}…`;
	return shown;
}
