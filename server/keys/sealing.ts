import { randomBytes } from 'node:crypto';
import { keyBytes, type SealKey, type Seals, sealKey } from '#server/journal/seal.ts';
import { type KeyStore, keysUnavailable } from '#server/keys/keys.ts';
import type { MasterKey } from '#server/keys/master-key.ts';

/** The keys that the journal seals with, and their end. */
export interface Sealing extends Seals {
	/**
	 * Forgets a call's key here at once, and destroys it where it is kept: done when this resolves, refused with
	 * `journal.unavailable` when it could not be, and then it can be asked for again. [X2]
	 */
	destroy(stream: string): Promise<void>;
}

/** Calls whose key is at hand; the least recently used falls out and is looked up again when needed. [B1] */
export const maxAtHand = 2000;

/** Keys from a store, wrapped with the master key. What is asked for twice at once is looked up once. */
export function sealing(store: KeyStore, master: MasterKey): Sealing {
	/** A call whose key was destroyed stays here as one without, so that reading what is left of it asks nobody. */
	const atHand = new Map<string, SealKey | 'destroyed'>();
	const finding = new Map<string, Promise<SealKey | undefined>>();

	function keep(stream: string, key: SealKey | 'destroyed') {
		atHand.delete(stream);
		atHand.set(stream, key);
		if (atHand.size > maxAtHand) atHand.delete(atHand.keys().next().value as string);
	}

	function known(stream: string): SealKey | 'destroyed' | undefined {
		const found = atHand.get(stream);
		if (found !== undefined) keep(stream, found);
		return found;
	}

	async function lookUp(stream: string, make: boolean): Promise<SealKey | undefined> {
		const found = await store.find(stream);
		const wrapped = found ?? (make ? await store.keep(stream, master.wrap(stream, randomBytes(keyBytes))) : undefined);
		if (wrapped === undefined) return undefined;
		try {
			return sealKey(master.unwrap(stream, wrapped));
		} catch (error) {
			throw keysUnavailable(`the key of ${stream} ${(error as Error).message}`);
		}
	}

	return {
		known(stream) {
			const found = known(stream);
			return found === 'destroyed' ? undefined : found;
		},
		async find(stream, make) {
			const found = known(stream);
			if (found !== undefined) return found === 'destroyed' ? undefined : found;
			const asked = `${make} ${stream}`;
			const before = finding.get(asked);
			if (before) return before;
			const mine = lookUp(stream, make);
			finding.set(asked, mine);
			try {
				const key = await mine;
				// Destroyed meanwhile: what was found is not kept, and who waits for it may still use it this once.
				if (key && finding.get(asked) === mine) keep(stream, key);
				return key;
			} finally {
				if (finding.get(asked) === mine) finding.delete(asked);
			}
		},
		async destroy(stream) {
			keep(stream, 'destroyed');
			finding.delete(`true ${stream}`);
			finding.delete(`false ${stream}`);
			await store.destroy(stream);
		},
	};
}
