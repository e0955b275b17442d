import type { Recorded } from '#server/journal/journal.ts';
import { foldSession, type SessionChange, type SessionView, sessionOf } from '#server/projections/session-view.ts';
import { Refusal } from '#shared/refusals.ts';

/** The sessions this node shows, folded from the journal; can be thrown away and folded again. [V1] */
export interface Sessions {
	/** The last record that was folded in. */
	readonly seq: number;
	/** A session that is in memory. */
	get(callId: string): SessionView | undefined;
	/**
	 * A session of any age: one that fell out of memory is read again and kept in memory while it is asked for, and changes
	 * like any other. Undefined if there is none. Refuses with `request.too-many` when too many are being read.
	 */
	recall(callId: string): Promise<SessionView | undefined>;
	/** Those that are open, and the last ones that have ended; not what was recalled. */
	all(): IterableIterator<SessionView>;
	/** The session and listening an invitation's secret belongs to, by the secret's hash. */
	invitation(secretHash: string): { session: SessionView; listeningId: string } | undefined;
	fold(record: Recorded): void;
	onChange(seen: (change: SessionChange) => void): () => void;
	/** Something changed in a session that is not in memory: whoever shows it recalls it. */
	onStray(seen: (callId: string) => void): () => void;
}

/** Sessions that have ended and are still in memory; the oldest fall out of it, never out of the journal. [B1] */
const maxEnded = 500;
/** Older sessions that somebody asked for; the one not asked for the longest falls out and is read again when needed. [B1] */
const maxRecalled = 50;
/** Older sessions that are being read at once; who asks for one more is refused. [B1] */
const maxReading = 50;

/** Where sessions come from: the stream of one, and what they were folded from before, up to `seq`. */
export interface SessionsOrigin {
	read(callId: string): Promise<Recorded[]>;
	seq?: number;
	/** The streams of the sessions that were in memory at `seq`, no further than that, in the order they began. */
	pasts?: readonly (readonly Recorded[])[];
}

export function sessions({ read, seq: origin = 0, pasts = [] }: SessionsOrigin): Sessions {
	const views = new Map<string, SessionView>();
	let ended: { callId: string; seq: number }[] = [];
	const invitations = new Map<string, { callId: string; listeningId: string }>();
	const recalled = new Map<string, SessionView>();
	/** What is being read again, and what happened in it meanwhile. */
	const reading = new Map<string, { session: Promise<SessionView | undefined>; meanwhile: Recorded[] }>();
	const watchers = new Set<(change: SessionChange) => void>();
	const strayWatchers = new Set<(callId: string) => void>();
	let seq = origin;

	for (const past of pasts) {
		const session = sessionOf(past);
		if (!session) continue;
		views.set(session.callId, session);
		for (const record of past) noteDown(record);
	}
	ended = ended.sort((one, other) => one.seq - other.seq);

	function get(callId: string): SessionView | undefined {
		const old = recalled.get(callId);
		if (!old) return views.get(callId);
		recalled.delete(callId);
		recalled.set(callId, old);
		return old;
	}

	/** Remembers what is looked up across sessions. */
	function noteDown({ event, stream, seq }: Recorded) {
		if (event.type === 'invited') invitations.set(event.secretHash, { callId: stream, listeningId: event.listeningId });
		if (event.type === 'call-ended') ended.push({ callId: stream, seq });
	}

	function forget(callId: string) {
		views.delete(callId);
		for (const [hash, one] of invitations) if (one.callId === callId) invitations.delete(hash);
	}

	async function readAgain(callId: string, meanwhile: readonly Recorded[]): Promise<SessionView | undefined> {
		// What is on record but was not folded yet comes by itself, to the session that is in memory by then.
		const past = (await read(callId)).filter((record) => record.seq <= seq);
		const known = past.at(-1)?.seq ?? 0;
		const session = views.get(callId) ?? sessionOf([...past, ...meanwhile.filter((record) => record.seq > known)]);
		if (!session || views.has(callId)) return session;
		recalled.set(callId, session);
		for (const [oldest] of recalled) {
			if (recalled.size <= maxRecalled) break;
			recalled.delete(oldest);
		}
		return session;
	}

	return {
		get seq() {
			return seq;
		},
		get,
		async recall(callId) {
			const here = get(callId) ?? reading.get(callId)?.session;
			if (here) return here;
			if (reading.size >= maxReading) throw new Refusal('request.too-many');
			const meanwhile: Recorded[] = [];
			const session = readAgain(callId, meanwhile).finally(() => reading.delete(callId));
			reading.set(callId, { session, meanwhile });
			return session;
		},
		all: () => views.values(),
		invitation(secretHash) {
			const found = invitations.get(secretHash);
			const session = found && views.get(found.callId);
			return session && found ? { session, listeningId: found.listeningId } : undefined;
		},
		fold(record) {
			seq = record.seq;
			const { stream } = record;
			reading.get(stream)?.meanwhile.push(record);
			const before = views.get(stream) ?? recalled.get(stream);
			const change = foldSession(before, record);
			if (!before && change) views.set(stream, change.session);
			if (!before && !change) for (const seen of strayWatchers) seen(stream);
			if (!change) return;
			noteDown(record);
			if (ended.length > maxEnded) forget(ended.shift()?.callId as string);
			for (const seen of watchers) seen(change);
		},
		onChange(seen) {
			watchers.add(seen);
			return () => watchers.delete(seen);
		},
		onStray(seen) {
			strayWatchers.add(seen);
			return () => strayWatchers.delete(seen);
		},
	};
}
