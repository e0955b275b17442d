import type { Call } from '#server/domain/call.ts';
import { holdsCardNumber } from '#server/domain/card-number.ts';
import { type ImmutableMap, immutableMap } from '#server/domain/immutable-map.ts';
import {
	type Lane,
	lanes,
	maxLinksPerNote,
	type NoteCommand,
	type NoteKind,
	type NotePlace,
	type WriteNote,
} from '#shared/note.ts';
import type { CallRole, Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** Who wrote or heard a note, as the record names them. */
export type NotePerson = Pick<Person, 'id' | 'name'> & { role: CallRole };

/** A note as it stands. */
export interface Note {
	authorId: string;
	lane: Lane;
	kind: NoteKind;
	text: string;
	replyTo: string | undefined;
	/** As it was first sent: the same again is the same note, whatever became of it since. [N3] */
	first: Pick<WriteNote, 'lane' | 'kind' | 'text' | 'replyTo'>;
	edits: number;
	deleted: boolean;
	heardBy: readonly string[];
	links: readonly NotePlace[];
}
export type Notes = ImmutableMap<Note>;

export type NoteEvent =
	| {
			type: 'note-written';
			noteId: string;
			kind: NoteKind;
			lane: Lane;
			text: string;
			anchorMs: number;
			author: NotePerson;
			replyTo?: string;
	  }
	| { type: 'note-edited'; noteId: string; kind: NoteKind; text: string }
	| { type: 'note-deleted'; noteId: string }
	/** The author let more people see it. [N4] */
	| { type: 'note-widened'; noteId: string; lane: Lane }
	| { type: 'note-heard'; noteId: string; heard: boolean; person: NotePerson }
	| { type: 'note-linked'; noteId: string; to: NotePlace; linked: boolean };

/** What a note is decided on, besides the notes. */
export interface NoteContext {
	author: Person;
	call: Call;
	/** The note in another session that a link leads to, if its author may see it there. */
	target?: Note | undefined;
}

/** How many notes one session may hold, and how often one may be edited: the limits of these queues. [B1] */
export const maxNotesPerSession = 5000;
export const maxEditsPerNote = 200;

export const noNotes: Notes = immutableMap<Note>();

/** [N4]: a note reaches only its lane: private its author, leadership executives and supervisors, team all of the session. */
export const maySeeLane = ({ id, role }: Pick<Person, 'id' | 'role'>, note: { authorId: string; lane: Lane }) =>
	note.authorId === id || note.lane === 'team' || (note.lane === 'leadership' && role !== 'agent');

/** What is asked again and is so already is answered as done, and changes nothing. [N3] */
export function decideNote(notes: Notes, command: NoteCommand, context: NoteContext): NoteEvent[] {
	const { author, call } = context;
	if (call.at === 'none') throw new Refusal('call.unknown');
	switch (command.type) {
		case 'write-note':
			return decideWriting(notes, command, context);
		case 'edit-note': {
			const note = ownNote(notes, command.noteId, author);
			const text = wordsOf(command.text);
			if (note.text === text && note.kind === command.kind) return [];
			if (note.edits >= maxEditsPerNote) throw new Refusal('note.too-many-edits', String(maxEditsPerNote));
			return [{ type: 'note-edited', noteId: command.noteId, kind: command.kind, text }];
		}
		case 'delete-note':
			if (notes.get(command.noteId)?.deleted && notes.get(command.noteId)?.authorId === author.id) return [];
			ownNote(notes, command.noteId, author);
			return [{ type: 'note-deleted', noteId: command.noteId }];
		case 'widen-note': {
			const note = ownNote(notes, command.noteId, author);
			if (note.lane === command.lane) return [];
			if (width(command.lane) < width(note.lane)) throw new Refusal('note.narrower', note.lane);
			mustBeOpenTo(author, command.lane, note.replyTo === undefined ? undefined : notes.get(note.replyTo));
			return [{ type: 'note-widened', noteId: command.noteId, lane: command.lane }];
		}
		case 'hear-note': {
			const note = seenNote(notes, command.noteId, author);
			if (note.authorId === author.id) throw new Refusal('note.own');
			if (note.heardBy.includes(author.id) === command.heard) return [];
			const { noteId, heard } = command;
			return [{ type: 'note-heard', noteId, heard, person: namedOnly(author) }];
		}
		case 'link-note':
			return decideLinking(notes, command, context);
	}
}

function decideWriting(notes: Notes, command: WriteNote, { author }: NoteContext): NoteEvent[] {
	const { noteId, kind, lane, anchorMs, replyTo } = command;
	const before = notes.get(noteId);
	const text = command.text.trim();
	if (before) {
		const { first } = before;
		const isSame =
			first.text === text && first.lane === lane && first.kind === kind && first.replyTo === command.replyTo;
		if (before.authorId === author.id && isSame) return [];
		throw new Refusal('note.id-taken');
	}
	wordsOf(text);
	const parent = replyTo === undefined ? undefined : seenNote(notes, replyTo, author);
	if (parent?.replyTo !== undefined) throw new Refusal('note.one-level');
	mustBeOpenTo(author, lane, parent);
	if (notes.size >= maxNotesPerSession) throw new Refusal('note.too-many', String(maxNotesPerSession));
	const answer = replyTo === undefined ? {} : { replyTo };
	return [{ type: 'note-written', noteId, kind, lane, text, anchorMs, author: namedOnly(author), ...answer }];
}

function decideLinking(
	notes: Notes,
	{ noteId, to, linked }: Extract<NoteCommand, { type: 'link-note' }>,
	{ author, target = notes.get(to.noteId) }: NoteContext,
): NoteEvent[] {
	const note = ownNote(notes, noteId, author);
	if (note.links.some(isPlace(to)) === linked) return [];
	if (linked) {
		const isWorthIt = target?.kind === 'pinhole' || target?.kind === 'suggestion';
		if (!target || !isWorthIt || target === note || target.deleted || !maySeeLane(author, target))
			throw new Refusal('note.link');
		if (note.links.length >= maxLinksPerNote) throw new Refusal('note.too-many-links', String(maxLinksPerNote));
	}
	return [{ type: 'note-linked', noteId, to, linked }];
}

/** The words of a note, refused where there are none, or where they hold what nobody may write down. [P1] */
function wordsOf(given: string): string {
	const text = given.trim();
	if (text === '') throw new Refusal('note.empty');
	if (holdsCardNumber(text)) throw new Refusal('note.card-number');
	return text;
}

/** Whether this author may write for these people: agents not for leadership, answers for no more than what they answer. [N4] */
function mustBeOpenTo(author: Person, lane: Lane, parent: Note | undefined) {
	if (author.role === 'agent' && lane === 'leadership') throw new Refusal('note.lane', lane);
	if (parent && width(lane) > width(parent.lane)) throw new Refusal('note.lane', lane);
}

/** A note that is there for this person; what they may not see is not there. */
function seenNote(notes: Notes, noteId: string, person: Person): Note {
	const note = notes.get(noteId);
	if (!note || !maySeeLane(person, note)) throw new Refusal('note.unknown');
	if (note.deleted) throw new Refusal('note.deleted');
	return note;
}

function ownNote(notes: Notes, noteId: string, person: Person): Note {
	const note = seenNote(notes, noteId, person);
	if (note.authorId !== person.id) throw new Refusal('note.not-yours');
	return note;
}

export function evolveNotes(notes: Notes, event: NoteEvent): Notes {
	if (event.type === 'note-written') {
		const { noteId, lane, kind, text, author, replyTo } = event;
		const first = { lane, kind, text, ...(replyTo === undefined ? {} : { replyTo }) };
		const fresh = { edits: 0, deleted: false, heardBy: [], links: [] };
		return notes.set(noteId, { authorId: author.id, lane, kind, text, replyTo, first, ...fresh });
	}
	const note = notes.get(event.noteId);
	return note ? notes.set(event.noteId, evolveNote(note, event)) : notes;
}

function evolveNote(note: Note, event: Exclude<NoteEvent, { type: 'note-written' }>): Note {
	switch (event.type) {
		case 'note-edited':
			return { ...note, kind: event.kind, text: event.text, edits: note.edits + 1 };
		case 'note-deleted':
			return { ...note, text: '', deleted: true };
		case 'note-widened':
			return { ...note, lane: event.lane };
		case 'note-heard': {
			const others = note.heardBy.filter((id) => id !== event.person.id);
			return { ...note, heardBy: event.heard ? [...others, event.person.id] : others };
		}
		case 'note-linked': {
			const others = note.links.filter((one) => !isPlace(event.to)(one));
			return { ...note, links: event.linked ? [...others, event.to] : others };
		}
	}
}

const width = (lane: Lane) => lanes.indexOf(lane);
const isPlace = (to: NotePlace) => (one: NotePlace) => one.callId === to.callId && one.noteId === to.noteId;
function namedOnly({ id, name, role }: Person): NotePerson {
	// Refused before it comes here; said once more where it would be written down.
	if (role === 'administrator') throw new Refusal('access.denied', 'An administrator writes no notes.');
	return { id, name, role };
}
