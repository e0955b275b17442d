import type { Entry } from '#server/journal/journal.ts';

/** Events as they are put to a journal, all by the same person at the same time. */
export const entriesOf = <E>(events: readonly E[], by: string, atMs: number): Entry<E>[] =>
	events.map((event) => ({ event, by, atMs }));
