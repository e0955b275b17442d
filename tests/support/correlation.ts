/** How alike two sounds are, from −1 to 1, with the second moved by `lag` samples; what lies outside either is silence. */
export function correlation(one: ArrayLike<number>, other: ArrayLike<number>, lag = 0): number {
	let both = 0;
	for (let at = Math.max(0, -lag); at < Math.min(one.length, other.length - lag); at++)
		both += (one[at] as number) * (other[at + lag] as number);
	return both / Math.sqrt(energy(one) * energy(other) || 1);
}

/** The most alike that two sounds are, moved against each other by at most `reach` samples either way. */
export function bestCorrelation(one: ArrayLike<number>, other: ArrayLike<number>, reach: number) {
	let best = { lag: 0, alike: Number.NEGATIVE_INFINITY };
	for (let lag = -reach; lag <= reach; lag++) {
		const alike = correlation(one, other, lag);
		if (alike > best.alike) best = { lag, alike };
	}
	return best;
}

function energy(samples: ArrayLike<number>): number {
	let sum = 0;
	for (let at = 0; at < samples.length; at++) sum += (samples[at] as number) ** 2;
	return sum;
}
