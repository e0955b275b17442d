/** Something that can be picked by its name. */
export interface Pickable {
	id: string;
	name: string;
	/** Said beside the name; typed words are looked for here too. */
	aside: string;
}

/** Letters as fingers type them: no case, no accents. */
export const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

/** Those in whose name or aside every typed word begins a word: `lin` and `sara l` both find Sara Lindqvist. */
export function matching<T extends Pickable>(all: readonly T[], typed: string): T[] {
	const wanted = plain(typed).split(/\s+/).filter(Boolean);
	return all.filter((one) => {
		const words = plain(`${one.name} ${one.aside}`).split(/[^\p{L}\p{N}]+/u);
		return wanted.every((start) => words.some((word) => word.startsWith(start)));
	});
}

/** The next active place in a list of `count`, going round; from nowhere, the first or the last. */
export function stepped(active: number | undefined, by: 1 | -1, count: number): number | undefined {
	if (count === 0) return undefined;
	if (active === undefined) return by === 1 ? 0 : count - 1;
	return (active + by + count) % count;
}
