import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { listenPeer, livePeer } from '#tests/support/live-peer.ts';
import { spawned } from '#tests/support/spawned.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioPeer, UpgradeRefused } from '#tests/support/twilio-peer.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const authToken = 'drain-test-token';

async function server(drainSeconds: number) {
	const data = mkdtempSync(join(tmpdir(), 'ycord-drain-'));
	const people = join(data, 'people.json');
	const list = [
		{ id: 'ann', name: 'Ann', role: 'agent', team: 'Orders' },
		{ id: 'sue', name: 'Sue', role: 'supervisor', team: 'Orders' },
	];
	writeFileSync(people, JSON.stringify({ people: list }));
	const settings = ['--people', people, '--data', data, '--drain-seconds', String(drainSeconds)];
	const env = { PATH: process.env.PATH ?? '', YCORD_TWILIO_AUTH_TOKEN: authToken };
	const running = spawned([bin, 'start', '--port', '0', '--log-level', 'silent', ...settings], env);
	onTestFinished(() => {
		running.process.kill('SIGKILL');
		rmSync(data, { recursive: true, force: true });
	});
	let out = '';
	running.process.stdout.on('data', (text) => {
		out += text;
	});
	await running.says('on the line at');
	const address = /http:\S+/.exec(out)?.[0] ?? '';
	const made = await spawned([bin, 'link', 'sue', '--people', people, '--data', data], env).ended;
	const answer = await fetch(`${address}/api/sign-in`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ secret: made.out.trim().split('/').at(-1) }),
	});
	const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
	return { ...running, address, seat: { address, cookie, role: 'supervisor' as const } };
}

/** A call that is on, with a supervisor who hears it. */
async function callWithListener({ address, seat }: Awaited<ReturnType<typeof server>>) {
	const platform = await twilioPeer({ address, authToken, parameters: { agent: 'ann' } });
	platform.begin();
	await platform.settled();
	const callId = `twilio-${platform.callSid}`;
	const watcher = await livePeer(seat);
	await watcher.hello();
	await watcher.watch({ watch: 'b', view: 'board' });
	await watcher.call((call) => call.callId === callId);
	const listeningId = '00000000-0000-4000-8000-000000000001';
	await watcher.ask(callId, { type: 'join-call', listeningId });
	const listener = await listenPeer(seat, listeningId);
	await listener.begun();
	return { platform, listener, watcher };
}

const notReady = async (address: string) => {
	while ((await fetch(`${address}/readyz`)).status !== 503);
};

test('after SIGTERM a call that is on goes on, new ones are refused, and the end of the last lets the server leave', async () => {
	const running = await server(600);
	const { platform, listener, watcher } = await callWithListener(running);
	running.process.kill('SIGTERM');
	await notReady(running.address);
	const before = listener.heard.all.length;
	await platform.play({ inbound: tone(440, 200), outbound: tone(880, 200) });
	await listener.heard.when(() => listener.heard.all.length > before + 5);
	const late = await twilioPeer({ address: running.address, authToken, parameters: { agent: 'ann' } }).catch(
		(error) => {
			if (error instanceof UpgradeRefused) return undefined;
			throw error;
		},
	);
	late?.begin();
	if (late) expect((await late.closed).code).toBe(closeCodes.draining.code);
	await platform.stop();
	expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
	expect((await watcher.closed).code).toBe(closeCodes.draining.code);
	expect(await running.ended).toMatchObject({ code: 0, signal: null, err: '' });
});

test('a call that does not end in time is ended, on record, and everybody is told to come back', async () => {
	const running = await server(0);
	const { listener, watcher } = await callWithListener(running);
	running.process.kill('SIGTERM');
	expect((await watcher.call(({ at }) => at === 'ended')).endReason).toBe('server-stopped');
	expect([closeCodes.callEnded.code, closeCodes.draining.code]).toContain((await listener.closed).code);
	expect((await watcher.closed).code).toBe(closeCodes.draining.code);
	expect(await running.ended).toMatchObject({ code: 0, err: '' });
});
