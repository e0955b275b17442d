import { decide, evolve, noSession, type Session, type SessionDecision } from '#server/domain/session.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { Refusal } from '#shared/refusals.ts';

/** What a change came to: its records, none if it was so already, and how far the session is on record with it. */
export interface Changed {
	records: Recorded[];
	seq: number;
}

/** Changes of sessions, one after the other in each. */
export interface Turns {
	/**
	 * Decides on the session as it will be when all that was asked of it before is on record, and resolves when this is on
	 * record too. Refuses what `choose` and the rules refuse, and what the journal does.
	 */
	change(stream: string, by: string, choose: (session: Session) => SessionDecision): Promise<Changed>;
	/** The session as it stands, with everything that was acknowledged. */
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
/** How often somebody who lost a race decides anew before they are told. */
const maxTries = 3;
/** Changes of one session that may be on their way to the journal at once; the next ones wait for their turn. */
const maxUnderWay = 64;

/** One change that was asked for. */
interface Turn {
	by: string;
	choose: (session: Session) => SessionDecision;
	tries: number;
	resolve(changed: Changed): void;
	reject(error: unknown): void;
	/** What came of it, once that is known; `judged` when the rules said no, before the journal was asked. */
	outcome?: { records: Recorded[] } | { error: unknown; judged: boolean } | undefined;
}

/** The turns of one session. */
interface Lane {
	stream: string;
	/** The session as it will be once all that is under way is on record; read again after anything failed. */
	head: { session: Session; version: number } | undefined;
	/** How far it is on record. */
	seq: number;
	waiting: Turn[];
	underWay: Turn[];
	/** How many may be under way: one after a lost race, then more again. */
	room: number;
	reading: boolean;
	/** The first of those under way failed: what was decided after it stands on nothing. */
	broken: boolean;
}

/**
 * Changes of one session are decided one after the other and do not wait for the disk in between, so that many writers in
 * one session share a commit. If one fails, those decided after it are in conflict too, and are decided again, in order.
 */
export function turns({ journal, now, recorded }: TurnsNeeds): Turns {
	const lanes = new Map<string, Lane>();

	function laneOf(stream: string): Lane {
		const lane = lanes.get(stream) ?? freshLane(stream);
		lanes.delete(stream);
		lanes.set(stream, lane);
		for (const [id, one] of lanes) {
			if (lanes.size <= maxKept) break;
			if (one !== lane && isIdle(one)) lanes.delete(id);
		}
		return lane;
	}

	function go(lane: Lane) {
		while (!lane.reading && !lane.broken && lane.underWay.length < lane.room) {
			const [turn] = lane.waiting;
			if (!turn) return;
			if (!lane.head) return read(lane);
			lane.waiting.shift();
			take(lane, lane.head, turn);
		}
	}

	function read(lane: Lane) {
		lane.reading = true;
		journal.read(lane.stream).then(
			(past) => {
				lane.head = { session: after(noSession, past), version: past.length };
				lane.seq = past.at(-1)?.seq ?? 0;
				lane.reading = false;
				go(lane);
			},
			(error) => {
				lane.reading = false;
				for (const turn of lane.waiting.splice(0)) turn.reject(error);
			},
		);
	}

	function take(lane: Lane, head: NonNullable<Lane['head']>, turn: Turn) {
		lane.underWay.push(turn);
		turn.outcome = undefined;
		try {
			const events = decide(head.session, turn.choose(head.session));
			if (events.length === 0) turn.outcome = { records: [] };
			else {
				const { stream } = lane;
				const session = events.reduce((state, event) => evolve(state, event, turn.by), head.session);
				lane.head = { session, version: head.version + events.length };
				journal.append(stream, head.version, events, turn.by, now()).then(
					(records) => {
						turn.outcome = { records };
						settle(lane);
					},
					(error) => {
						turn.outcome = { error, judged: false };
						settle(lane);
					},
				);
			}
		} catch (error) {
			turn.outcome = { error, judged: true };
		}
		if (turn.outcome) settle(lane);
	}

	/** Answers those whose turn is through, in order: nobody is told of something that rests on what is not on record yet. */
	function settle(lane: Lane) {
		for (let turn = lane.underWay[0]; turn?.outcome; turn = lane.underWay[0]) {
			if ('error' in turn.outcome && !turn.outcome.judged) {
				lane.broken = true;
				break;
			}
			lane.underWay.shift();
			answer(lane, turn);
			lane.room = Math.min(maxUnderWay, lane.room * 2);
		}
		if (!lane.broken) go(lane);
		else if (lane.underWay.every((turn) => turn.outcome)) mend(lane);
	}

	function answer(lane: Lane, { outcome, resolve, reject }: Turn) {
		if (!outcome) return;
		if ('error' in outcome) return reject(outcome.error);
		const { records } = outcome;
		lane.seq = records.at(-1)?.seq ?? lane.seq;
		if (records.length > 0) recorded(records);
		resolve({ records, seq: lane.seq });
	}

	/** Reads again where the session stands, and lets those decide anew who stood on what failed. */
	function mend(lane: Lane) {
		const [first, ...rest] = lane.underWay.splice(0);
		const again = [...(first && mayTryAgain(first) ? [first] : []), ...rest.filter(standsOnNothing)];
		lane.head = undefined;
		lane.broken = false;
		lane.room = 1;
		lane.waiting.unshift(...again);
		for (const turn of [first, ...rest]) if (turn && !again.includes(turn)) answer(lane, turn);
		go(lane);
	}

	return {
		change(stream, by, choose) {
			return new Promise((resolve, reject) => {
				const lane = laneOf(stream);
				lane.waiting.push({ by, choose, tries: 1, resolve, reject });
				go(lane);
			});
		},
		async session(stream) {
			const lane = lanes.get(stream);
			if (lane?.head && lane.underWay.length === 0) return lane.head.session;
			return after(noSession, await journal.read(stream));
		},
	};
}

const after = (session: Session, past: readonly Recorded[]) =>
	past.reduce((state, { event, by }) => evolve(state, event, by), session);

const freshLane = (stream: string): Lane => ({
	stream,
	head: undefined,
	seq: 0,
	waiting: [],
	underWay: [],
	room: maxUnderWay,
	reading: false,
	broken: false,
});
const isIdle = ({ waiting, underWay, reading }: Lane) => waiting.length + underWay.length === 0 && !reading;

const isConflict = (error: unknown) => error instanceof Refusal && error.code === 'journal.conflict';

function mayTryAgain(turn: Turn): boolean {
	const { outcome } = turn;
	return !!outcome && 'error' in outcome && isConflict(outcome.error) && turn.tries++ < maxTries;
}

/** Decided on a session that never came to be: beaten in the journal, judged, or found to be so already. */
function standsOnNothing({ outcome }: Turn): boolean {
	if (!outcome) return false;
	return 'error' in outcome ? outcome.judged || isConflict(outcome.error) : outcome.records.length === 0;
}
