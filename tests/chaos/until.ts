const patienceMs = 60_000;
const lookAgainMs = 50;

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when it holds; rejects, saying before what, when that takes longer than a minute. */
export async function until(holds: () => boolean, what: string): Promise<void> {
	const dueMs = performance.now() + patienceMs;
	while (!holds()) {
		if (performance.now() > dueMs) throw new Error(`${patienceMs / 1000} s passed before ${what}`);
		await pause(lookAgainMs);
	}
}
