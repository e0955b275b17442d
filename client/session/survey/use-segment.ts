import { useStore } from '#client/live/use-store.ts';
import { useLive } from '#client/session/live-page.tsx';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import type { SegmentView } from '#shared/survey.ts';

/** The segment of a session that is on the page already: looking at it here is the same view, not one more. */
export function useSegment(callId: string): SegmentView | undefined {
	const { connection } = useLive();
	return segmentNow(useStore(connection.watch({ view: 'session', callId })).segments, callId);
}
