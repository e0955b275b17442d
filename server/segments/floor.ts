import type { Outcome, ShuttingCommand } from '#server/ask.ts';
import { evolveSegment, floorOf, noSegment, type Segment } from '#server/domain/handoff.ts';
import type { Recorded } from '#server/journal/journal.ts';

/** Who may be heard by the customer: nobody but whom the record says, and not from the press of a key on that ends it. */
export interface Floor {
	/**
	 * Somebody who may takes the customer back: shut now, before it is on record. What did not get on record stays shut; what
	 * a rule refused is as it was. [C2]
	 */
	shut(callId: string, command?: ShuttingCommand): (outcome: Outcome) => void;
	/** What was recorded, in order. */
	recorded(records: readonly Pick<Recorded, 'stream' | 'event'>[]): void;
	/** The key that shut this call's floor without getting on record, if there is one. */
	unrecorded(callId: string): ShuttingCommand | undefined;
	/** The call's last segment, as it is on record. */
	segment(callId: string): Segment;
	/** Whether what this executive says in this segment goes to the customer now. [S2] */
	isOpen(callId: string, segmentId: string, executiveId: string): boolean;
}

/** A key that shut a call's floor and is on its way to the record, or never got there. */
interface Press {
	command: ShuttingCommand | undefined;
	isUnrecorded: boolean;
}

/** Segments are few and short: what is remembered of a call ends with the call. */
export function floor(): Floor {
	const segments = new Map<string, Segment>();
	const presses = new Map<string, Set<Press>>();

	function open(callId: string, isOver: (press: Press) => boolean) {
		const all = presses.get(callId);
		if (!all) return;
		for (const press of all) if (isOver(press)) all.delete(press);
		if (all.size === 0) presses.delete(callId);
	}

	return {
		shut(callId, command) {
			const press: Press = { command, isUnrecorded: false };
			presses.set(callId, (presses.get(callId) ?? new Set()).add(press));
			return (outcome) => {
				// What is on record shuts by itself. What is not stays shut, until a new segment begins; protection, until a later one is on record.
				if (outcome === 'unrecorded') press.isUnrecorded = true;
				else open(callId, (one) => one === press);
			};
		},
		recorded(records) {
			for (const { stream, event } of records) {
				if (event.type === 'call-ended') {
					segments.delete(stream);
					presses.delete(stream);
				}
				if (event.type === 'call-protected')
					open(stream, ({ command, isUnrecorded }) => isUnrecorded && command === 'protect-call');
				if (event.type === 'survey-offered') open(stream, ({ command }) => command !== 'protect-call');
				if (!('segmentId' in event)) continue;
				const before = segments.get(stream);
				// What is said of a segment after its call has ended gives nobody the floor.
				if (before || event.type === 'survey-offered') segments.set(stream, evolveSegment(before ?? noSegment, event));
			}
		},
		unrecorded(callId) {
			for (const { isUnrecorded, command } of presses.get(callId) ?? []) if (isUnrecorded && command) return command;
			return undefined;
		},
		segment: (callId) => segments.get(callId) ?? noSegment,
		isOpen(callId, segmentId, executiveId) {
			const segment = segments.get(callId);
			if (!segment || segment.at === 'none' || segment.id !== segmentId || presses.has(callId)) return false;
			return floorOf(segment) === executiveId;
		},
	};
}
