/** Each step is this much more than the one before: what comes out is as exact as that. */
const step = 1.08;
/** So many steps up or down at a time, until the answer changes; then those between. */
const stride = 4;
/** Call counts to try, the same ones for every server: `base` and so many steps up and down, each count once. */
export function ladder(base: number, maxCalls: number): number[] {
	const counts = new Set<number>();
	for (let count = base; count >= 1; count /= step) counts.add(Math.floor(count));
	for (let count = base; count <= maxCalls; count *= step) counts.add(Math.floor(count));
	return [...counts].sort((one, other) => one - other);
}

/**
 * The most of `counts` (rising) that is seen to hold, looked for from `base` on; 0 if none is. After `maxTrials` whatever was
 * not tried does not hold.
 */
export async function mostThatHolds(
	counts: readonly number[],
	base: number,
	maxTrials: number,
	holds: (count: number) => Promise<boolean>,
): Promise<number> {
	let trials = 0;
	const tried = async (index: number) => ++trials <= maxTrials && (await holds(counts[index] as number));
	/** The highest known to hold and the lowest known not to; one before the first always holds, one after the last never. */
	let good = -1;
	let bad = counts.length;
	const start = counts.indexOf(base);
	if (await tried(start)) {
		good = start;
		while (good < counts.length - 1 && bad === counts.length) {
			const next = Math.min(good + stride, counts.length - 1);
			if (await tried(next)) good = next;
			else bad = next;
		}
	} else {
		bad = start;
		while (bad > 0 && good < 0) {
			const next = Math.max(bad - stride, 0);
			if (await tried(next)) good = next;
			else bad = next;
		}
	}
	while (bad - good > 1) {
		const middle = (good + bad) >> 1;
		if (await tried(middle)) good = middle;
		else bad = middle;
	}
	return counts[good] ?? 0;
}
