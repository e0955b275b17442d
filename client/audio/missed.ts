/** A stretch of a call that was not heard. */
export interface Missed {
	/** How much, and where in the call it ended: ms since its first sound. */
	ms: number;
	callMs: number;
}

/** Less than this at once is a crackle, not something that somebody said. */
const least = 300;
/** What is missed within so long of the last is one with it. */
const together = 3000;

/** Watches the count of what was not heard, and tells of the last stretch that is worth a word. */
export function missedWatch() {
	let counted = 0;
	let pending = 0;
	let pendingAt = 0;
	let last: Missed | undefined;
	return {
		/** What was not heard so far, and the place in the call that is heard now. */
		seen(totalMs: number, callMs: number): void {
			const more = totalMs - counted;
			counted = totalMs;
			if (more <= 0) return;
			if (callMs - pendingAt > together) pending = 0;
			pending += more;
			pendingAt = callMs;
			if (pending >= least) last = { ms: Math.round(pending), callMs };
		},
		get last() {
			return last;
		},
	};
}
