/** The known name that takes the fewest slips of the hand to reach from what was typed. */
export function nearest(typed: string, known: readonly string[]): string {
	const byDistance = known.map((name) => ({ name, slips: slips(typed, name) }));
	return byDistance.reduce((best, one) => (one.slips < best.slips ? one : best)).name;
}

/** Letters added, lost, changed, or swapped with their neighbour (optimal string alignment). */
function slips(from: string, to: string): number {
	let before: number[] = [];
	let above = Array.from({ length: to.length + 1 }, (_, column) => column);
	for (let row = 1; row <= from.length; row++) {
		const current = [row];
		for (let column = 1; column <= to.length; column++) {
			const changed = from[row - 1] === to[column - 1] ? 0 : 1;
			let least = Math.min(at(above, column) + 1, at(current, column - 1) + 1, at(above, column - 1) + changed);
			const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
			if (row > 1 && column > 1 && swapped) least = Math.min(least, at(before, column - 2) + 1);
			current.push(least);
		}
		before = above;
		above = current;
	}
	return at(above, to.length);
}

function at(row: readonly number[], column: number): number {
	return row[column] ?? Number.POSITIVE_INFINITY;
}
