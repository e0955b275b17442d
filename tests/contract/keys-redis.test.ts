import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisKeys } from '#server/keys/keys-redis.ts';
import { keysContract } from '#tests/contract/keys.contract.ts';
import { type TestRedis, testRedis } from '#tests/support/redis.ts';

let server: TestRedis;
let redis: Redis;
let sites = 0;
beforeAll(async () => {
	server = await testRedis();
	redis = new Redis(server.socket);
});
afterAll(async () => {
	await redis.quit();
	await server.remove();
});

/** Rewritten now, for a rewrite that was asked for while another ran was refused. */
async function rewritten() {
	for (;;) {
		const state = await redis.info('persistence');
		if (/aof_rewrite_in_progress:0/.test(state) && /aof_rewrite_scheduled:0/.test(state)) break;
		await redis.ping();
	}
}

keysContract('redis', async () => {
	const site = `site-${++sites}`;
	let isFresh = false;
	return {
		open: async () => redisKeys(redis, site),
		async holds(text) {
			if (!isFresh) {
				await rewritten();
				await redis.bgrewriteaof();
				await rewritten();
				isFresh = true;
			}
			return filesOf(server.folder).some((file) => readFileSync(file).includes(text));
		},
		async remove() {},
	};
});

test('[X2] what another client sees of a destroyed key in Redis is a tombstone, in one hash of the site', async () => {
	const keys = redisKeys(redis, 'seen');
	await keys.keep('twilio-1', 'the key of this call');
	await keys.keep('twilio-2', 'the key of that call');
	await keys.destroy('twilio-1');
	const other = await server.witness();
	expect(await other.hGetAll('ycord:{seen}:keys')).toEqual({
		'twilio-1': 'destroyed',
		'twilio-2': 'the key of that call',
	});
});

test('[X2] after a destroyed key the append-only file is rewritten, so that it goes from there too', async () => {
	const keys = redisKeys(redis, 'file');
	await rewritten();
	await keys.keep('twilio-1', 'the key that will be gone');
	const holds = () => filesOf(server.folder).some((file) => readFileSync(file).includes('the key that will be gone'));
	expect(holds()).toBe(true);
	await keys.destroy('twilio-1');
	await rewritten();
	expect(holds()).toBe(false);
});

test('a Redis that is gone is told by name, with the reason for the log', async () => {
	const gone = new Redis({ path: join(server.folder, 'nobody.sock'), lazyConnect: true, retryStrategy: () => null });
	gone.on('error', () => {});
	const keys = redisKeys(gone, 'gone');
	const refused = { code: 'journal.unavailable', cause: expect.any(String) };
	await expect(keys.find('twilio-1')).rejects.toMatchObject(refused);
	await expect(keys.destroy('twilio-1')).rejects.toMatchObject(refused);
});

const filesOf = (folder: string): string[] =>
	readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
