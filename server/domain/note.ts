import { type Call, isProtected } from '#server/domain/call.ts';
import { holdsCardNumber } from '#server/domain/card-number.ts';
import type { Lane, NoteKind, WriteNote } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** A note once written. What identifies it as the same note is its author and its words. */
export interface Note {
	authorId: string;
	lane: Lane;
	kind: NoteKind;
	text: string;
}

export interface NoteWritten {
	type: 'note-written';
	noteId: string;
	kind: NoteKind;
	lane: Lane;
	text: string;
	anchorMs: number;
	author: Pick<Person, 'id' | 'name' | 'role'>;
}
export type NoteEvent = NoteWritten;

/** How many notes one session may hold: the limit of that queue. [B1] */
export const maxNotesPerSession = 5000;

/** The same note again is answered as done and changes nothing; the same id for other words is refused. [N3] */
export function decideNote(
	notes: ReadonlyMap<string, Note>,
	command: WriteNote,
	author: Person,
	call: Call,
): NoteEvent[] {
	if (call.at === 'none') throw new Refusal('call.unknown');
	const { noteId, kind, lane, anchorMs } = command;
	const text = command.text.trim();
	if (text === '') throw new Refusal('note.empty');
	if (author.role === 'agent' && lane === 'leadership') throw new Refusal('note.lane', lane);
	const before = notes.get(noteId);
	if (before) {
		if (before.authorId === author.id && before.text === text && before.lane === lane && before.kind === kind)
			return [];
		throw new Refusal('note.id-taken');
	}
	if (isProtected(call) && holdsCardNumber(text)) throw new Refusal('note.card-number');
	if (notes.size >= maxNotesPerSession) throw new Refusal('note.too-many', String(maxNotesPerSession));
	const { id, name, role } = author;
	return [{ type: 'note-written', noteId, kind, lane, text, anchorMs, author: { id, name, role } }];
}
