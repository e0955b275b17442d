import type { Outcome } from '#server/ask.ts';
import type { SegmentCommand } from '#server/domain/handoff.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { pacer } from '#server/segments/pacer.ts';
import { type Run, type RunNeeds, runOf } from '#server/segments/run.ts';
import { credentials, type Seat, type Sitting } from '#server/segments/seat.ts';

/** The survey segments that are on the line on this node, each from its take to the customer's return. */
export interface Segments {
	/** What was recorded, in order. */
	recorded(records: readonly Recorded[]): void;
	/** How something came out that shut the floor with a key's press. What is not on record is put there; the customer goes back meanwhile. */
	shut(callId: string, outcome: Outcome): void;
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

export type SegmentsNeeds = Omit<RunNeeds, 'pace' | 'over' | 'callId' | 'segmentId' | 'taken'>;

export function segments(needs: SegmentsNeeds): Segments {
	const runs = new Map<string, Run>();
	const seats = credentials(needs.clock.now);
	const pace = pacer(needs.clock);

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
	}

	/** By phone there is nobody to bring back: whoever talked to the customer hands them back by phone too. */
	function backByPhone({ stream, event }: Recorded) {
		if (runs.has(stream) || !('segmentId' in event)) return;
		const command: SegmentCommand = { type: 'customer-returned', segmentId: event.segmentId, to: 'agent' };
		needs.report(stream, command).catch((error) => needs.failed(stream, error));
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
						if (!runs.has(stream)) backByPhone(record);
						runs.get(stream)?.comeBack();
						break;
					case 'consent-withdrawn':
						runs.get(stream)?.comeBack();
						break;
					case 'call-ended':
						runs.get(stream)?.callEnded();
						break;
				}
			}
		},
		shut(callId, outcome) {
			if (outcome === 'unrecorded') runs.get(callId)?.takenBackUnrecorded();
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
			if (runs.size === 0) return;
			const late = new Promise<void>((resolve) => void needs.clock.after(maxClosingMs, resolve));
			await Promise.race([late, Promise.all([...runs.values()].map((run) => run.close()))]);
		},
	};
}
