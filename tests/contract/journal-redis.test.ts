import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { redisJournal } from '#server/journal/journal-redis.ts';
import { journalContract } from '#tests/contract/journal.contract.ts';
import { type TestRedis, testRedis, testRedisCluster } from '#tests/support/redis.ts';

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
