import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import type { InvitationOpened } from '#shared/rest.ts';
import { listenPeer, livePeer, type Seat } from '#tests/support/live-peer.ts';
import { spawned } from '#tests/support/spawned.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const env = { PATH: process.env.PATH ?? '' };

function folder() {
	const place = mkdtempSync(join(tmpdir(), 'ycord-start-'));
	onTestFinished(() => rmSync(place, { recursive: true, force: true }));
	return place;
}

/** Starts a demo and reads its links. */
async function demo(data: string) {
	const running = spawned([bin, 'start', '--demo', '--port', '0', '--data', data], env);
	onTestFinished(() => void running.process.kill('SIGKILL'));
	let out = '';
	running.process.stdout.on('data', (text) => {
		out += text;
	});
	await running.says('Ctrl-C to hang up.');
	const links = Object.fromEntries(
		[...out.matchAll(/^ +(Agent|Executive|Supervisor|Administrator) +(http\S+)$/gm)].map(([, who, url]) => [
			who,
			new URL(url ?? ''),
		]),
	) as Record<'Agent' | 'Executive' | 'Supervisor' | 'Administrator', URL>;
	return { ...running, links, address: links.Agent.origin };
}

async function post(address: string, path: string, secret: string) {
	const answer = await fetch(`${address}${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ secret }),
	});
	expect(answer.status).toBe(200);
	return { body: await answer.json(), cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}
const secretOf = (link: URL) => link.pathname.split('/').at(-1) ?? '';

test('a first start prints a link for each role that signs in; the executive’s is heard; Ctrl-C ends cleanly; a second start keeps the notes', async () => {
	const data = folder();
	const first = await demo(data);
	const { address, links } = first;
	const opened = await post(address, '/api/invitations/open', secretOf(links.Executive));
	const { listeningId, callId } = opened.body as InvitationOpened;
	const executive: Seat = { address, cookie: opened.cookie, role: 'executive' };
	const listener = await listenPeer(executive, listeningId);
	await listener.heard.when(({ parts }) => parts.customer !== undefined && parts.agent !== undefined);

	const supervisor = await post(address, '/api/sign-in', secretOf(links.Supervisor));
	expect(supervisor.body).toMatchObject({ person: { role: 'supervisor' }, demo: true });
	const agent = await post(address, '/api/sign-in', secretOf(links.Agent));
	expect(agent.body).toMatchObject({ person: { role: 'agent' } });
	const administrator = await post(address, '/api/sign-in', secretOf(links.Administrator));
	expect(administrator.body).toMatchObject({ person: { role: 'administrator' } });

	const writer = await livePeer(executive);
	await writer.hello();
	const done = await writer.ask(callId, {
		type: 'write-note',
		noteId: uuidV7(),
		kind: 'pinhole',
		lane: 'team',
		text: 'Kept over a restart',
		anchorMs: 0,
	});
	expect(done.type).toBe('done');
	first.process.kill('SIGINT');
	expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
	expect((await writer.closed).code).toBe(closeCodes.draining.code);
	expect(await first.ended).toMatchObject({ code: 0, signal: null, err: '' });

	const second = await demo(data);
	const reader = await post(second.address, '/api/sign-in', secretOf(second.links.Agent));
	const peer = await livePeer({ address: second.address, cookie: reader.cookie, role: 'agent' });
	await peer.hello();
	await peer.watch({ watch: 's', view: 'session', callId });
	expect(await peer.note(() => true)).toMatchObject({ text: 'Kept over a restart', kind: 'pinhole' });
	second.process.kill('SIGINT');
	expect(await second.ended).toMatchObject({ code: 0, err: '' });
});

test('a killed server’s call is known to have ended when it starts again, and its listening too [K1] [L1]', async () => {
	const data = folder();
	const first = await demo(data);
	const opened = await post(first.address, '/api/invitations/open', secretOf(first.links.Executive));
	const { listeningId, callId } = opened.body as InvitationOpened;
	const listener = await listenPeer({ address: first.address, cookie: opened.cookie, role: 'executive' }, listeningId);
	await listener.begun();
	first.process.kill('SIGKILL');
	await first.ended;
	const second = await demo(data);
	const reader = await post(second.address, '/api/sign-in', secretOf(second.links.Agent));
	const peer = await livePeer({ address: second.address, cookie: reader.cookie, role: 'agent' });
	await peer.hello();
	const view = await peer.watch({ watch: 's', view: 'session', callId });
	expect(view.calls[0]).toMatchObject({ at: 'ended', endReason: 'server-stopped' });
	expect(view.listenings.find((one) => one.listeningId === listeningId)?.at).toBe('left');
	second.process.kill('SIGINT');
	await second.ended;
});

test('with people of your own: a link by hand signs in once, and SIGTERM leaves in good order', async () => {
	const data = folder();
	const people = join(data, 'people.json');
	const dana = { id: 'dana', name: 'Dana', role: 'agent', team: 'Orders' };
	writeFileSync(people, JSON.stringify({ people: [dana] }));
	const settings = ['--people', people, '--data', data];
	const server = spawned([bin, 'start', '--port', '0', '--log-level', 'silent', ...settings], env);
	onTestFinished(() => void server.process.kill('SIGKILL'));
	let out = '';
	server.process.stdout.on('data', (text) => {
		out += text;
	});
	await server.says('on the line at');
	const address = /http:\S+/.exec(out)?.[0] ?? '';
	const made = await spawned([bin, 'link', 'dana', ...settings], env).ended;
	const secret = secretOf(new URL(made.out.trim()));
	const { body } = await post(address, '/api/sign-in', secret);
	expect(body).toMatchObject({ person: dana, demo: false });
	const again = await fetch(`${address}/api/sign-in`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ secret }),
	});
	expect(again.status).toBe(401);
	server.process.kill('SIGTERM');
	expect(await server.ended).toMatchObject({ code: 0, err: '' });
});
