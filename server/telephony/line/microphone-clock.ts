/** A step of a microphone's clock that the wall clock did not make too is no gap but another count. One second. */
const maxStepMs = 1000;

/**
 * Puts a microphone's own clock on the call's: the first sound where it arrives, the rest where the microphone says. A
 * count that starts over (another device, another tab) is placed by its arrival again. All in ms.
 */
export function microphoneClock(): (mediaMs: number, lengthMs: number, callMs: number) => number {
	let offsetMs: number | undefined;
	let expectedMs = 0;
	let seenAtMs = 0;
	return (mediaMs, lengthMs, callMs) => {
		const step = mediaMs - expectedMs;
		if (offsetMs === undefined || step < -maxStepMs || step > callMs - seenAtMs + maxStepMs)
			offsetMs = Math.round(callMs) - mediaMs;
		expectedMs = mediaMs + lengthMs;
		seenAtMs = callMs;
		return Math.max(0, mediaMs + offsetMs);
	};
}
