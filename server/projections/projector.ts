import type { Journal, Recorded } from '#server/journal/journal.ts';

/** A running fold of the journal into views. */
export interface Projector {
	/** Resolves when everything that was on record at the start has been folded in. */
	caughtUp: Promise<void>;
	/** Rejects when following the journal broke: the views would be stale, so the process must not go on. */
	broken: Promise<never>;
	stop(): Promise<void>;
}

/** Follows the journal from the beginning and hands each record to `fold`, in order, once. */
export function projector(journal: Journal, fold: (record: Recorded) => void): Projector {
	const stopping = new AbortController();
	let reach: () => void = () => {};
	let breakDown: (error: unknown) => void = () => {};
	const caughtUp = new Promise<void>((resolve, reject) => {
		reach = resolve;
		breakDown = reject;
	});
	let fail: (error: unknown) => void = () => {};
	const broken = new Promise<never>((_, reject) => {
		fail = reject;
	});
	broken.catch(() => {});
	const following = (async () => {
		try {
			const goal = await journal.last();
			if (goal === 0) reach();
			for await (const record of journal.follow(0, stopping.signal)) {
				fold(record);
				if (record.seq >= goal) reach();
			}
		} catch (error) {
			if (stopping.signal.aborted) return;
			breakDown(error);
			fail(error);
		}
	})();
	return {
		caughtUp,
		broken,
		async stop() {
			stopping.abort();
			await following;
		},
	};
}
