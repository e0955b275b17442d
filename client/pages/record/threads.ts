import type { NoteView } from '#shared/note.ts';

/** A note with what was answered to it, first to last. */
export interface Thread {
	note: NoteView;
	answers: NoteView[];
}

/**
 * Notes in order of the call's clock, each with its answers under it. An answer to what this person may not see stands
 * by itself. What was deleted before anybody answered is left out: there is nothing to read.
 */
export function threadsOf(notes: readonly NoteView[]): Thread[] {
	const known = new Set(notes.map((note) => note.noteId));
	const answers = Map.groupBy(
		notes.filter((note) => note.replyTo !== undefined && known.has(note.replyTo) && !isDeleted(note)),
		(note) => note.replyTo,
	);
	const byPlace = (a: NoteView, b: NoteView) => a.place - b.place;
	return notes
		.filter((note) => note.replyTo === undefined || !known.has(note.replyTo))
		.map((note) => ({ note, answers: (answers.get(note.noteId) ?? []).toSorted(byPlace) }))
		.filter(({ note, answers }) => !isDeleted(note) || answers.length > 0)
		.toSorted((a, b) => a.note.anchorMs - b.note.anchorMs || byPlace(a.note, b.note));
}

/** Its author took the words away. */
export const isDeleted = (note: NoteView) => note.deletedAtMs !== undefined;
