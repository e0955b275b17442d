import type { CallView } from '#shared/call.ts';

/** What the agent did here that decides which call they look at. */
export interface Looked {
	/** The call they chose, if they did. */
	chosen?: string | undefined;
	/** The call on the page now. */
	shown?: string | undefined;
	/** Whether a note is begun and not sent in a call. */
	isUnfinished: (callId: string) => boolean;
}

/**
 * The call an agent looks at: the one they chose, while it is on or has a note to finish; else the one that ended under
 * their hands, until that note is finished; else the latest that is on, else the one that ended last.
 */
export function whichCall(calls: readonly CallView[], { chosen, shown, isUnfinished }: Looked): CallView | undefined {
	const open = toChooseFrom(calls, isUnfinished);
	const find = (callId: string | undefined) => open.find((call) => call.callId === callId);
	const ended = calls.filter((call) => call.at === 'ended').toSorted((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
	const underHands = find(shown);
	return find(chosen) ?? (underHands?.at === 'ended' ? underHands : undefined) ?? open[0] ?? ended[0];
}

/** The calls that are on, latest first, and after them those that ended with a note begun. */
export function toChooseFrom(calls: readonly CallView[], isUnfinished: Looked['isUnfinished']): CallView[] {
	const latestFirst = calls.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
	const on = latestFirst.filter((call) => call.at !== 'ended');
	return [...on, ...latestFirst.filter((call) => call.at === 'ended' && isUnfinished(call.callId))];
}
