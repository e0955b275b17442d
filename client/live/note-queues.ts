import type { Connection } from '#client/live/connection.ts';
import type { KeptNote } from '#client/live/note-store.ts';
import { type NoteQueue, type NoteQueueNeeds, noteQueue, type Unsafe } from '#client/live/notes.ts';
import { type Store, store } from '#client/live/store.ts';

/** The note queues of one connection. A page that goes on to another call does not leave notes behind unsent. [N5] */
export interface NoteQueues {
	/** The queue of a session while its notes are looked at; after `leave` it goes on until nothing waits any more. */
	take(callId: string): { queue: NoteQueue; leave(): void };
	/** What is not on record yet, in all sessions together, those that nobody looks at too. */
	unsafe: Store<Unsafe>;
	/** Whether a note of this session is not on record yet. */
	isWaiting(callId: string): boolean;
	/** What waits stays on this device. */
	stop(): void;
}

/**
 * One queue a session, however many look at it; and one for each session that notes were kept for on this device, whether
 * or not it is on any page: they are sent as soon as it is known who is signed in.
 */
export function noteQueues(connection: Connection, needs: NoteQueueNeeds): NoteQueues {
	interface Open {
		queue: NoteQueue;
		lookers: number;
		unfollow(): void;
	}
	const open = new Map<string, Open>();
	const unsafe = store<Unsafe>({ count: 0, kept: true });
	let followed: string | undefined;
	let stopFollowing = () => {};
	/** What was kept from before is known. */
	let begun = false;

	const count = () => {
		const all = [...open.values()].map(({ queue }) => queue.unsafe.get());
		const next = { count: all.reduce((sum, one) => sum + one.count, 0), kept: all.every((one) => one.kept) };
		const before = unsafe.get();
		if (next.count !== before.count || next.kept !== before.kept) unsafe.set(next);
	};
	const close = (callId: string, { queue, unfollow }: Open) => {
		open.delete(callId);
		unfollow();
		queue.stop();
	};
	const closeWhenEmpty = (callId: string, one: Open) => {
		count();
		if (one.lookers === 0 && one.queue.pending.get().length === 0 && open.get(callId) === one) close(callId, one);
	};
	const opened = (callId: string, lookers: 0 | 1, kept: KeptNote[] = []): Open => {
		const queue = noteQueue(connection, callId, needs);
		const one: Open = { queue, lookers, unfollow: () => {} };
		one.unfollow = queue.pending.subscribe(() => closeWhenEmpty(callId, one));
		open.set(callId, one);
		if (begun) queue.begin(kept);
		return one;
	};
	const taken = (notes: KeptNote[]) => {
		begun = true;
		const byCall = Map.groupBy(notes, (note) => note.callId);
		for (const [callId, { queue }] of [...open]) queue.begin(byCall.get(callId) ?? []);
		for (const [callId, kept] of byCall) if (!open.has(callId)) opened(callId, 0, kept);
	};
	const follow = () => {
		const personId = connection.me.get()?.person.id;
		if (personId === undefined || personId === followed) return;
		stopFollowing();
		followed = personId;
		stopFollowing = needs.noteStore.follow(personId, taken);
	};
	const stopMeeting = connection.me.subscribe(follow);
	follow();

	return {
		take(callId) {
			const known = open.get(callId);
			if (known) known.lookers++;
			const one = known ?? opened(callId, 1);
			const stopLooking = one.queue.look();
			return {
				queue: one.queue,
				leave() {
					one.lookers--;
					stopLooking();
					closeWhenEmpty(callId, one);
				},
			};
		},
		unsafe,
		isWaiting: (callId) => (open.get(callId)?.queue.unsafe.get().count ?? 0) > 0,
		stop() {
			stopMeeting();
			stopFollowing();
			for (const [callId, one] of [...open]) close(callId, one);
		},
	};
}
