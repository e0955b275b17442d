import { frameMs } from '#shared/audio.ts';

/** Timers ring a little late: up to here frames that are due now still belong one behind the other. 60 ms. */
const toleratedMs = 60;
/** Further ahead than this is another clock: what was said there already is in the way for as long, and lost. 200 ms. */
const maxAheadMs = 200;

/**
 * Puts frames that are due when they come on the call's clock: one behind the other while they keep its pace; after a
 * pause where the clock stands, so that a pause stays a pause. All in ms.
 */
export function voiceClock(): (callMs: number) => number {
	let nextMs: number | undefined;
	return (callMs) => {
		const keeps = nextMs !== undefined && callMs - nextMs <= toleratedMs && nextMs - callMs <= maxAheadMs;
		const placeMs = keeps ? (nextMs as number) : Math.round(callMs);
		nextMs = placeMs + frameMs;
		return placeMs;
	};
}
