import { describe, expect, test } from 'vitest';
import { masterKey } from '#server/keys/master-key.ts';
import { maxAtHand, sealing } from '#server/keys/sealing.ts';
import { keysInMemory } from '#tests/support/keys-in-memory.ts';

const master = masterKey(Buffer.alloc(32, 1).toString('base64'));

describe('the keys that a journal seals with', () => {
	test('one is made for a call that begins, and the same one is found ever after', async () => {
		const store = keysInMemory();
		const made = await sealing(store, master).find('twilio-1', true);
		const found = await sealing(store, master).find('twilio-1', false);
		expect(found?.open('place', made?.seal('place', 'words') ?? '')).toBe('words');
	});

	test('none is made for a call that has begun without', async () => {
		const store = keysInMemory();
		expect(await sealing(store, master).find('twilio-1', false)).toBeUndefined();
		expect(store.all.size).toBe(0);
	});

	test('whoever asks at the same time shares one look', async () => {
		const store = keysInMemory();
		const keys = sealing(store, master);
		const found = await Promise.all([1, 2, 3].map(() => keys.find('twilio-1', true)));
		expect(new Set(found).size).toBe(1);
		expect(store.lookUps).toBe(1);
		expect(keys.known('twilio-1')).toBe(found[0]);
	});

	test('[B1] no more are at hand than its limit; the least recently used goes, and is found again', async () => {
		const store = keysInMemory();
		const keys = sealing(store, master);
		for (let n = 0; n < maxAtHand; n++) await keys.find(`twilio-${n}`, true);
		expect(keys.known('twilio-0')).toBeDefined();
		await keys.find('twilio-more', true);
		expect(keys.known('twilio-0')).toBeDefined();
		expect(keys.known('twilio-1')).toBeUndefined();
		expect(await keys.find('twilio-1', false)).toBeDefined();
	});

	test('[X2] a destroyed key is not at hand any more, is not made again, and asking for it asks nobody', async () => {
		const store = keysInMemory();
		const keys = sealing(store, master);
		await keys.find('twilio-1', true);
		const destroying = keys.destroy('twilio-1');
		expect(keys.known('twilio-1')).toBeUndefined();
		await destroying;
		const before = store.lookUps;
		expect(await keys.find('twilio-1', true)).toBeUndefined();
		expect(store.lookUps).toBe(before);
		expect(await sealing(store, master).find('twilio-1', true)).toBeUndefined();
	});

	test('[X2] a key that is destroyed while it is being looked up does not stay at hand', async () => {
		const store = keysInMemory();
		await sealing(store, master).find('twilio-1', true);
		const keys = sealing(store, master);
		const finding = keys.find('twilio-1', false);
		await keys.destroy('twilio-1');
		await finding;
		expect(keys.known('twilio-1')).toBeUndefined();
		expect(await keys.find('twilio-1', false)).toBeUndefined();
	});

	test('a key that the master key does not open is refused by name, with the reason for the log', async () => {
		const store = keysInMemory();
		await sealing(store, master).find('twilio-1', true);
		const other = sealing(store, masterKey(Buffer.alloc(32, 2).toString('base64')));
		await expect(other.find('twilio-1', false)).rejects.toMatchObject({
			code: 'journal.unavailable',
			cause: `the key of twilio-1 is wrapped with the master key ${master.fingerprint}`,
		});
	});
});
