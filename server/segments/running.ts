import type { Outcome, ShuttingCommand } from '#server/ask.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { pacer } from '#server/segments/pacer.ts';
import { type Run, type RunNeeds, runOf } from '#server/segments/run.ts';
import { credentials, type Seat, type Sitting } from '#server/segments/seat.ts';

/** The survey segments that are on the line on this node, each from its take to the customer's return. */
export interface Segments {
	/** What was recorded, in order. */
	recorded(records: readonly Recorded[]): void;
	/** How something came out that shut the floor with a key's press. What is not on record is put there; the customer goes back meanwhile. */
	shut(callId: string, key: ShuttingCommand, outcome: Outcome): void;
	/** An executive's connection with this credential; undefined if there is no such segment (any more), or it is not theirs. [T1] */
	sit(secretHash: string, personId: string, seat: Seat): Sitting | undefined;
	/** The pages of this agent are all gone, or one is back. */
	agentIsHere(agentId: string, isHere: boolean): void;
	/** How many are on the line. */
	readonly count: number;
	/** Brings every customer back, and resolves when that is on record. */
	close(): Promise<void>;
}

/** How long a platform may take to bring its customers back when the server goes away; most do so by themselves then. */
const maxClosingMs = 5000;

export type SegmentsNeeds = Omit<RunNeeds, 'pace' | 'over' | 'callId' | 'segmentId' | 'taken'> & {
	/** Whether this person has a page open now. */
	isHere(personId: string): boolean;
};

export function segments(needs: SegmentsNeeds): Segments {
	const runs = new Map<string, Run>();
	const seats = credentials(needs.clock.now);
	const pace = pacer(needs.clock);
	let isClosing = false;

	function taken({ stream, event }: Recorded) {
		if (event.type !== 'line-taken' || event.taken.by !== 'line') return;
		const { executive, secretHash } = event.taken;
		seats.give(secretHash, { callId: stream, personId: executive.id });
		if (runs.has(stream)) return;
		const { segmentId } = event;
		const run: Run = runOf({
			...needs,
			pace,
			callId: stream,
			segmentId,
			taken: event.taken,
			over() {
				seats.revoke(stream);
				if (runs.get(stream) === run) runs.delete(stream);
			},
		});
		runs.set(stream, run);
		run.begin();
		// What came to be before there was a run is not told again.
		run.agentIsHere(needs.isHere(needs.agentOf(stream) ?? ''));
		const key = needs.floor.unrecorded(stream);
		if (key) run.takenBackUnrecorded(key);
		if (isClosing) void run.close();
	}

	return {
		recorded(records) {
			for (const record of records) {
				const { stream, event } = record;
				switch (event.type) {
					case 'line-taken':
						taken(record);
						break;
					case 'survey-live':
						runs.get(stream)?.live(event.limitMs);
						break;
					case 'survey-finished':
					case 'line-lost':
					case 'consent-withdrawn':
						runs.get(stream)?.comeBack();
						break;
					case 'customer-returned':
						runs.get(stream)?.cameBack();
						break;
					case 'call-ended':
						runs.get(stream)?.callEnded();
						break;
				}
			}
		},
		shut(callId, key, outcome) {
			if (outcome === 'unrecorded') runs.get(callId)?.takenBackUnrecorded(key);
		},
		sit(secretHash, personId, seat) {
			const callId = seats.use(secretHash, personId);
			return callId === undefined ? undefined : runs.get(callId)?.sit(seat);
		},
		agentIsHere(agentId, isHere) {
			for (const [callId, run] of runs) if (needs.agentOf(callId) === agentId) run.agentIsHere(isHere);
		},
		get count() {
			return runs.size;
		},
		async close() {
			// Asked twice, by the house and by its door: a platform that hangs is waited for once.
			if (isClosing) return;
			isClosing = true;
			const { promise: late, resolve } = Promise.withResolvers<void>();
			const stopWaiting = needs.clock.after(maxClosingMs, resolve);
			await Promise.race([late, Promise.all([...runs.values()].map((run) => run.close()))]);
			stopWaiting();
		},
	};
}
