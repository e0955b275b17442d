import { useSyncExternalStore } from 'react';
import type { Store } from '#client/live/store.ts';

/** The value of a store, and a new render at each change. */
export function useStore<T>(store: Store<T>): T {
	return useSyncExternalStore(store.subscribe, store.get);
}
