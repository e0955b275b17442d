import type { Outcome } from '#server/ask.ts';
import { evolveSegment, floorOf, noSegment, type Segment } from '#server/domain/handoff.ts';
import type { Recorded } from '#server/journal/journal.ts';

/** Who may be heard by the customer: nobody but whom the record says, and not from the press of a key on that ends it. */
export interface Floor {
	/**
	 * Somebody who may takes the customer back: shut now, before it is on record. What did not get on record stays shut; what
	 * a rule refused is as it was. [C2]
	 */
	shut(callId: string): (outcome: Outcome) => void;
	/** What was recorded, in order. */
	recorded(records: readonly Pick<Recorded, 'stream' | 'event'>[]): void;
	/** The call's last segment, as it is on record. */
	segment(callId: string): Segment;
	/** Whether what this executive says in this segment goes to the customer now. [S2] */
	isOpen(callId: string, segmentId: string, executiveId: string): boolean;
}

/** Segments are few and short: what is remembered of a call ends with the call. */
export function floor(): Floor {
	const segments = new Map<string, Segment>();
	/** How often a call's floor was shut by a key that is on its way to the record, or never got there. */
	const shutIn = new Map<string, number>();
	const count = (callId: string, by: number) => {
		const now = (shutIn.get(callId) ?? 0) + by;
		if (now > 0) shutIn.set(callId, now);
		else shutIn.delete(callId);
	};
	return {
		shut(callId) {
			count(callId, 1);
			return (outcome) => {
				// What is on record shuts by itself. What is not stays shut, until a new segment begins.
				if (outcome !== 'unrecorded') count(callId, -1);
			};
		},
		recorded(records) {
			for (const { stream, event } of records) {
				if (event.type === 'call-ended') {
					segments.delete(stream);
					shutIn.delete(stream);
				}
				if (!('segmentId' in event)) continue;
				if (event.type === 'survey-offered') shutIn.delete(stream);
				segments.set(stream, evolveSegment(segments.get(stream) ?? noSegment, event));
			}
		},
		segment: (callId) => segments.get(callId) ?? noSegment,
		isOpen(callId, segmentId, executiveId) {
			const segment = segments.get(callId);
			if (!segment || segment.at === 'none' || segment.id !== segmentId || shutIn.has(callId)) return false;
			return floorOf(segment) === executiveId;
		},
	};
}
