/** A limit on how often something may happen: `perSecond` in the long run, `burst` at once. */
export interface Bucket {
	/** True if it may happen now. */
	take(): boolean;
}

export function tokenBucket(perSecond: number, burst: number, now: () => number): Bucket {
	let tokens = burst;
	let filledAtMs = now();
	return {
		take() {
			const nowMs = now();
			tokens = Math.min(burst, tokens + ((nowMs - filledAtMs) * perSecond) / 1000);
			filledAtMs = nowMs;
			if (tokens < 1) return false;
			tokens--;
			return true;
		},
	};
}
