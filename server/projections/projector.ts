import type { Journal, Recorded } from '#server/journal/journal.ts';

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
	let folded = seq;
	let waiting: { seq: number; resolve: () => void }[] = [];

	const following = (async () => {
		try {
			for await (const record of journal.follow(seq, stopping.signal)) {
				fold(record);
				folded = record.seq;
				if (waiting.length === 0) continue;
				for (const { seq, resolve } of waiting) if (seq <= folded) resolve();
				waiting = waiting.filter(({ seq }) => seq > folded);
			}
		} catch (error) {
			if (!stopping.signal.aborted) breaking.reject(error);
		}
	})();

	return {
		async caughtUp() {
			const seq = await journal.last();
			if (seq <= folded) return;
			const reached = new Promise<void>((resolve) => waiting.push({ seq, resolve }));
			await Promise.race([reached, breaking.promise]);
		},
		broken: breaking.promise,
		async stop() {
			stopping.abort();
			await following;
		},
	};
}
