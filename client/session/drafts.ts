import type { Lane, NoteKind } from '#shared/note.ts';

/** A note being typed. */
export interface TypedNote {
	text: string;
	kind: NoteKind;
	lane: Lane;
	/** Where in the call typing began; absent until it does. */
	anchorMs?: number | undefined;
}

const place = (callId: string, personId: string) => `ycord.draft.${personId}.${callId}`;

/** What was being typed when the page was left or reloaded: kept in this tab only. */
export function keptDraft(callId: string, personId: string): TypedNote | undefined {
	try {
		const kept = sessionStorage.getItem(place(callId, personId));
		return kept ? (JSON.parse(kept) as TypedNote) : undefined;
	} catch {
		return undefined;
	}
}

export function keepDraft(callId: string, personId: string, note: TypedNote) {
	try {
		if (note.text) sessionStorage.setItem(place(callId, personId), JSON.stringify(note));
		else sessionStorage.removeItem(place(callId, personId));
	} catch {
		// Storage is full or forbidden: the draft lasts as long as the page.
	}
}
