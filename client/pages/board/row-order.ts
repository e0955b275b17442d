/** What decides a row's place. */
export interface Placed {
	callId: string;
	startedAtMs: number;
	/** Ended long enough ago to leave the board. */
	gone: boolean;
}

/**
 * The order of the board's rows: newest first, and exactly as it was while a hand is on it. `waiting` counts the changes
 * that are held back: rows that would come and rows that would go.
 */
export function rowOrder(
	shown: readonly string[],
	rows: readonly Placed[],
	handOnIt: boolean,
): { order: readonly string[]; waiting: number } {
	const wanted = rows
		.filter((row) => !row.gone)
		.toSorted((a, b) => b.startedAtMs - a.startedAtMs || a.callId.localeCompare(b.callId))
		.map((row) => row.callId);
	if (!handOnIt) return { order: same(shown, wanted) ? shown : wanted, waiting: 0 };
	const known = new Set(rows.map((row) => row.callId));
	const kept = shown.filter((callId) => known.has(callId));
	const keptSet = new Set(kept);
	const coming = wanted.filter((callId) => !keptSet.has(callId)).length;
	const going = kept.filter((callId) => !wanted.includes(callId)).length;
	return { order: same(shown, kept) ? shown : kept, waiting: coming + going };
}

const same = (a: readonly string[], b: readonly string[]) =>
	a.length === b.length && a.every((one, index) => one === b[index]);
