import { kindsInOrder } from '#client/session/note-words.ts';
import type { NoteKind } from '#shared/note.ts';

/** What is searched for: words, and what narrows them. */
export interface Asked {
	q: string;
	kind: NoteKind | undefined;
	/** In lower case, without its #. */
	tag: string;
}

/** What an address asks for: `?q=flat+number&kind=pinhole&tag=refund`. */
export function askedIn(search: string): Asked {
	const found = new URLSearchParams(search);
	const kind = kindsInOrder.find((one) => one.kind === found.get('kind'))?.kind;
	return { q: (found.get('q') ?? '').slice(0, 200), kind, tag: tagTyped(found.get('tag') ?? '') };
}

/** What is asked, as it goes over the wire and into an address; what is empty is left out. */
export function askedParts({ q, kind, tag }: Asked): { q?: string; kind?: NoteKind; tag?: string } {
	// Signs alone are no words: there would be nothing to find.
	const words = /[\p{L}\p{N}]/u.test(q) ? q.trim() : '';
	return { ...(words && { q: words }), ...(kind && { kind }), ...(tag && { tag }) };
}

/** Whether there is anything to search for. */
export const isAsked = (asked: Asked) => Object.keys(askedParts(asked)).length > 0;

/** A tag as it is typed, as tags are kept: `#Refund` is `refund`. */
export const tagTyped = (typed: string) =>
	typed
		.normalize('NFC')
		.replace(/[^\p{L}\p{N}_-]|^[_-]+/gu, '')
		.toLowerCase()
		.slice(0, 40);
