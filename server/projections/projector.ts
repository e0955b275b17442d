import type { Journal, Recorded } from '#server/journal/journal.ts';
import { progress } from '#server/projections/progress.ts';

/** A running fold of the journal into views. */
export interface Projector {
	/** Resolves when everything that is on record by now has been folded in. */
	caughtUp(): Promise<void>;
	/** Rejects when following the journal broke: the views would be stale, so the process must not go on. */
	broken: Promise<never>;
	stop(): Promise<void>;
}

/** Follows the journal from after `seq` and hands each record to `fold`, in order, once. */
export function projector(journal: Journal, seq: number, fold: (record: Recorded) => void): Projector {
	const stopping = new AbortController();
	const breaking = Promise.withResolvers<never>();
	// Whoever waits hears of it; nobody waiting is no reason to end the process from here.
	breaking.promise.catch(() => {});
	const folded = progress(seq);

	const following = (async () => {
		try {
			for await (const record of journal.follow(seq, stopping.signal)) {
				fold(record);
				folded.reached(record.seq);
			}
		} catch (error) {
			if (!stopping.signal.aborted) breaking.reject(error);
		}
	})();

	return {
		async caughtUp() {
			const reached = folded.until(await journal.last());
			// In this order: what was folded in before it broke was caught up with.
			await Promise.race([reached, breaking.promise]);
		},
		broken: breaking.promise,
		async stop() {
			stopping.abort();
			await following;
		},
	};
}
