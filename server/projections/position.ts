import type { Journal, Recorded } from '#server/journal/journal.ts';

/** How far something was folded: a position of the journal, and what is to be found there. */
export interface Position {
	seq: number;
	/** Tells one record from any other that could stand at this place, in a journal that was restored and went on. */
	mark: string;
}
export const nowhere: Position = { seq: 0, mark: '' };

/** How far the sessions in memory were folded, and which they are, in the order they began. */
export interface SessionsCheckpoint extends Position {
	held: readonly string[];
}

/** A checkpoint to be kept, with the calls that were erased since the one before. */
export interface NextCheckpoint extends SessionsCheckpoint {
	erased: readonly string[];
}

export const markAt = ({ seq, stream, version, by, atMs }: Recorded): Position => ({
	seq,
	mark: `${stream} ${version} ${by} ${atMs}`,
});

/** Whether the journal still holds at this position what it held when something was folded up to there. */
export async function isStillThere(journal: Journal, { seq, mark }: Position): Promise<boolean> {
	if (seq === 0) return true;
	if (seq > (await journal.last())) return false;
	const enough = new AbortController();
	for await (const record of journal.follow(seq - 1, enough.signal)) {
		enough.abort();
		return record.seq === seq && markAt(record).mark === mark;
	}
	return false;
}
