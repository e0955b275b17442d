import type { Lane, NoteKind } from '#shared/note.ts';

export interface NoteDraft {
	kind: NoteKind;
	lane: Lane;
	text: string;
	/** Where in the call typing began: ms since the call started. */
	anchorMs: number;
	/** The note that this one answers. */
	replyTo?: string | undefined;
}

/** A note as it is kept on this device: what has to be sent, under the name it was given when it was written. [N3] */
export interface KeptNote extends NoteDraft {
	noteId: string;
	/** Its author: whoever signs in next in this browser must not send another's notes. */
	personId: string;
	callId: string;
	/** Set when the server refused it, with the reason: it waits for its author. */
	refused?: string;
	/** It was refused for a reason that passes: it is sent again when the link, or the page, is new. */
	passes?: boolean;
}

/** A note being typed. */
export interface TypedNote {
	text: string;
	kind: NoteKind;
	lane: Lane;
	/** Where in the call typing began; absent until it does. */
	anchorMs?: number | undefined;
	replyTo?: string | undefined;
}

/** A note being typed, and whose it is: one for each call and, in it, for each note that is answered. */
export interface KeptDraft extends TypedNote {
	personId: string;
	callId: string;
}

/**
 * Where notes wait on this device until they are acknowledged. All tabs share one place; each note is one tab's to send,
 * and what a tab leaves behind when it is closed, or dies, goes to another one of the same person.
 */
export interface NoteStore {
	/**
	 * Calls `taken` with the notes this tab has to send, oldest first: once with those that are there, none when nothing
	 * can be read, and again with those of a tab that has gone.
	 */
	follow(personId: string, taken: (notes: KeptNote[]) => void): () => void;
	/**
	 * Resolves once the note is on the disk; rejects when it cannot be kept there. What was `typed` just now leaves the draft
	 * in the same step: whenever the browser dies, there is one of the two.
	 */
	keep(note: KeptNote, typed?: boolean): Promise<void>;
	/** It is on record, or its author gave it up. */
	forget(noteId: string): Promise<void>;
	/** What this person was typing in this tab or in one that has gone. */
	drafts(personId: string): Promise<KeptDraft[]>;
	/** Keeps what is being typed; without any text, forgets it. */
	keepDraft(draft: KeptDraft): Promise<void>;
}

const nowhere = () => Promise.reject(new Error('nothing can be kept here'));

/** For programs, and browsers that let nothing be stored: what is written lasts as long as the page or the program. */
export const noNoteStore: NoteStore = {
	follow(_, taken) {
		taken([]);
		return () => {};
	},
	keep: nowhere,
	forget: nowhere,
	drafts: async () => [],
	keepDraft: nowhere,
};
