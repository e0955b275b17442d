import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { redisJournal } from '#server/journal/journal-redis.ts';
import { journalContract } from '#tests/contract/journal.contract.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { type TestRedis, testRedis, testRedisCluster, type Witness } from '#tests/support/redis.ts';

for (const [kind, start] of [
	['redis', testRedis],
	['redis cluster', testRedisCluster],
] as const) {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await start();
	});
	afterAll(() => redis.remove());

	journalContract(kind, async () => {
		const site = randomUUID();
		return {
			open: async () => (await redisJournal(redis.url, { site, clock: machineClock() })).engine,
			remove: async () => {},
		};
	});
}

describe('what a redis journal leaves in Redis', () => {
	let redis: TestRedis;
	let witness: Witness;
	const opened: JournalEngine[] = [];
	const open = async (site = 'north') => {
		const { engine } = await redisJournal(redis.url, { site, clock: machineClock() });
		opened.push(engine);
		return engine;
	};
	beforeEach(async () => {
		redis = await testRedis();
		witness = await redis.witness();
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((one) => one.close()));
		await redis.remove();
	});
	const held = { type: 'call-held', typeVersion: 1, body: '{"type":"call-held"}' };

	test('[J4] [J5] events are a stream in order, each call’s positions a list, and nothing else is there', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entriesOf([held, held], 'eva', 1.5));
		await journal.append('twilio-2', 0, entriesOf([held], 'ina', 2));
		expect((await witness.keys('*')).sort()).toEqual([
			'ycord:{north}:id',
			'ycord:{north}:journal',
			'ycord:{north}:stream:twilio-1',
			'ycord:{north}:stream:twilio-2',
		]);
		expect(await witness.get('ycord:{north}:id')).toBe(journal.id);
		expect(await witness.lRange('ycord:{north}:stream:twilio-1', 0, -1)).toEqual(['1', '2']);
		expect(await witness.lRange('ycord:{north}:stream:twilio-2', 0, -1)).toEqual(['3']);
		const entries = (await witness.xRange('ycord:{north}:journal', '-', '+')) ?? [];
		expect(entries.map(({ id }) => id)).toEqual(['1-0', '2-0', '3-0']);
		expect(JSON.parse(String(entries[1]?.message.about))).toEqual({
			stream: 'twilio-1',
			version: 2,
			by: 'eva',
			atMs: 1.5,
			type: 'call-held',
			typeVersion: 1,
		});
		expect(entries[1]?.message.body).toBe(held.body);
		expect(entries[0]?.message.token).toBe(entries[1]?.message.token);
		expect(entries[2]?.message.token).not.toBe(entries[1]?.message.token);
	});

	test('[J4] nothing of it expires or is ever trimmed', async () => {
		const journal = await open();
		await Promise.all(
			Array.from({ length: 3000 }, (_, n) => journal.append(`twilio-${n}`, 0, entriesOf([held], 'eva', 1))),
		);
		expect(await witness.xLen('ycord:{north}:journal')).toBe(3000);
		for (const key of ['ycord:{north}:id', 'ycord:{north}:journal', 'ycord:{north}:stream:twilio-7'])
			expect(await witness.ttl(key)).toBe(-1);
	});

	test('sites on one Redis know nothing of each other', async () => {
		const [north, south] = [await open('north'), await open('south')];
		await north.append('twilio-1', 0, entriesOf([held], 'eva', 1));
		expect(south.id).not.toBe(north.id);
		expect(await south.read('twilio-1')).toEqual([]);
		expect(await south.last()).toBe(0);
	});

	test('[J2] [J3] servers of one site race for every place in a call, and each follows all of it without gap', async () => {
		const nodes = [await open(), await open(), await open()];
		const followed = nodes.map(async (node) => {
			const records: RecordedText[] = [];
			for await (const one of node.follow(0, new AbortController().signal))
				if (records.push(one) === 300) return records;
			return records;
		});
		for (let version = 0; version < 300; version++) {
			const outcomes = await Promise.allSettled(
				nodes.map((node, at) => node.append('twilio-1', version, entriesOf([held], `node ${at}`, 1))),
			);
			expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
		}
		const [first, ...others] = await Promise.all(followed);
		expect(first?.map(({ seq, version }) => [seq, version])).toEqual(
			Array.from({ length: 300 }, (_, index) => [index + 1, index + 1]),
		);
		for (const other of others) expect(other).toEqual(first);
	});
});
