const together = 8;

/** A few at a time, so that opening hundreds is no burst of its own. */
export async function inGroups<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
	for (let from = 0; from < all.length; from += together)
		await Promise.all(all.slice(from, from + together).map((one, offset) => work(one, from + offset)));
}
