import { decide, evolve, noSession, type Session, type SessionDecision } from '#server/domain/session.ts';
import type { Entry, Journal, Recorded } from '#server/journal/journal.ts';
import { Refusal } from '#shared/refusals.ts';

/** What a change came to: its records, none if it was so already, and how far the session is on record with it. */
export interface Changed {
	records: Recorded[];
	seq: number;
}

/** Changes of sessions, one after the other in each. */
export interface Turns {
	/**
	 * Decides on the session as it is after all that was asked of it before, and resolves when this is on record. Refuses
	 * what `choose` and the rules refuse, and what the journal does.
	 */
	change(stream: string, by: string, choose: (session: Session) => SessionDecision): Promise<Changed>;
	/** The session as it was last known to stand on record, if that is at hand: also when the journal has just failed. */
	known(stream: string): Session | undefined;
	/** The session as it stands on record. */
	session(stream: string): Promise<Session>;
}

/** What taking turns needs from outside. */
export interface TurnsNeeds {
	journal: Journal;
	now: () => number;
	/** Sees what was recorded, session by session in order, before whoever asked is answered: so that protection holds when it is confirmed. [P1] */
	recorded: (records: readonly Recorded[]) => void;
}

/** Sessions whose state is kept at hand; the least recently asked falls out and is read again when needed. [B1] */
const maxKept = 1000;
/** Changes of one session in one append. */
const maxTogether = 64;
/** How often somebody who lost a race to another node decides anew before they are told. */
const maxTries = 10;

/** One change that was asked for. */
interface Turn {
	by: string;
	choose: (session: Session) => SessionDecision;
	tries: number;
	resolve(changed: Changed): void;
	reject(error: unknown): void;
}

/** A turn, what it adds to the record (nothing if it was so already, or was refused), and the session with that. */
interface Decided {
	turn: Turn;
	entries: Entry[];
	session: Session;
	refusal?: unknown;
}

/** Where a session stands on record. */
interface Head {
	session: Session;
	version: number;
	seq: number;
}

interface Lane {
	stream: string;
	head: Head | undefined;
	/** As it was last known to stand, while where it stands now has to be read: nothing is decided on it. */
	before: Session | undefined;
	waiting: Turn[];
	running: boolean;
}

/**
 * Changes of one session are decided one after the other; what is asked while an append is on its way goes together
 * into the next one, so that many writers in one session share a commit. There is never more than one append of a session
 * on its way: nothing is decided on what may never come to be.
 */
export function turns({ journal, now, recorded }: TurnsNeeds): Turns {
	const lanes = new Map<string, Lane>();

	function laneOf(stream: string): Lane {
		const lane = lanes.get(stream) ?? { stream, head: undefined, before: undefined, waiting: [], running: false };
		lanes.delete(stream);
		lanes.set(stream, lane);
		for (const [id, { running }] of lanes) {
			if (lanes.size <= maxKept) break;
			if (!running && id !== stream) lanes.delete(id);
		}
		return lane;
	}

	async function run(lane: Lane) {
		lane.running = true;
		// After this turn of the event loop's callbacks: what arrives together is decided together.
		await undefined;
		while (lane.waiting.length > 0) {
			const head = lane.head ?? (await read(lane.stream).catch((error) => refuseAll(lane, error)));
			// Whoever was refused may have asked again already.
			if (!head) continue;
			lane.head = head;
			const decided = decideEach(head, lane.waiting.splice(0, maxTogether), now());
			lane.waiting.unshift(...(await putOnRecord(lane, head, decided)));
		}
		lane.running = false;
	}

	async function read(stream: string): Promise<Head> {
		const past = await journal.read(stream);
		return { session: after(noSession, past), version: past.length, seq: past.at(-1)?.seq ?? 0 };
	}

	/** Answers everybody, and gives back those who have to decide anew. */
	async function putOnRecord(lane: Lane, head: Head, decided: Decided[]): Promise<Turn[]> {
		const resting = decided.findIndex(({ entries }) => entries.length > 0);
		if (resting === -1) {
			for (const one of decided) answer(head, one, []);
			return [];
		}
		// Those before the first change rest on nothing that is not on record already.
		for (const one of decided.splice(0, resting)) answer(head, one, []);
		try {
			const entries = decided.flatMap((one) => one.entries);
			const records = await journal.append(lane.stream, head.version, entries);
			recorded(records);
			for (const one of decided) answer(head, one, records.splice(0, one.entries.length));
			return [];
		} catch (error) {
			lane.head = undefined;
			lane.before = head.session;
			return decided.flatMap(({ turn, entries }) => {
				const isBeaten = error instanceof Refusal && error.code === 'journal.conflict';
				if (entries.length === 0 || (isBeaten && turn.tries++ < maxTries)) return [turn];
				turn.reject(error);
				return [];
			});
		}
	}

	function answer(head: Head, { turn, session, refusal }: Decided, records: Recorded[]) {
		head.session = session;
		head.version += records.length;
		head.seq = records.at(-1)?.seq ?? head.seq;
		if (refusal === undefined) turn.resolve({ records, seq: head.seq });
		else turn.reject(refusal);
	}

	const known = (stream: string) => {
		const lane = lanes.get(stream);
		return lane?.head?.session ?? lane?.before;
	};

	return {
		change(stream, by, choose) {
			return new Promise((resolve, reject) => {
				const lane = laneOf(stream);
				lane.waiting.push({ by, choose, tries: 1, resolve, reject });
				if (!lane.running) run(lane);
			});
		},
		known,
		async session(stream) {
			return lanes.get(stream)?.head?.session ?? (await read(stream)).session;
		},
	};
}

/** Each decides on the session as those before it leave it. */
function decideEach({ session }: Head, waiting: readonly Turn[], atMs: number): Decided[] {
	let state = session;
	return waiting.map((turn) => {
		try {
			const events = decide(state, turn.choose(state));
			state = events.reduce((one, event) => evolve(one, event, turn.by), state);
			return { turn, session: state, entries: events.map((event) => ({ event, by: turn.by, atMs })) };
		} catch (refusal) {
			return { turn, session: state, entries: [], refusal };
		}
	});
}

function refuseAll(lane: Lane, error: unknown): undefined {
	for (const turn of lane.waiting.splice(0)) turn.reject(error);
	return undefined;
}

const after = (session: Session, past: readonly Recorded[]) =>
	past.reduce((state, { event, by }) => evolve(state, event, by), session);
