import type { NoteView } from '#shared/note.ts';

let made = 0;

/** A note as a tab gets it, a new one each time, by somebody else and for the team unless told otherwise. */
export function noteView(changes: Partial<NoteView> = {}): NoteView {
	made++;
	return {
		noteId: `note-${made}`,
		seq: made,
		place: made,
		kind: 'observation',
		lane: 'team',
		text: `Note ${made}`,
		tags: [],
		mentions: [],
		anchorMs: made * 1000,
		authorId: 'eve',
		authorName: 'Eve Executive',
		authorRole: 'executive',
		writtenAtMs: made * 1000,
		edits: 0,
		heardBy: [],
		links: [],
		...changes,
	};
}
