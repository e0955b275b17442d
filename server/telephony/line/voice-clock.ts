import { frameMs } from '#shared/audio.ts';

/** Timers ring a little late: up to here frames that are due now still belong one behind the other. 60 ms. */
const toleratedMs = 60;

/**
 * Puts frames that are due when they come on the call's clock: one behind the other while they keep its pace; after a
 * pause where the clock stands, so that a pause stays a pause. All in ms.
 */
export function voiceClock(): (callMs: number) => number {
	let nextMs: number | undefined;
	return (callMs) => {
		const placeMs = nextMs === undefined || callMs - nextMs > toleratedMs ? Math.round(callMs) : nextMs;
		nextMs = placeMs + frameMs;
		return placeMs;
	};
}
