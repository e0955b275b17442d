/** Buckets a map is spread over: one of them is copied when something is set, not the whole map. */
const width = 64;

/**
 * A map that never changes: setting gives another one, and shares with it all that is the same. What a session holds
 * grows to thousands, and each state of it must stay as it was.
 */
export interface ImmutableMap<V> extends Iterable<readonly [id: string, value: V]> {
	readonly size: number;
	get(id: string): V | undefined;
	set(id: string, value: V): ImmutableMap<V>;
	/** The same ids, each with what comes of its value. */
	map(change: (value: V) => V): ImmutableMap<V>;
	values(): IterableIterator<V>;
}

export const immutableMap = <V>(): ImmutableMap<V> => mapOf<V>([], 0);

function mapOf<V>(buckets: readonly (ReadonlyMap<string, V> | undefined)[], size: number): ImmutableMap<V> {
	return {
		size,
		get: (id) => buckets[bucketOf(id)]?.get(id),
		set(id, value) {
			const place = bucketOf(id);
			const before = buckets[place];
			const copies = buckets.slice();
			copies[place] = new Map(before).set(id, value);
			return mapOf(copies, before?.has(id) ? size : size + 1);
		},
		map: (change) => {
			const changed = buckets.map((one) => one && new Map([...one].map(([id, value]) => [id, change(value)])));
			return mapOf(changed, size);
		},
		*[Symbol.iterator]() {
			for (const bucket of buckets) if (bucket) yield* bucket;
		},
		*values() {
			for (const bucket of buckets) if (bucket) yield* bucket.values();
		},
	};
}

/** By the end of the id, which is random in a UUID; its beginning is the time. */
function bucketOf(id: string): number {
	let hash = 0;
	for (let at = Math.max(0, id.length - 6); at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) % 65_521;
	return hash % width;
}
