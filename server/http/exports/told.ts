import type { NoteView } from '#shared/note.ts';
import type { SessionRecord } from '#shared/rest.ts';

/** A time on the call's clock, `h:mm:ss`, as people and spreadsheets read it. */
export function clockTime(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	const two = (part: number) => String(part).padStart(2, '0');
	return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A time of day, in UTC and to the second. */
export const dayTime = (ms: number | undefined) =>
	ms === undefined ? '' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** A note with the answers to it, in order; an answer to what this person may not see stands by itself. */
export interface Thread {
	note: NoteView;
	answers: NoteView[];
}
export function threads(notes: readonly NoteView[]): Thread[] {
	const byId = new Map<string, Thread>();
	for (const note of notes) if (note.replyTo === undefined) byId.set(note.noteId, { note, answers: [] });
	const all: Thread[] = [];
	for (const note of notes) {
		const own = byId.get(note.noteId);
		const parent = note.replyTo === undefined ? undefined : byId.get(note.replyTo);
		if (parent) parent.answers.push(note);
		else all.push(own ?? { note, answers: [] });
	}
	return all;
}

/** Where a note leads: to a time of this call, or to the note of another by its ids. */
export function linkTold({ call, notes }: SessionRecord): (link: NoteView['links'][number]) => string {
	const here = new Map(notes.map((note) => [note.noteId, note]));
	return ({ callId, noteId }) => {
		const note = callId === call.callId ? here.get(noteId) : undefined;
		return note ? `${note.kind} at ${clockTime(note.anchorMs)}` : `${callId} ${noteId}`;
	};
}
