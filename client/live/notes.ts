import { v7 } from 'uuid';
import { AskRefused } from '#client/live/ask-refused.ts';
import { tabClock } from '#client/live/clock.ts';
import type { Connection } from '#client/live/connection.ts';
import type { KeptNote, NoteDraft, NoteStore } from '#client/live/note-store.ts';
import { connectionLost, tooManyAsks } from '#client/live/refused-here.ts';
import { type Store, store } from '#client/live/store.ts';
import type { Clock } from '#shared/clock.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

export type { NoteDraft, TypedNote } from '#client/live/note-store.ts';

/** A note that is not on record yet. `waiting`: kept here until the link is back; `refused`: needs its author. */
export interface PendingNote extends NoteDraft {
	noteId: string;
	at: 'saving' | 'waiting' | 'refused';
	/** Whether it is on this device's disk: it outlives the page, the browser, and a night without network. */
	kept: boolean;
	/** Why it waits or was refused, for people. */
	message?: string;
}

/** Notes that are not on record: how many, and whether all of them are on this device's disk. */
export interface Unsafe {
	count: number;
	kept: boolean;
}

/** The notes of one session on their way out of this tab. */
export interface NoteQueue {
	/** In the order they were written. A note leaves when it stands in the session's view, or is on record and nobody looks. */
	pending: Store<PendingNote[]>;
	unsafe: Store<Unsafe>;
	/** Takes in what was kept from before, which goes first. Nothing is sent until this has been called once. */
	begin(kept: KeptNote[]): void;
	/** Somebody looks at the session: its notes stay in `pending` until they are seen in its view. Gives back the end of it. */
	look(): () => void;
	/** False, and nothing is kept, when 500 notes wait already. */
	write(draft: NoteDraft): boolean;
	/** Sends a refused note again, as it is. */
	retry(noteId: string): void;
	discard(noteId: string): void;
	/** Stops sending; what waits stays on this device. */
	stop(): void;
}

export interface NoteQueueNeeds {
	noteStore: NoteStore;
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

/** A note here: `kept` on the disk, `done` when it is on record and waits for its place in the view. */
interface Held extends Omit<KeptNote, 'personId'> {
	/** Unknown while nobody has been greeted yet. */
	personId: string | undefined;
	kept: boolean;
	/** The disk takes nothing. */
	unkeepable?: boolean;
	done?: boolean;
}

const unrefused = ({ refused: _, passes: __, ...note }: Held): Held => note;
/** What was refused for a reason that passes is as if it had not been. */
const afresh = (note: Held): Held => (note.passes ? unrefused(note) : note);

/**
 * Sends the notes of one session one after the other, so that they come in the order they were written, each under the
 * id it got here until it is answered: sent twice it is there once. [N3] [N5]
 */
export function noteQueue(connection: Connection, callId: string, needs: NoteQueueNeeds): NoteQueue {
	const { noteStore, clock = tabClock, newId = v7 } = needs;
	const pending = store<PendingNote[]>([]);
	const unsafe = store<Unsafe>({ count: 0, kept: true });
	const view = connection.watch({ view: 'session', callId });
	const timers = new Set<() => void>();
	let held: Held[] = [];
	let begun = false;
	let lookers = 0;
	let stopLooking = () => {};
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
	/** Why a note is not sent now, for people. */
	const obstacle = ({ personId, unkeepable }: Held): string | undefined => {
		if (connection.link.get().at !== 'open')
			return unkeepable
				? 'Offline, and this browser keeps nothing on its disk: leave this page open until the connection is back.'
				: 'Offline: kept here until the connection is back.';
		const me = connection.me.get();
		if (me && personId !== undefined && me.person.id !== personId) return 'Kept here: somebody else is signed in now.';
		return pausedBecause;
	};
	const shown = (one: Held): PendingNote => {
		const { personId: _, callId: __, unkeepable: ___, passes: ____, refused, done, ...note } = one;
		if (refused !== undefined) return { ...note, at: 'refused', message: refused };
		const message = done ? undefined : obstacle(one);
		return message === undefined ? { ...note, at: 'saving' } : { ...note, at: 'waiting', message };
	};
	const show = () => {
		const atRisk = held.filter((one) => !one.done);
		const next = { count: atRisk.length, kept: atRisk.every((one) => one.kept) };
		const before = unsafe.get();
		if (next.count !== before.count || next.kept !== before.kept) unsafe.set(next);
		pending.set(held.map(shown));
	};
	const update = (noteId: string, part: Partial<Held>) => {
		held = held.map((one) => (one.noteId === noteId ? { ...one, ...part } : one));
		show();
	};
	const keep = ({ kept: _, unkeepable: __, done: ___, personId, ...note }: Held, typed = false) => {
		if (personId === undefined) return;
		const told = (kept: boolean) => {
			if (held.some((one) => one.noteId === note.noteId)) update(note.noteId, { kept, unkeepable: !kept });
		};
		noteStore.keep({ ...note, personId }, typed).then(
			() => told(true),
			() => told(false),
		);
	};
	// If it cannot be forgotten it is sent once more, one day, and is there once.
	const forget = (noteId: string) => void noteStore.forget(noteId).catch(() => {});
	const drop = (noteId: string) => {
		const one = held.find((note) => note.noteId === noteId);
		if (!one) return;
		if (!one.done) forget(noteId);
		held = held.filter((note) => note !== one);
		show();
	};
	/** On record: it waits for its place in the view only where somebody would miss it. */
	const saved = (noteId: string) => {
		if (lookers === 0) return drop(noteId);
		forget(noteId);
		update(noteId, { done: true });
		after(placeMs, () => drop(noteId));
	};
	const refuse = (noteId: string, { message, retry }: RefusalAnswer) => {
		update(noteId, { refused: message, passes: retry });
		const one = held.find((note) => note.noteId === noteId);
		if (one) keep(one);
	};

	const answered = (noteId: string, error?: unknown) => {
		sending = undefined;
		if (stopped) return;
		const there = held.some((one) => one.noteId === noteId);
		const refusal = error === undefined || error instanceof AskRefused ? error?.refusal : connectionLost;
		if (refusal?.code === 'connection.lost' && connection.link.get().at !== 'open') return send();
		// What was refused here, because too much is being asked at once, was no try.
		if (refusal !== tooManyAsks) tries++;
		if (there && refusal?.retry && tries < mostTries) {
			pausedBecause = refusal.message;
			after(againMs, () => {
				pausedBecause = undefined;
				send();
			});
			return send();
		}
		tries = 0;
		if (there && refusal) refuse(noteId, refusal);
		else if (there) saved(noteId);
		send();
	};
	const send = () => {
		show();
		if (stopped || !begun || sending !== undefined) return;
		const me = connection.me.get()?.person.id;
		const mine = (one: Held) => one.personId === me && one.refused === undefined && !one.done;
		const next = held.find(mine);
		if (!next || obstacle(next) !== undefined) return;
		const { noteId, kind, lane, text, anchorMs, replyTo } = next;
		sending = noteId;
		const answer = replyTo === undefined ? {} : { replyTo };
		connection.ask(callId, { type: 'write-note', noteId, kind, lane, text, anchorMs, ...answer }).then(
			() => answered(noteId),
			(error: unknown) => answered(noteId, error),
		);
	};

	const met = () => {
		const me = connection.me.get()?.person.id;
		const nobodys = held.filter((one) => one.personId === undefined);
		if (me !== undefined && nobodys.length > 0) {
			held = held.map((one) => ({ ...one, personId: one.personId ?? me }));
			for (const one of nobodys) keep({ ...one, personId: me }, true);
		}
		send();
	};
	let wasOpen = connection.link.get().at === 'open';
	const linked = () => {
		const isOpen = connection.link.get().at === 'open';
		if (isOpen && !wasOpen) held = held.map(afresh);
		wasOpen = isOpen;
		send();
	};
	const placed = () => {
		const there = new Set(view.get().notes.map((note) => note.noteId));
		for (const { noteId } of held) if (there.has(noteId)) drop(noteId);
	};
	const stops = [connection.me.subscribe(met), connection.link.subscribe(linked)];
	const leave = () => {
		lookers--;
		if (lookers > 0) return;
		stopLooking();
		for (const { noteId, done } of held) if (done) drop(noteId);
	};

	return {
		pending,
		unsafe,
		begin(kept) {
			begun = true;
			const here = new Set(held.map((note) => note.noteId));
			const before = kept.filter((note) => !here.has(note.noteId));
			if (before.length > 0) held = [...before.map((note) => afresh({ ...note, kept: true })), ...held];
			placed();
			send();
		},
		look() {
			lookers++;
			if (lookers === 1) stopLooking = view.subscribe(placed);
			let left = false;
			return () => {
				if (!left) leave();
				left = true;
			};
		},
		write({ kind, lane, text, anchorMs, replyTo }) {
			if (held.length >= mostPending) return false;
			const personId = connection.me.get()?.person.id;
			const place = { callId, personId, anchorMs: Math.max(0, Math.round(anchorMs)) };
			const answer = replyTo === undefined ? {} : { replyTo };
			const note: Held = { noteId: newId(), kind, lane, text, ...place, ...answer, kept: false };
			held = [...held, note];
			keep(note, true);
			send();
			return true;
		},
		retry(noteId) {
			held = held.map((one) => (one.noteId === noteId ? unrefused(one) : one));
			const one = held.find((note) => note.noteId === noteId);
			if (one && !one.done) keep(one);
			send();
		},
		discard: drop,
		stop() {
			stopped = true;
			stopLooking();
			for (const stop of stops) stop();
			for (const stop of timers) stop();
		},
	};
}
