import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, house } from '#server/app.ts';
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
const beginCall = (app: House, callId: string) => {
	const facts = {
		gateway: 'test',
		rehearsal: false,
		label: 'Caller',
		agentId: 'ann',
		agentName: 'Ann',
		team: 'Orders',
	};
	const command = { type: 'start-call', facts: { ...facts, disclosure: 'notice' } } as const;
	return app.ask.house('gateway:test', callId, { of: 'call', command });
};
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

test('a second server from another data folder is kept off the site; the same one takes it back at once after a crash', async () => {
	const app = await house(config());
	const elsewhere = await temporaryFolder();
	await expect(house({ ...config(), data: elsewhere.path })).rejects.toMatchObject({
		name: 'CannotStart',
		message: expect.stringContaining('Another Ycord runs on the site north'),
	});
	// As a killed server leaves it: the lease is not given back.
	const witness = await redis.witness();
	const lease = await witness.get('ycord:{north}:server');
	await app.close();
	expect(await witness.get('ycord:{north}:server')).toBeNull();
	await witness.set('ycord:{north}:server', String(lease));
	const again = await house(config());
	await again.close();
	await elsewhere.remove();
});

test('[L3] [N1] notes lie sealed in Redis, are there after a restart, and an erased call’s are not', async () => {
	const marker = 'They wait for eleven minutes';
	const start = async () => {
		const app = await house(config());
		const who = { id: 'sue', name: 'Sue', role: 'supervisor', team: 'Orders' } as const;
		return { app, who };
	};
	const { app, who } = await start();
	await beginCall(app, 'test-1');
	await app.ask.person(who, 'test-1', {
		type: 'write-note',
		noteId: '0192f0c1-2b3c-7d4e-8f50-6172839405a6',
		kind: 'observation',
		lane: 'team',
		text: marker,
		anchorMs: 0,
	});
	await app.close();
	const witness = await redis.witness();
	const entries = JSON.stringify(await witness.xRange('ycord:{north}:journal', '-', '+'));
	expect(entries).toContain('note-written');
	expect(entries).not.toContain(marker);
	expect(Object.keys(await witness.hGetAll('ycord:{north}:keys'))).toContain('test-1');
	const { app: again } = await start();
	expect([...(again.sessions.get('test-1')?.notes ?? [])]).toMatchObject([{ text: marker }]);
	await again.close();
});

test('[V2] [V5] search and records work on a journal in Redis, by a view of this server’s own', async () => {
	const app = await house(config());
	const [ann, sue] = [
		{ id: 'ann', name: 'Ann', role: 'agent', team: 'Orders' },
		{ id: 'sue', name: 'Sue', role: 'supervisor', team: 'Orders' },
	] as const;
	await beginCall(app, 'test-2');
	const note = { type: 'write-note', kind: 'pinhole', anchorMs: 0 } as const;
	const ids = ['0192f0c1-2b3c-7d4e-8f50-6172839405a7', '0192f0c1-2b3c-7d4e-8f50-6172839405a8'] as const;
	await app.ask.person(sue, 'test-2', { ...note, noteId: ids[0], lane: 'team', text: 'Paperwork #late' });
	await app.ask.person(sue, 'test-2', { ...note, noteId: ids[1], lane: 'leadership', text: 'Papers for us' });
	await app.search.caughtUp();
	const found = async (who: typeof ann | typeof sue) =>
		(await app.search.find(who, { q: 'paper' })).notes.map(({ text }) => text);
	expect(await found(sue)).toEqual(['Papers for us', 'Paperwork #late']);
	expect(await found(ann)).toEqual(['Paperwork #late']);
	await app.close();
});
