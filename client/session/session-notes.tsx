import { createContext, useContext } from 'react';
import type { NoteDraft, PendingNote } from '#client/live/notes.ts';
import type { SessionPerson } from '#client/session/note-people.ts';
import type { Lane, NoteKind, NotePlace, NoteView } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';

/** What is open at a note: something in its place, or a dialog about it. One thing at a time. */
export interface OpenAt {
	what: 'edit' | 'reply' | 'delete' | 'history' | 'widen' | 'link';
	noteId: string;
}

/** What the parts of a session's notes share. It changes only with the people, so that rows are not drawn again for each note. */
export interface SessionNotes {
	callId: string;
	me: Person;
	people: readonly SessionPerson[];
	/** Names by id, in lower case. */
	names: ReadonlyMap<string, string>;
	/** The notes at this moment. */
	notes(): readonly NoteView[];
	note(noteId: string): NoteView | undefined;
	/** The call's clock at this moment, in ms. */
	callMs(): number;
	/** Somebody types (`on`), or has sent it or given up. */
	writing(lane: Lane, on: boolean): void;
	/** False when no more can be kept. */
	write(draft: NoteDraft): boolean;
	retry(noteId: string): void;
	discard(noteId: string): void;
	/** Takes a refused note back into the composer. */
	takeBack(note: PendingNote): void;
	/** Each of these rejects with the reason when it did not happen. */
	edit(noteId: string, kind: NoteKind, text: string): Promise<unknown>;
	remove(noteId: string): Promise<unknown>;
	widen(noteId: string, lane: Lane): Promise<unknown>;
	hear(noteId: string, heard: boolean): Promise<unknown>;
	link(noteId: string, to: NotePlace, linked: boolean): Promise<unknown>;
	/** Opens something at a note, or closes what is open; focus goes back to the note when it was there. */
	open(at: OpenAt | undefined): void;
	/** Brings a note into sight, wherever it stands, and gives it the focus. */
	goTo(noteId: string): void;
	/** Shows only what has this tag; without one, everything. */
	filter(tag: string | undefined): void;
}

const SessionNotesContext = createContext<SessionNotes | undefined>(undefined);
export const SessionNotesHere = SessionNotesContext.Provider;

export function useSessionNotes(): SessionNotes {
	const here = useContext(SessionNotesContext);
	if (!here) throw new Error('useSessionNotes stands outside Notes');
	return here;
}
