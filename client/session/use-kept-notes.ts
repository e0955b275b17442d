import { useEffect } from 'react';
import { useLive } from '#client/session/live-page.tsx';
import type { CallView } from '#shared/call.ts';

/** Sends the notes that this tab kept for any of these calls, whether or not one of them is on the page. [N5] */
export function useKeptNotes(calls: readonly CallView[]) {
	const { queues } = useLive();
	useEffect(() => {
		for (const { callId } of calls) queues.sendKept(callId);
	}, [queues, calls]);
}
