import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KeyStore, maxInPage } from '#server/keys/keys.ts';

/** Where one store of an engine lives, empty at first: opened again it is the same store. */
export interface KeyPlace {
	open(): Promise<KeyStore>;
	/** Whether these bytes lie anywhere on the disk. */
	holds(text: string): Promise<boolean>;
	remove(): Promise<void>;
}

/** What every engine for the calls' keys must do, whatever it is made of. */
export function keysContract(engine: string, makePlace: () => Promise<KeyPlace>): void {
	describe(`keys on ${engine}`, () => {
		let place: KeyPlace;
		let keys: KeyStore;
		const opened: KeyStore[] = [];
		const open = async () => {
			const store = await place.open();
			opened.push(store);
			return store;
		};
		beforeEach(async () => {
			place = await makePlace();
			keys = await open();
		});
		afterEach(async () => {
			await Promise.all(opened.splice(0).map((one) => one.close()));
			await place.remove();
		});
		const everything = async () => {
			const found = new Map<string, string>();
			for (let from: string | undefined, begun = false; !begun || from !== undefined; begun = true) {
				const page = await keys.page(from);
				expect(page.keys.length).toBeLessThanOrEqual(2 * maxInPage);
				for (const { callId, wrapped } of page.keys) found.set(callId, wrapped);
				from = page.next;
			}
			return found;
		};

		test('[X1] a key that was never made is not found; one that was is, also after a new start', async () => {
			expect(await keys.find('twilio-1')).toBeUndefined();
			expect(await keys.keep('twilio-1', wrapped('one'))).toBe(wrapped('one'));
			expect(await keys.find('twilio-1')).toBe(wrapped('one'));
			expect(await (await open()).find('twilio-1')).toBe(wrapped('one'));
		});

		test('[X1] of nodes that make a call’s key at once the first wins, and the others get the first’s', async () => {
			const stores = [keys, await open(), await open()];
			for (let round = 0; round < 20; round++) {
				const call = `twilio-${round}`;
				const kept = await Promise.all(stores.map((store, node) => store.keep(call, wrapped(`${round} of ${node}`))));
				expect(new Set(kept).size).toBe(1);
				expect(await keys.find(call)).toBe(kept[0]);
			}
		});

		test('[X2] a destroyed key is found by nobody, and the call never gets another one', async () => {
			const other = await open();
			await keys.keep('twilio-1', wrapped('one'));
			await keys.keep('twilio-2', wrapped('two'));
			await keys.destroy('twilio-1');
			for (const store of [keys, other, await open()]) {
				expect(await store.find('twilio-1')).toBeUndefined();
				expect(await store.keep('twilio-1', wrapped('again'))).toBeUndefined();
				expect(await store.find('twilio-1')).toBeUndefined();
				expect(await store.find('twilio-2')).toBe(wrapped('two'));
			}
			expect(await keys.destroyed()).toBe(1);
		});

		test('[X2] destroying again changes nothing, and a call without a key is kept from ever having one', async () => {
			await keys.keep('twilio-1', wrapped('one'));
			for (const call of ['twilio-1', 'twilio-1', 'twilio-2']) await keys.destroy(call);
			expect(await keys.keep('twilio-2', wrapped('late'))).toBeUndefined();
			expect(await keys.destroyed()).toBe(2);
			expect([...(await everything()).keys()]).toEqual([]);
		});

		test('[X3] a key takes the place of what it was, and of nothing else', async () => {
			await keys.keep('twilio-1', wrapped('one'));
			await keys.keep('twilio-2', wrapped('two'));
			await keys.keep('twilio-3', wrapped('three'));
			await keys.destroy('twilio-3');
			const replaced = await keys.replace([
				{ callId: 'twilio-1', was: wrapped('one'), wrapped: wrapped('one anew') },
				{ callId: 'twilio-2', was: wrapped('another'), wrapped: wrapped('two anew') },
				{ callId: 'twilio-3', was: wrapped('three'), wrapped: wrapped('three anew') },
				{ callId: 'twilio-4', was: wrapped('four'), wrapped: wrapped('four anew') },
			]);
			expect(replaced).toBe(1);
			expect(await everything()).toEqual(
				new Map([
					['twilio-1', wrapped('one anew')],
					['twilio-2', wrapped('two')],
				]),
			);
			expect(await keys.replace([])).toBe(0);
			expect(await keys.find('twilio-3')).toBeUndefined();
		});

		test('[X3] every key comes in some page, also while others are made and destroyed', async () => {
			const calls = Array.from({ length: 2 * maxInPage + 3 }, (_, n) => `twilio-${n}`);
			await Promise.all(calls.map((call) => keys.keep(call, wrapped(call))));
			await keys.destroy('twilio-7');
			const first = await keys.page();
			await keys.keep('twilio-late', wrapped('late'));
			await keys.destroy('twilio-8');
			const found = await everything();
			for (const call of calls)
				if (call !== 'twilio-7' && call !== 'twilio-8') expect(found.get(call)).toBe(wrapped(call));
			expect(found.has('twilio-7') || found.has('twilio-8')).toBe(false);
			expect(first.next).toBeDefined();
		});

		test('[X2] of many keys, put in in no order, none that was destroyed lies on the disk any more', async () => {
			const calls = Array.from({ length: 600 }, (_, n) => `twilio-${(n * 7919) % 10_007}`);
			await Promise.all(calls.map((call) => keys.keep(call, wrapped(`key of ${call}.`))));
			const rewrapped = calls.slice(0, 100);
			await keys.replace(
				rewrapped.map((callId) => ({
					callId,
					was: wrapped(`key of ${callId}.`),
					wrapped: wrapped(`new key of ${callId}.`),
				})),
			);
			const gone = calls.filter((_, n) => n % 3 === 0);
			for (const call of gone) await keys.destroy(call);
			const isThere = (text: string) => place.holds(text);
			for (const call of gone)
				expect([await isThere(`key of ${call}.`), await isThere(`new key of ${call}.`)], call).toEqual([false, false]);
			expect(await isThere(`key of ${calls[301]}.`)).toBe(true);
		}, 60_000);
	});
}

/** As long as a real one, and all of one length. */
const wrapped = (text: string) => `1.abcdef01.${text}`.padEnd(107, '+');
