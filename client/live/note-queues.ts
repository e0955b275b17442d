import type { Connection } from '#client/live/connection.ts';
import { keptNotes, type Shelf, tabShelf } from '#client/live/note-shelf.ts';
import { type NoteQueue, type NoteQueueNeeds, noteQueue } from '#client/live/notes.ts';

/** The note queues of one connection. A page that goes on to another call does not leave notes behind unsent. [N5] */
export interface NoteQueues {
	/** The queue of a session while its notes are looked at; after `leave` it goes on until nothing waits any more. */
	take(callId: string): { queue: NoteQueue; leave(): void };
	/** Sends what this tab kept for a session that nobody looks at, from before the page was loaded again. */
	sendKept(callId: string): void;
	/** What waits stays in this tab's storage. */
	stop(): void;
}

/** One queue a session, however many look at it. */
export function noteQueues(connection: Connection, needs: NoteQueueNeeds = {}): NoteQueues {
	interface Open {
		queue: NoteQueue;
		lookers: number;
		unfollow(): void;
	}
	const open = new Map<string, Open>();
	const shelf: Shelf | undefined = 'shelf' in needs ? needs.shelf : tabShelf();

	const close = (callId: string, { queue, unfollow }: Open) => {
		open.delete(callId);
		unfollow();
		queue.stop();
	};
	const closeWhenSent = (callId: string, one: Open) => {
		const waits = one.queue.pending.get().some((note) => note.at !== 'refused');
		if (one.lookers === 0 && !waits && open.get(callId) === one) close(callId, one);
	};
	const opened = (callId: string): Open => {
		const queue = noteQueue(connection, callId, { ...needs, shelf });
		const one: Open = { queue, lookers: 0, unfollow: () => {} };
		one.unfollow = queue.pending.subscribe(() => closeWhenSent(callId, one));
		open.set(callId, one);
		return one;
	};
	const take = (callId: string) => {
		const one = open.get(callId) ?? opened(callId);
		one.lookers++;
		return {
			queue: one.queue,
			leave() {
				one.lookers--;
				closeWhenSent(callId, one);
			},
		};
	};

	return {
		take,
		sendKept(callId) {
			const personId = connection.me.get()?.person.id;
			if (personId === undefined || open.has(callId)) return;
			if (keptNotes(shelf, personId, callId).some((note) => note.refused === undefined)) take(callId).leave();
		},
		stop() {
			for (const [callId, one] of [...open]) close(callId, one);
		},
	};
}
