import type { NoteDraft } from '#client/live/notes.ts';

/** A note as it is kept in this tab: what has to be sent, under the name it was given when it was written. [N3] */
export interface KeptNote extends NoteDraft {
	noteId: string;
	/** Set when the server refused it for good, with the reason: it waits for its author. */
	refused?: string;
}

/** The part of `sessionStorage` that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Under the author's name too: whoever signs in next in this tab must not send another's notes. */
const nameOf = (personId: string, callId: string) => `ycord.notes.${personId}.${callId}`;

/** What waits from before the page was loaded again; nothing when it cannot be read. */
export function keptNotes(shelf: Shelf | undefined, personId: string, callId: string): KeptNote[] {
	try {
		const notes: unknown = JSON.parse(shelf?.getItem(nameOf(personId, callId)) ?? '[]');
		return Array.isArray(notes) ? notes.filter((note) => typeof note?.noteId === 'string') : [];
	} catch {
		return [];
	}
}

/** Keeps exactly these. A full or forbidden storage is no reason to stop: they are still in the page. */
export function keepNotes(shelf: Shelf | undefined, personId: string, callId: string, notes: KeptNote[]): void {
	try {
		if (notes.length === 0) shelf?.removeItem(nameOf(personId, callId));
		else shelf?.setItem(nameOf(personId, callId), JSON.stringify(notes));
	} catch {
		// Nothing to be done here; the page says that unsent notes are lost when it is closed.
	}
}

/** This tab's storage, which some settings forbid even to touch. */
export function tabShelf(): Shelf | undefined {
	try {
		return globalThis.sessionStorage;
	} catch {
		return undefined;
	}
}
