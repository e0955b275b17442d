import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import { Refusal } from '#shared/refusals.ts';

/** A journal in memory that a test can make refuse, as a full or broken disk does, or hold back. */
export interface StubbornJournal extends Journal {
	/** Refuses with `journal.unavailable` what holds an event of one of these types; none: takes everything again. */
	refuse(...types: SessionEvent['type'][]): void;
	/** Appends wait from now on, until what is given back is called. */
	hold(): () => void;
	/** How many appends have been asked for. */
	readonly asked: number;
	/** A stream in short: each event's type, with its reason where it has one. */
	story(stream: string): Promise<string[]>;
}

export async function stubbornJournal(): Promise<StubbornJournal> {
	const journal = await sqliteJournal(':memory:');
	let refused: readonly string[] = [];
	let held = Promise.resolve();
	let asked = 0;
	return {
		...journal,
		async append(stream, expected, events, by, atMs) {
			asked++;
			await held;
			if (events.some(({ type }) => refused.includes(type))) throw new Refusal('journal.unavailable');
			return journal.append(stream, expected, events, by, atMs);
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
		get asked() {
			return asked;
		},
		async story(stream) {
			return (await journal.read(stream)).map(({ event }) =>
				'reason' in event ? `${event.type}: ${event.reason}` : event.type,
			);
		},
	};
}
