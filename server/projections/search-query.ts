import { hash } from 'node:crypto';
import { tagsOf } from '#shared/note-text.ts';
import type { NoteSearch } from '#shared/rest.ts';

/** What a search asks for, read from what was typed. */
export interface SearchTerms {
	/** Each the beginning of a word of the note. */
	words: string[];
	tag: string | undefined;
	kind: string | undefined;
}

/** What a word is to the index (SQLite's `unicode61`): letters, digits, the marks on them, and private signs. */
const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Reads a search; whatever else was typed, quotes and operators too, only stands between words. Undefined: it asks for nothing. */
export function searchTerms({ q = '', tag, kind }: Pick<NoteSearch, 'q' | 'tag' | 'kind'>): SearchTerms | undefined {
	const words = [...new Set(q.normalize('NFC').match(word))];
	const [asTag] = tag === undefined ? [] : tagsOf(`#${tag.replace(/^#/, '')}`);
	if (tag !== undefined && asTag === undefined) return undefined;
	if (words.length === 0 && asTag === undefined && kind === undefined) return undefined;
	return { words, tag: asTag, kind };
}

/**
 * A mark a note is indexed under beside its words: one of `kind`, `tag`, `call`, `agent`, `team`. A hash, so that any text
 * is one word of letters and digits; a mark narrows a search down, and who may see what is judged on the rows themselves.
 */
export const markOf = (of: 'kind' | 'tag' | 'call' | 'agent' | 'team', value: string) =>
	of[0] + hash('sha256', `${of} ${value}`).slice(0, 16);

/** The search in the language of FTS5: every word as a prefix, and every group of marks at least once. */
export const matchOf = (words: readonly string[], marks: readonly (readonly string[])[]) =>
	[
		...words.map((one) => `{text} : "${one}"*`),
		...marks.map((either) => `{marks} : (${either.map((one) => `"${one}"`).join(' OR ')})`),
	].join(' AND ');
