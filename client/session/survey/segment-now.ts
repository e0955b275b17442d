import type { Ending, SegmentView } from '#shared/survey.ts';

/** The segment a call is at: the last one that was offered. */
export const segmentNow = (segments: readonly SegmentView[], callId: string): SegmentView | undefined =>
	segments.findLast((one) => one.callId === callId);

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

/** Whether an executive's turn came to its end by something that nobody on the call wanted. */
export const broke = (how: Ending | undefined) =>
	how !== undefined && (how.endsWith('-lost') || how === 'protected' || how === 'removed');

/** What was put off or broke may be asked for again, with a new consent; what was held may not: the minutes were given. */
export const mayAskAgain = ({ at, over, returnedTo }: Pick<SegmentView, 'at' | 'over' | 'returnedTo'>) =>
	at === 'not-now' || (at === 'returned' && returnedTo === 'agent' && broke(over?.how));

/** When an executive's time begins to run out, and everybody is told. */
export const soonMs = 60_000;

/** What is left of an executive's time; nothing where there is no limit, or nobody is on the line. */
export const leftMs = ({ at, live }: Pick<SegmentView, 'at' | 'live'>, nowMs: number): number | undefined =>
	at === 'live' && live && live.limitMs > 0 ? Math.max(0, live.atMs + live.limitMs - nowMs) : undefined;

/** Looks at what is left again and again: whether the time runs out, and whether it begins to just now. */
export function soonLooks(): (left: number | undefined) => { soon: boolean; begins: boolean } {
	let before: boolean | undefined;
	return (left) => {
		const soon = left !== undefined && left <= soonMs;
		const begins = soon && before === false;
		before = soon;
		return { soon, begins };
	};
}
