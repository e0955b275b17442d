import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the sweeper needs. */
export interface RetentionNeeds {
	clock: Clock;
	/** Calls that are to be erased by now, at most so many. */
	due: (nowMs: number, most: number) => Promise<string[]>;
	erase: (callId: string) => Promise<unknown>;
	/** One was erased, or could not be; it is tried again with the next sweep. */
	erased: (callId: string) => void;
	failed: (callId: string, error: unknown) => void;
}

/** Between two sweeps; a call is erased within the hour of its time. */
export const sweepEveryMs = 60 * 60_000;
/** A moment after the start, when everything that is on record has been folded. */
export const firstSweepAfterMs = 60_000;
/** Erased in one sweep, one after the other; the others wait for the next. [B1] */
const mostAtOnce = 5000;

/** Erases calls whose time by the policy is over. Gives back what stops it, and waits for the one that is being erased. */
export function retention({ clock, due, erase, erased, failed }: RetentionNeeds): () => Promise<void> {
	let isStopped = false;
	let sweeping: Promise<void> = Promise.resolve();

	async function sweep() {
		for (const callId of await due(clock.now(), mostAtOnce)) {
			if (isStopped) return;
			try {
				await erase(callId);
				erased(callId);
			} catch (error) {
				// It is being heard still, or the journal takes nothing just now: its turn comes again.
				failed(callId, error instanceof Refusal ? error : new Refusal('request.failed'));
			}
		}
	}
	const next = () => {
		sweeping = sweeping.then(sweep).catch((error) => failed('retention', error));
	};
	let stop = clock.after(firstSweepAfterMs, () => {
		next();
		stop = clock.every(sweepEveryMs, next);
	});
	return () => {
		isStopped = true;
		stop();
		return sweeping;
	};
}
