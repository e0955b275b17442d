/** Delays by how often they came, so that hundreds of thousands cost neither memory nor time. */
export interface DelayCount {
	add(delayUs: number): void;
	/** The delay that this share of all stayed within. Throws if there were none. */
	percentileMs(share: number): number;
	clear(): void;
}

/** Counted in steps of 10 µs up to 5 s; what is longer counts as that. */
const stepUs = 10;
const maxSteps = 500_000;

export function delayCount(): DelayCount {
	const steps = new Uint32Array(maxSteps);
	let total = 0;
	return {
		add(delayUs) {
			const step = Math.min(Math.floor(delayUs / stepUs), maxSteps - 1);
			steps[step] = (steps[step] as number) + 1;
			total++;
		},
		percentileMs(share) {
			const rank = Math.max(1, Math.ceil(total * share));
			let count = 0;
			for (const [step, here] of steps.entries()) {
				count += here;
				if (count >= rank) return ((step + 0.5) * stepUs) / 1000;
			}
			throw new Error('nothing was delivered');
		},
		clear() {
			steps.fill(0);
			total = 0;
		},
	};
}
