import { useStore } from '#client/live/use-store.ts';
import { useLive } from '#client/session/live-page.tsx';
import type { Ending, SegmentView } from '#shared/survey.ts';

/** The segment a call is at: the last one that was offered. */
export const segmentNow = (segments: readonly SegmentView[], callId: string): SegmentView | undefined =>
	segments.findLast((one) => one.callId === callId);

/** The same of a session that is on the page already: it is the same view, not one more. */
export function useSegment(callId: string): SegmentView | undefined {
	const { connection } = useLive();
	return segmentNow(useStore(connection.watch({ view: 'session', callId })).segments, callId);
}

/** Whether somebody still has to do something for it, or it goes on by itself. */
export function isUnderWay({ at, taken }: Pick<SegmentView, 'at' | 'taken'>): boolean {
	switch (at) {
		case 'declined':
		case 'not-now':
		case 'returned':
		case 'ended':
			return false;
		case 'withdrawn':
			return taken !== undefined;
		default:
			return true;
	}
}

/** What was broken off may be asked for again, with a new consent; what was held may not: the minutes were given. */
export const broke = (how: Ending | undefined) =>
	how !== undefined && (how.endsWith('-lost') || how === 'protected' || how === 'removed');

/** When an executive's time begins to run out, and everybody is told. */
export const soonMs = 60_000;

/** What is left of an executive's time; nothing where there is no limit, or nobody is on the line. */
export const leftMs = ({ at, live }: Pick<SegmentView, 'at' | 'live'>, nowMs: number): number | undefined =>
	at === 'live' && live && live.limitMs > 0 ? Math.max(0, live.atMs + live.limitMs - nowMs) : undefined;
