import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { linkProxy } from '#tests/support/link-proxy.ts';
import { seedFor } from '#tests/support/seed.ts';

test('a bad link brings everything both ways, in order and late, and goes away when it is closed', async () => {
	const weather = { baseMs: 5, jitterMs: 5, stallShare: 0.2, stallMs: 20, outage: { atMs: 0, forMs: 200 } };
	const server = createServer(async (request, response) => {
		for await (const part of request) response.write(part);
		for (let n = 0; n < 50; n++) response.write(`${n} ${'x'.repeat(50_000)} `);
		response.end('over');
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	onTestFinished(() => void server.close());
	const link = await linkProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, weather, seedFor('link'));
	const beganMs = performance.now();
	const answer = await fetch(link.address, { method: 'POST', body: 'first ', headers: { connection: 'close' } });
	const words = (await answer.text()).split(' ').filter((word) => !word.startsWith('x'));
	expect(words).toEqual(['first', ...Array.from({ length: 50 }, (_, n) => String(n)), 'over']);
	expect(performance.now() - beganMs).toBeGreaterThan(150);
	await link.close();
	await expect(fetch(link.address)).rejects.toThrow();
});
