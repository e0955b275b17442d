import type { Journal, Recorded } from '#server/journal/journal.ts';
import { markAt, nowhere, type Position, type SessionsCheckpoint } from '#server/projections/position.ts';
import { type Sessions, sessions } from '#server/projections/sessions.ts';
import type { Views } from '#server/projections/views.ts';
import type { Clock } from '#shared/clock.ts';

/** How often it is kept which sessions are in memory, while anything happens. */
export const recordsBetween = 1000;
export const msBetween = 10_000;
/** Streams that are read at once at a start. */
const maxReading = 16;

/**
 * The sessions as they were at the last checkpoint: only the streams of those that were in memory are read, and the
 * journal is followed from there. The same as folding it from its beginning. [V1]
 */
export async function sessionsSince({ seq, held }: SessionsCheckpoint, journal: Journal): Promise<Sessions> {
	const pasts: Recorded[][] = [];
	for (let first = 0; first < held.length; first += maxReading) {
		const streams = await Promise.all(held.slice(first, first + maxReading).map(journal.read));
		pasts.push(...streams.map((past) => past.filter((record) => record.seq <= seq)));
	}
	return sessions({ read: journal.read, seq, pasts });
}

/** Keeps checkpoints of the sessions in memory. */
export interface Checkpoints {
	/** One more record was folded into the sessions. */
	folded(record: Recorded): void;
	/** Keeps the last one. */
	stop(): Promise<void>;
}

/** What keeping checkpoints needs. `failed` is told when one could not be kept: the next one will be, or a start takes longer. */
export interface CheckpointNeeds {
	sessions: Sessions;
	views: Views;
	clock: Clock;
	failed: (error: unknown) => void;
}

export function checkpoints({ sessions, views, clock, failed }: CheckpointNeeds): Checkpoints {
	let last: Recorded | undefined;
	let sinceKept = 0;
	let erased: string[] = [];
	let keeping: Promise<void> | undefined;
	const stopLooking = clock.every(msBetween, keep);

	function keep() {
		if (keeping || sinceKept === 0) return;
		sinceKept = 0;
		const position: Position = last ? markAt(last) : nowhere;
		const held = [...sessions.all()].map(({ callId }) => callId);
		const lately = erased;
		erased = [];
		keeping = views
			.ask('keep', { ...position, held, erased: lately })
			.catch((error) => {
				// Not kept: they belong to the next one.
				erased = [...lately, ...erased];
				failed(error);
			})
			.then(() => {
				keeping = undefined;
			});
	}

	return {
		folded(record) {
			last = record;
			if (record.event.type === 'call-erased') erased.push(record.stream);
			if (++sinceKept >= recordsBetween) keep();
		},
		async stop() {
			stopLooking();
			await keeping;
			keep();
			await keeping;
		},
	};
}
