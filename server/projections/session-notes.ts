import type { Recorded } from '#server/journal/journal.ts';
import type { NoteView } from '#shared/note.ts';
import { mentionsOf, tagsOf } from '#shared/note-text.ts';

/** The notes of one session as the screens show them, in the one order all share. [N2] */
export interface SessionNotes extends Iterable<NoteView> {
	readonly size: number;
	get(noteId: string): NoteView | undefined;
	/** Takes in what is about a note, and gives back that note's row as it is then; undefined if it is about none. */
	fold(record: Recorded): NoteView | undefined;
	/** The call was erased at `seq`: gives back every row, without words and what was marked in them. [L3] */
	forgetWords(seq: number): NoteView[];
}

export function sessionNotes(): SessionNotes {
	// A map keeps the order its keys came in, also when a value is replaced.
	const rows = new Map<string, NoteView>();
	return {
		get size() {
			return rows.size;
		},
		get: (noteId) => rows.get(noteId),
		[Symbol.iterator]: () => rows.values(),
		fold(record) {
			const { event } = record;
			if (!('noteId' in event)) return undefined;
			const row = foldNote(rows.get(event.noteId), record);
			if (row) rows.set(event.noteId, row);
			return row;
		},
		forgetWords(seq) {
			for (const [id, row] of rows) rows.set(id, { ...row, ...marksOf(''), seq, text: '' });
			return [...rows.values()];
		},
	};
}

/** A row is never changed, but replaced: whoever was given one keeps what they were given. */
function foldNote(before: NoteView | undefined, { event, seq, atMs }: Recorded): NoteView | undefined {
	if (event.type === 'note-written') {
		const { type: _, author, ...written } = event;
		return {
			...written,
			...marksOf(event.text),
			seq,
			place: seq,
			authorId: author.id,
			authorName: author.name,
			authorRole: author.role,
			writtenAtMs: atMs,
			edits: 0,
			heardBy: [],
			links: [],
		};
	}
	if (!before) return undefined;
	const row = { ...before, seq };
	switch (event.type) {
		case 'note-edited':
			return {
				...row,
				...marksOf(event.text),
				kind: event.kind,
				text: event.text,
				edits: before.edits + 1,
				editedAtMs: atMs,
			};
		case 'note-deleted':
			return { ...row, ...marksOf(''), text: '', links: [], deletedAtMs: atMs };
		case 'note-widened':
			return { ...row, lane: event.lane };
		case 'note-heard': {
			const { id, name } = event.person;
			const others = before.heardBy.filter((one) => one.id !== id);
			return { ...row, heardBy: event.heard ? [...others, { id, name }] : others };
		}
		case 'note-linked': {
			const { callId, noteId } = event.to;
			const others = before.links.filter((one) => one.callId !== callId || one.noteId !== noteId);
			return { ...row, links: event.linked ? [...others, { callId, noteId }] : others };
		}
		default:
			return undefined;
	}
}

const marksOf = (text: string) => ({ tags: tagsOf(text), mentions: mentionsOf(text) });
