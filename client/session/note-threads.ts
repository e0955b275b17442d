import type { PendingNote } from '#client/live/notes.ts';
import type { NoteView } from '#shared/note.ts';

/** A note and what was answered to it, first to last; answers of mine that are not on record yet stand behind. */
export interface Thread {
	note: NoteView;
	answers: readonly NoteView[];
	waiting: readonly PendingNote[];
}

export interface Listed {
	/** Newest first. */
	threads: Thread[];
	/** Not on record yet and answering nothing that is shown; newest first. */
	waiting: PendingNote[];
	/** How many notes are shown, without those that were deleted. */
	count: number;
}

interface Shown {
	/** Only threads in which this tag occurs. */
	tag?: string | undefined;
	/** Notes that this tab has shown with their words: their deletion is told, else the place they stood in is just gone. */
	seen?: ReadonlySet<string>;
}

const none: readonly never[] = [];

/** The notes as they are listed: newest thread first, answers in the order they came. [N2] */
export function listedNotes(
	notes: readonly NoteView[],
	pending: readonly PendingNote[],
	{ tag, seen = new Set() }: Shown = {},
): Listed {
	const known = new Map(notes.map((note) => [note.noteId, note]));
	const isShown = (note: NoteView) =>
		note.deletedAtMs === undefined || note.heardBy.length > 0 || seen.has(note.noteId);
	const answers = new Map<string, NoteView[]>();
	const first: NoteView[] = [];
	for (const note of notes) {
		if (note.replyTo === undefined || !known.has(note.replyTo)) first.push(note);
		else if (isShown(note)) push(answers, note.replyTo, note);
	}
	const waiting = pending.filter((note) => !known.has(note.noteId));
	const waitingAnswers = new Map<string, PendingNote[]>();
	const others: PendingNote[] = [];
	for (const note of waiting) {
		if (note.replyTo !== undefined && known.has(note.replyTo)) push(waitingAnswers, note.replyTo, note);
		else others.push(note);
	}
	const threads: Thread[] = [];
	for (const note of first) {
		const mine = answers.get(note.noteId) ?? none;
		const unsent = waitingAnswers.get(note.noteId) ?? none;
		if (!isShown(note) && mine.length + unsent.length === 0) continue;
		if (tag !== undefined && ![note, ...mine].some((one) => one.tags.includes(tag))) continue;
		threads.push({ note, answers: mine, waiting: unsent });
	}
	const count = threads.flatMap((one) => [one.note, ...one.answers]).filter((one) => one.deletedAtMs === undefined);
	return { threads: threads.reverse(), waiting: others.reverse(), count: count.length };
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value) {
	const there = map.get(key);
	if (there) there.push(value);
	else map.set(key, [value]);
}

/** The last note of mine that can be edited. */
export const myLast = (notes: readonly NoteView[], myId: string): NoteView | undefined =>
	notes.findLast((note) => note.authorId === myId && note.deletedAtMs === undefined);

/** What a note of this session can be linked to, newest first: pinholes and suggestions, not itself, not what it leads to already. */
export const linkable = (notes: readonly NoteView[], from: NoteView): NoteView[] =>
	notes
		.filter(({ kind, noteId, deletedAtMs }) => {
			if (kind !== 'pinhole' && kind !== 'suggestion') return false;
			return deletedAtMs === undefined && noteId !== from.noteId && !from.links.some((to) => to.noteId === noteId);
		})
		.toReversed();
