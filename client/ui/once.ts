/**
 * The same promise for the same key: for what may be asked for only once, such as opening a link that works once, and
 * would otherwise be asked again when a page is built again.
 */
export function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
	const asked = new Map<string, Promise<T>>();
	return (key) => {
		const known = asked.get(key) ?? ask(key);
		asked.set(key, known);
		// Whoever asked looks at it a moment later, when the page is built; until then nobody has missed it.
		known.catch(() => {});
		return known;
	};
}
