import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { house } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import { type TestRedis, testRedis } from '#tests/support/redis.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

let redis: TestRedis;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
	redis = await testRedis({ appendfsync: 'everysec' });
	folder = await temporaryFolder();
});
afterEach(async () => {
	await folder.remove();
	await redis.remove();
});
const config = () => readConfig({ YCORD_REDIS: redis.url, YCORD_SITE: 'north', YCORD_DATA: folder.path }, {});

test('[N1] a server with YCORD_REDIS keeps its journal there, is ready, and logs what an outage can lose', async () => {
	let logged = '';
	const logTo = new Writable({
		write(chunk, _, done) {
			logged += chunk;
			done();
		},
	});
	const app = await house(config(), { logTo });
	expect((await app.http.inject('/readyz')).statusCode).toBe(200);
	expect(logged).toContain('appendfsync everysec');
	const witness = await redis.witness();
	expect(await witness.get('ycord:{north}:id')).toMatch(/^[0-9a-f-]{36}$/);
	await app.close();
});

test('a server whose Redis could lose the journal does not start, and says what mends it', async () => {
	await (await redis.witness()).configSet('appendonly', 'no');
	await expect(house(config())).rejects.toMatchObject({
		name: 'CannotStart',
		message: expect.stringContaining('redis-cli CONFIG SET appendonly yes'),
	});
});
