import { describe, expect, test } from 'vitest';
import type { Rewrapped } from '#server/keys/keys.ts';
import { masterKey } from '#server/keys/master-key.ts';
import { checkId, countKeys, rotateKeys } from '#server/keys/rotation.ts';
import { keysInMemory } from '#tests/support/keys-in-memory.ts';

const [one, two] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString('base64')) as [string, string];
const keyOf = (n: number) => Buffer.alloc(32, n % 250);

/** A store of `count` calls, all wrapped with the first master key. */
async function storeOf(count: number) {
	const store = keysInMemory();
	await store.keep(checkId, masterKey(one).wrap(checkId, keyOf(0)));
	for (let n = 0; n < count; n++) await store.keep(`twilio-${n}`, masterKey(one).wrap(`twilio-${n}`, keyOf(n)));
	return store;
}

describe('[X3] changing the master key', () => {
	test('wraps every key anew, the check value too, and the calls’ own keys stay what they were', async () => {
		const store = await storeOf(1200);
		await store.destroy('twilio-5');
		const done = await rotateKeys(store, masterKey(two, one));
		expect(done).toMatchObject({ rewrapped: 1199, ours: 1199, older: 0, unreadable: 0, destroyed: 1 });
		const after = masterKey(two);
		for (const [callId, wrapped] of store.all)
			expect(after.unwrap(callId, wrapped)).toEqual(keyOf(callId === checkId ? 0 : Number(callId.slice(7))));
	});

	test('interrupted, it has lost nothing, still needs the old one, and goes on where it is begun again', async () => {
		const store = await storeOf(1200);
		let pages = 0;
		const breaking = {
			...store,
			async replace(keys: readonly Rewrapped[]) {
				if (++pages === 2) throw new Error('the power went');
				return store.replace(keys);
			},
		};
		await expect(rotateKeys(breaking, masterKey(two, one))).rejects.toThrow('the power went');
		expect(await countKeys(store, masterKey(two, one))).toMatchObject({ ours: 500, older: 700, unreadable: 0 });
		expect(() => masterKey(two).unwrap(checkId, store.all.get(checkId) ?? '')).toThrow();
		expect(await rotateKeys(store, masterKey(two, one))).toMatchObject({ rewrapped: 700, ours: 1200, older: 0 });
		expect(await rotateKeys(store, masterKey(two, one))).toMatchObject({ rewrapped: 0, ours: 1200 });
	});

	test('a call that is erased meanwhile does not get its key back', async () => {
		const store = await storeOf(3);
		const slow = {
			...store,
			async replace(keys: readonly Rewrapped[]) {
				await store.destroy('twilio-1');
				return store.replace(keys);
			},
		};
		expect(await rotateKeys(slow, masterKey(two, one))).toMatchObject({ rewrapped: 2, ours: 2, destroyed: 1 });
		expect(await store.find('twilio-1')).toBeUndefined();
	});

	test('a key that neither opens is counted and left as it is, and the old one is still asked for', async () => {
		const store = await storeOf(2);
		const strange = masterKey(Buffer.alloc(32, 3).toString('base64')).wrap('twilio-9', keyOf(9));
		await store.keep('twilio-9', strange);
		expect(await rotateKeys(store, masterKey(two, one))).toMatchObject({ rewrapped: 2, ours: 2, unreadable: 1 });
		expect(store.all.get('twilio-9')).toBe(strange);
		expect(() => masterKey(two).unwrap(checkId, store.all.get(checkId) ?? '')).toThrow();
	});
});
