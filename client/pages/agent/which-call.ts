import type { CallView } from '#shared/call.ts';

/**
 * The call an agent looks at: the one they chose while it is on, else the latest that is on, else the one that ended
 * last, so that its notes can be finished.
 */
export function whichCall(calls: readonly CallView[], chosen: string | undefined): CallView | undefined {
	const on = onNow(calls);
	const ended = calls.filter((call) => call.at === 'ended').toSorted((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
	return on.find((call) => call.callId === chosen) ?? on[0] ?? ended[0];
}

/** The calls that are on, latest first. */
export const onNow = (calls: readonly CallView[]) =>
	calls.filter((call) => call.at !== 'ended').toSorted((a, b) => b.startedAtMs - a.startedAtMs);
