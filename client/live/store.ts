/** A value that changes and tells. `get` gives the same object until the next change. */
export interface Store<T> {
	get(): T;
	/** Calls `onChange` after every change, until the function it returns is called. */
	subscribe(onChange: () => void): () => void;
}

/** A store that can be written. Setting the same value again tells nobody. */
export interface WritableStore<T> extends Store<T> {
	set(next: T): void;
}

export function store<T>(initial: T): WritableStore<T> {
	let value = initial;
	const listeners = new Set<{ onChange: () => void }>();
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) return;
			value = next;
			for (const listener of [...listeners]) if (listeners.has(listener)) listener.onChange();
		},
		subscribe(onChange) {
			const listener = { onChange };
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
	};
}
