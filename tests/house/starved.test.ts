import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openHouse } from '#tests/support/house.ts';

test('[B1] one agent’s browser lines leave room for the lines of others', async () => {
	const app = await openHouse();
	const open = async (personId: string, cookie: string) => {
		const headers = { 'content-type': 'application/json', cookie };
		const body = JSON.stringify({ label: `Line of ${personId}` });
		return (await fetch(`${app.address()}/api/lines?as=agent`, { method: 'POST', headers, body })).status;
	};
	const [ann, abe] = [app.seat('ann').cookie, app.seat('abe').cookie];
	for (let n = 0; n < 500; n++) await open('ann', ann);
	expect(await open('abe', abe)).toBe(200);
});

/** A port that was free a moment ago: what the server says on standard output cannot be read here. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return port;
}

async function answers(child: ChildProcess, url: string): Promise<number> {
	const ended = once(child, 'exit').then(() => 'ended' as const);
	for (;;) {
		const answer = fetch(url, { signal: AbortSignal.timeout(1000) }).then(
			({ status }) => status,
			() => undefined,
		);
		const outcome = await Promise.race([answer, ended]);
		if (outcome === 'ended') throw new Error('the server has ended');
		if (outcome !== undefined) return outcome;
	}
}

test('a server whose standard output is on a full disk loses lines of its log, not its calls', async () => {
	const data = mkdtempSync(join(tmpdir(), 'ycord-full-'));
	const port = await freePort();
	const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
	const child = spawn(process.execPath, [bin, 'start', '--port', String(port), '--data', data], {
		env: { PATH: process.env.PATH, YCORD_LOG_LEVEL: 'debug' },
		stdio: ['ignore', openSync('/dev/full', 'w'), 'ignore'],
	});
	onTestFinished(() => {
		child.kill('SIGKILL');
		rmSync(data, { recursive: true, force: true });
	});
	// Each answer is a line of the log.
	for (let n = 0; n < 20; n++) expect(await answers(child, `http://127.0.0.1:${port}/healthz`)).toBe(200);
});
