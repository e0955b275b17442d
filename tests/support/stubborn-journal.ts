import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { Refusal } from '#shared/refusals.ts';

/** A journal in memory that a test can make refuse, as a full or broken disk does, or hold back. */
export interface StubbornJournal extends Journal {
	/** Refuses with `journal.unavailable` what holds an event of one of these types; none: takes everything again. */
	refuse(...types: SessionEvent['type'][]): void;
	/** Appends wait from now on, until what is given back is called. */
	hold(): () => void;
	/** A stream in short, also after the journal was closed: each event's type, with its reason where it has one. */
	story(stream: string): string[];
}

export async function stubbornJournal(): Promise<StubbornJournal> {
	const journal = eventJournal(await sqliteJournal(':memory:'));
	const told: Recorded[] = [];
	let refused: readonly string[] = [];
	let held = Promise.resolve();
	return {
		...journal,
		async append(stream, expected, entries) {
			await held;
			if (entries.some(({ event: { type } }) => refused.includes(type))) throw new Refusal('journal.unavailable');
			const records = await journal.append(stream, expected, entries);
			told.push(...records);
			return records;
		},
		refuse(...types) {
			refused = types;
		},
		hold() {
			const holding = Promise.withResolvers<void>();
			held = holding.promise;
			return () => {
				held = Promise.resolve();
				holding.resolve();
			};
		},
		story: (of) =>
			told
				.filter(({ stream }) => stream === of)
				.map(({ event }) => ('reason' in event ? `${event.type}: ${event.reason}` : event.type)),
	};
}
