/** How much data came over a connection: lately, and in all. */
export interface DataRate {
	came(bytes: number): void;
	/** Of the last ten seconds, or of as many as there were. */
	kbitPerSecond(): number;
	readonly totalBytes: number;
}

const seconds = 10;

export function dataRate(now: () => number): DataRate {
	/** The bytes of each of the last seconds, by the second they came in; one more, which is not over yet. */
	const kept = new Float64Array(seconds + 1);
	let newest = Math.floor(now() / 1000);
	const first = newest;
	let totalBytes = 0;
	const goOn = () => {
		const second = Math.floor(now() / 1000);
		// After a long sleep everything that is kept is old.
		newest = Math.max(newest, second - kept.length);
		for (; newest < second; newest++) kept[(newest + 1) % kept.length] = 0;
	};
	return {
		came(bytes) {
			goOn();
			totalBytes += bytes;
			kept[newest % kept.length] = (kept[newest % kept.length] as number) + bytes;
		},
		kbitPerSecond() {
			goOn();
			const over = Math.min(seconds, newest - first);
			if (over === 0) return 0;
			const sum = kept.reduce((all, one) => all + one, 0) - (kept[newest % kept.length] as number);
			return (sum * 8) / 1000 / over;
		},
		get totalBytes() {
			return totalBytes;
		},
	};
}
