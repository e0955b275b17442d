import type { SessionEvent } from '#server/domain/session.ts';

/** What an event looks like once it is on record. */
export interface Recorded<E = SessionEvent> {
	/** Its place in the one order of this journal: 1, 2, 3 … without holes. What clients resume from. */
	seq: number;
	/** The session it belongs to: the call's id. */
	stream: string;
	/** Its place in its stream: 1, 2, 3 … */
	version: number;
	/** Who asked: a person's id, or `gateway:<name>`, or `ycord` itself, or `operator` by the command line. */
	by: string;
	/** When it was asked, server time in ms since 1970. */
	atMs: number;
	event: E;
}

/** An event as it is put to the journal. */
export type Entry<E = SessionEvent> = Pick<Recorded<E>, 'event' | 'by' | 'atMs'>;

/** An event as an engine keeps it: text, with its type and the version of that type's shape. */
export interface EventText {
	type: string;
	typeVersion: number;
	/** JSON. What is personal in it is sealed already: an engine sees nothing it would have to forget. */
	body: string;
}

/**
 * The only durable truth in the house: an ordered list that is only ever added to. Rules [J1]–[J5] in RULES.md. What a
 * journal cannot do just now it refuses with `journal.unavailable`, and nothing it refused so is on record; the reason,
 * for the log, is the refusal's `cause`. An engine is a `Journal<EventText>`; `events.ts` makes a journal of events of it.
 */
export interface Journal<E = SessionEvent> {
	/** Names this journal, for good: positions mean something only together with it. A restored copy keeps its name. */
	readonly id: string;
	/**
	 * All of `entries` or none, on record when the promise resolves. Refuses with `journal.conflict` unless the stream
	 * stands at `expected`, with `journal.full` when too many wait, with `journal.unsure` when the engine was lost in the
	 * middle and did not say: then it may be on record or not. Gives back what was recorded. Appends to one stream are put
	 * to it in the order they are asked. [J1] [J2]
	 */
	append(stream: string, expected: number, entries: readonly Entry<E>[]): Promise<Recorded<E>[]>;
	/** The stream's events in order, with all that was acknowledged before; empty if there is no such stream. [J5] */
	read(stream: string): Promise<Recorded<E>[]>;
	/**
	 * Everything after `seq` in the journal's order, then whatever comes, until the signal aborts or the journal is
	 * closed. No gaps, no repeats, however slowly it is taken. Throws when the journal can no longer be read. [J3]
	 */
	follow(seq: number, signal: AbortSignal): AsyncIterable<Recorded<E>>;
	/** The last position on record; 0 when empty. [J4] */
	last(): Promise<number>;
	/** Puts on record what was already accepted, then lets go of everything; whoever follows is through. */
	close(): Promise<void>;
}

/** An event as it lies with an engine. */
export type RecordedText = Recorded<EventText>;
/** What an engine is. */
export type JournalEngine = Journal<EventText>;
