import type { KeyStore } from '#server/keys/keys.ts';

/** Keys in this process, for tests that are not about an engine; counts how often a key was looked up. */
export function keysInMemory(): KeyStore & { lookUps: number; all: Map<string, string> } {
	const all = new Map<string, string>();
	const destroyed = new Set<string>();
	const store = {
		all,
		lookUps: 0,
		async find(callId: string) {
			store.lookUps++;
			return all.get(callId);
		},
		async keep(callId: string, wrapped: string) {
			if (destroyed.has(callId)) return undefined;
			if (!all.has(callId)) all.set(callId, wrapped);
			return all.get(callId);
		},
		async replace(keys: Parameters<KeyStore['replace']>[0]) {
			const fitting = keys.filter(({ callId, was }) => all.get(callId) === was);
			for (const { callId, wrapped } of fitting) all.set(callId, wrapped);
			return fitting.length;
		},
		async destroy(callId: string) {
			all.delete(callId);
			destroyed.add(callId);
		},
		async page() {
			return { keys: [...all].map(([callId, wrapped]) => ({ callId, wrapped })), next: undefined };
		},
		destroyed: async () => destroyed.size,
		async close() {},
	};
	return store;
}
