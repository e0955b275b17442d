import { v7 } from 'uuid';
import { AskRefused } from '#client/live/ask-refused.ts';
import { tabClock } from '#client/live/clock.ts';
import type { Connection } from '#client/live/connection.ts';
import { type KeptNote, keepNotes, keptNotes, type Shelf, tabShelf } from '#client/live/note-shelf.ts';
import { type Store, store } from '#client/live/store.ts';
import type { Clock } from '#shared/clock.ts';
import type { Lane, NoteKind } from '#shared/note.ts';

export interface NoteDraft {
	kind: NoteKind;
	lane: Lane;
	text: string;
	/** Where in the call typing began: ms since the call started. */
	anchorMs: number;
}

/** A note that is not on record yet. `waiting`: kept here until the link is back; `refused`: needs its author. */
export interface PendingNote extends NoteDraft {
	noteId: string;
	at: 'saving' | 'waiting' | 'refused';
	/** Why it waits or was refused, for people. */
	message?: string;
}

/** The notes of one session on their way out of this tab. */
export interface NoteQueue {
	/** In the order they were written. A note leaves when it stands in the session's view. */
	pending: Store<PendingNote[]>;
	/** False, and nothing is kept, when 500 notes wait already. */
	write(draft: NoteDraft): boolean;
	/** Sends a refused note again, as it is. */
	retry(noteId: string): void;
	discard(noteId: string): void;
	/** Stops sending; what waits stays in this tab's storage. */
	stop(): void;
}

export interface NoteQueueNeeds {
	shelf?: Shelf | undefined;
	clock?: Clock;
	/** Makes a UUIDv7. */
	newId?: () => string;
}

/** Notes that may wait at once: the newest is not taken. [B1] */
export const mostPending = 500;
/** Before a note that may be taken later is sent again, with the link open. */
const againMs = 2_000;
/** How often that is tried: one note that cannot be taken must not hold up the rest for good. */
const mostTries = 5;
/** How long a note that is on record waits for its place in the view, so that it is never on screen twice or not at all. */
const placeMs = 3_000;

/**
 * Sends the notes of one session one after the other, so that they come in the order they were written, each under the
 * id it got here until it is answered: sent twice it is there once. [N3] [N5]
 */
export function noteQueue(connection: Connection, callId: string, needs: NoteQueueNeeds = {}): NoteQueue {
	const { clock = tabClock, newId = v7 } = needs;
	const shelf = 'shelf' in needs ? needs.shelf : tabShelf();
	const pending = store<PendingNote[]>([]);
	const view = connection.watch({ view: 'session', callId });
	const timers = new Set<() => void>();
	/** Answered, and waiting for their place in the view. */
	const onRecord = new Set<string>();
	let notes: KeptNote[] = [];
	let authorId: string | undefined;
	let sending: string | undefined;
	let tries = 0;
	/** Why the next one is not sent yet, with the link open. */
	let pausedBecause: string | undefined;
	let stopped = false;

	const after = (ms: number, ring: () => void) => {
		const stop = clock.after(ms, () => {
			timers.delete(stop);
			ring();
		});
		timers.add(stop);
	};
	const ready = () => {
		const me = connection.me.get();
		if (connection.link.get().at !== 'open') return 'Offline: kept here until the connection is back.';
		if (me?.person.id !== authorId) return 'Kept here: somebody else is signed in now.';
		return pausedBecause;
	};
	const show = () => {
		const reason = ready();
		pending.set(
			notes.map(({ refused, ...note }): PendingNote => {
				if (refused !== undefined) return { ...note, at: 'refused', message: refused };
				if (reason === undefined || onRecord.has(note.noteId)) return { ...note, at: 'saving' };
				return { ...note, at: 'waiting', message: reason };
			}),
		);
	};
	const change = (next: KeptNote[]) => {
		notes = next;
		if (authorId !== undefined) {
			const kept = notes.filter((note) => !onRecord.has(note.noteId));
			keepNotes(shelf, authorId, callId, kept);
		}
		show();
	};
	const drop = (noteId: string) => {
		onRecord.delete(noteId);
		if (notes.some((note) => note.noteId === noteId)) change(notes.filter((note) => note.noteId !== noteId));
	};

	const answered = (noteId: string, error?: unknown) => {
		sending = undefined;
		if (stopped) return;
		const note = notes.find((one) => one.noteId === noteId);
		const refusal = error instanceof AskRefused ? error.refusal : undefined;
		if (refusal?.code === 'connection.lost' && connection.link.get().at !== 'open') return send();
		tries++;
		if (note && refusal?.retry && tries < mostTries) {
			pausedBecause = refusal.message;
			after(againMs, () => {
				pausedBecause = undefined;
				send();
			});
			return send();
		}
		tries = 0;
		if (note && refusal) change(notes.map((one) => (one === note ? { ...one, refused: refusal.message } : one)));
		else if (note) {
			onRecord.add(noteId);
			after(placeMs, () => drop(noteId));
			change(notes);
		}
		send();
	};
	const send = () => {
		show();
		if (stopped || sending !== undefined || ready() !== undefined) return;
		const next = notes.find((note) => note.refused === undefined && !onRecord.has(note.noteId));
		if (!next) return;
		const { refused: _, ...note } = next;
		sending = next.noteId;
		connection.ask(callId, { type: 'write-note', ...note }).then(
			() => answered(next.noteId),
			(error: unknown) => answered(next.noteId, error),
		);
	};

	const begin = () => {
		const me = connection.me.get();
		if (me && authorId === undefined) {
			authorId = me.person.id;
			const here = new Set(notes.map((note) => note.noteId));
			const kept = keptNotes(shelf, authorId, callId).filter((note) => !here.has(note.noteId));
			change([...kept, ...notes].slice(0, mostPending));
		}
		send();
	};
	const placed = () => {
		const there = new Set(view.get().notes.map((note) => note.noteId));
		for (const { noteId } of notes) if (there.has(noteId)) drop(noteId);
	};
	const stops = [connection.me.subscribe(begin), connection.link.subscribe(send), view.subscribe(placed)];
	begin();

	return {
		pending,
		write(draft) {
			if (notes.length >= mostPending) return false;
			const { kind, lane, text } = draft;
			change([...notes, { noteId: newId(), kind, lane, text, anchorMs: Math.max(0, Math.round(draft.anchorMs)) }]);
			send();
			return true;
		},
		retry(noteId) {
			change(
				notes.map(({ refused, ...note }) =>
					note.noteId === noteId || refused === undefined ? note : { ...note, refused },
				),
			);
			send();
		},
		discard: drop,
		stop() {
			stopped = true;
			for (const stop of stops) stop();
			for (const stop of timers) stop();
		},
	};
}
