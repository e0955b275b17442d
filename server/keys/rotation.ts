import { setImmediate } from 'node:timers/promises';
import { type KeyStore, maxInPage, type Rewrapped, type WrappedKey } from '#server/keys/keys.ts';
import type { MasterKey } from '#server/keys/master-key.ts';

/** What a look through all keys found. */
export interface KeyCount {
	/** Today's master key, by its name. */
	masterKey: string;
	/** Keys that today's master key has wrapped, and those that the one before it has. */
	ours: number;
	older: number;
	/** Keys that neither of the two opens. */
	unreadable: number;
	/** Calls that were erased. */
	destroyed: number;
}

/** What a rotation did. */
export interface Rotated extends KeyCount {
	rewrapped: number;
	tookMs: number;
}

/**
 * The value a master key proves itself on when the server starts. It is kept like a call's key, under a name no call can
 * have, and is wrapped anew last of all: as long as it opens with the old master key alone, a rotation is not through.
 */
export const checkId = 'check';

/** Keys opened in one go, before the sound of the calls gets its turn: half a millisecond. */
const atOnce = 50;

/** Tries every key. Changes nothing. */
export async function countKeys(store: KeyStore, master: MasterKey): Promise<KeyCount> {
	const count = { masterKey: master.fingerprint, ours: 0, older: 0, unreadable: 0, destroyed: await store.destroyed() };
	for await (const { callId, wrapped } of everyKey(store)) {
		if (callId === checkId) continue;
		if (!opened(master, callId, wrapped)) count.unreadable++;
		else if (master.isOurs(wrapped)) count.ours++;
		else count.older++;
	}
	return count;
}

/**
 * Wraps every key with today's master key. Safe to interrupt and to repeat, and while calls come and go: a key takes the
 * place of exactly what was read, so that none comes back that was destroyed meanwhile. [X3]
 */
export async function rotateKeys(store: KeyStore, master: MasterKey): Promise<Rotated> {
	const began = performance.now();
	let rewrapped = 0;
	let waiting: Rewrapped[] = [];
	const flush = async () => {
		rewrapped += await store.replace(waiting);
		waiting = [];
	};
	for await (const { callId, wrapped } of everyKey(store)) {
		const key = callId === checkId || master.isOurs(wrapped) ? undefined : opened(master, callId, wrapped);
		if (!key) continue;
		waiting.push({ callId, was: wrapped, wrapped: master.wrap(callId, key) });
		if (waiting.length === maxInPage) await flush();
	}
	await flush();
	const count = await countKeys(store, master);
	if (count.older === 0 && count.unreadable === 0) {
		const was = await store.find(checkId);
		if (was !== undefined && !master.isOurs(was))
			await store.replace([{ callId: checkId, was, wrapped: master.wrap(checkId, master.unwrap(checkId, was)) }]);
	}
	return { ...count, rewrapped, tookMs: performance.now() - began };
}

async function* everyKey(store: KeyStore): AsyncIterable<WrappedKey> {
	let from: string | undefined;
	do {
		const page = await store.page(from);
		for (const [place, key] of page.keys.entries()) {
			if (place % atOnce === 0) await setImmediate();
			yield key;
		}
		from = page.next;
	} while (from !== undefined);
}

function opened(master: MasterKey, callId: string, wrapped: string): Buffer | undefined {
	try {
		return master.unwrap(callId, wrapped);
	} catch {
		return undefined;
	}
}
