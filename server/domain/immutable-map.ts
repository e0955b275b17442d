/** Places on each of the two levels that a map is spread over. */
const width = 32;

/** Ids and their values by turns: few enough to be looked through. */
type Bucket<V> = readonly (string | V)[];
type Level<T> = readonly (T | undefined)[];
type Root<V> = Level<Level<Bucket<V>>>;

/**
 * A map that never changes: setting gives another one, and shares with it all that is the same. What a session holds
 * grows to thousands, and each state of it must stay as it was; a set copies two rows of 32 places and one small bucket.
 */
export interface ImmutableMap<V> extends Iterable<readonly [id: string, value: V]> {
	readonly size: number;
	get(id: string): V | undefined;
	set(id: string, value: V): ImmutableMap<V>;
	/** The same ids, each with what comes of its value. */
	map(change: (value: V) => V): ImmutableMap<V>;
	values(): IterableIterator<V>;
}

export const immutableMap = <V>(): ImmutableMap<V> => new SpreadMap<V>([], 0);

class SpreadMap<V> implements ImmutableMap<V> {
	readonly size: number;
	readonly #root: Root<V>;

	constructor(root: Root<V>, size: number) {
		this.#root = root;
		this.size = size;
	}

	get(id: string): V | undefined {
		const hash = hashOf(id);
		const bucket = this.#root[hash % width]?.[hash >> 5];
		const at = bucket ? placeOf(bucket, id) : -1;
		return at === -1 ? undefined : (bucket?.[at + 1] as V);
	}

	set(id: string, value: V): ImmutableMap<V> {
		const hash = hashOf(id);
		const before = this.#root[hash % width]?.[hash >> 5] ?? [];
		const at = placeOf(before, id);
		const bucket = at === -1 ? [...before, id, value] : before.with(at + 1, value);
		const level = (this.#root[hash % width] ?? []).slice();
		level[hash >> 5] = bucket;
		const root = this.#root.slice();
		root[hash % width] = level;
		return new SpreadMap(root, at === -1 ? this.size + 1 : this.size);
	}

	map(change: (value: V) => V): ImmutableMap<V> {
		const changed = (bucket: Bucket<V>) => bucket.map((one, at) => (at % 2 === 1 ? change(one as V) : one));
		const root = this.#root.map((level) => level?.map((bucket) => bucket && changed(bucket)));
		return new SpreadMap(root, this.size);
	}

	*[Symbol.iterator](): IterableIterator<readonly [id: string, value: V]> {
		for (const level of this.#root)
			for (const bucket of level ?? [])
				for (let at = 0; bucket && at < bucket.length; at += 2) yield [bucket[at] as string, bucket[at + 1] as V];
	}

	*values(): IterableIterator<V> {
		for (const [, value] of this) yield value;
	}
}

function placeOf<V>(bucket: Bucket<V>, id: string): number {
	for (let at = 0; at < bucket.length; at += 2) if (bucket[at] === id) return at;
	return -1;
}

/** Ten bits of the end of the id, which is random in a UUID; its beginning is the time. */
function hashOf(id: string): number {
	let hash = 0;
	for (let at = Math.max(0, id.length - 6); at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) % 65_521;
	return hash % (width * width);
}
