/**
 * The seed of a random test: a fresh one each run, or the one given as `YCORD_TEST_SEED`. It is printed, so that a run
 * that failed can be had again.
 */
export function seedFor(test: string): number {
	const given = Number(process.env.YCORD_TEST_SEED);
	const seed = Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 2_000_000_000);
	console.info(`${test}: YCORD_TEST_SEED=${seed}`);
	return seed;
}

/** Whole numbers from 0 up to, without, `below`; the same seed gives the same ones. A linear congruence is random enough here. */
export function randomNumbers(seed: number): (below: number) => number {
	let state = seed >>> 0;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}
