import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { house } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import { closeCodes, mayComeBack } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { rawUpgrade, upgradeRequest } from '#tests/support/raw-upgrade.ts';
import { listeningAt, shown, sittingIn, teamNote } from '#tests/support/sitting-in.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';

const must = async (answer: Promise<{ type: string }>) => expect(await answer).toMatchObject({ type: 'done' });

describe('the record, when the journal refuses for a while', () => {
	test('[L1] the end of a listening that could not be recorded is recorded later, and the seat is not lost', async () => {
		const { app, journal, clock, callId, listeningId, listener } = await sittingIn();
		journal.refuse('listening-stopped');
		listener.leave();
		await listener.closed;
		await app.live('eve');
		journal.refuse();
		const again = await listenPeer(app.seat('eve'), listeningId);
		await Promise.race([again.begun(), again.closed]);
		expect(again.told.all.map(({ type }) => type)).toEqual(['listening']);
		again.leave();
		await again.closed;
		clock.advance(10_000);
		await shown(app, () => listeningAt(app, callId, listeningId) === 'left');
	});
	test('a listening that cannot begin just now is hung up on with a code that means come back', async () => {
		const { app, journal, listeningId, listener } = await sittingIn();
		journal.refuse('listening-started');
		const again = await listenPeer(app.seat('eve'), listeningId);
		await listener.closed;
		expect(mayComeBack((await again.closed).code)).toBe(true);
	});
	test('[L1] the end of a call that could not be recorded is recorded later, and whoever listened is told', async () => {
		const { app, journal, clock, call, callId, listener } = await sittingIn();
		journal.refuse('call-ended');
		call.ended('hung-up');
		await app.live('sue');
		journal.refuse();
		clock.advance(30_000);
		await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
		expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
	});
	test('a call whose loss could not be recorded comes back all the same', async () => {
		const { app, journal, call, callId, listener } = await sittingIn();
		journal.refuse('call-lost');
		call.lost();
		await app.live('sue');
		journal.refuse();
		const restored = await startCall(app, { platformId: callId.replace('test-', '') });
		await app.live('sue');
		play(restored, 0, 10);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 5);
	});
	test('a call whose return could not be recorded ends, on record and for whoever listens', async () => {
		const { app, journal, clock, call, callId, listener } = await sittingIn();
		call.lost();
		await shown(app, () => app.sessions.get(callId)?.call.at === 'lost');
		journal.refuse('call-restored');
		startCall(app, { platformId: callId.replace('test-', '') }).catch(() => {});
		await app.live('sue');
		journal.refuse();
		clock.advance(30_000);
		expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
	});
});

test('[L1] a listening that begins while the house closes has its end on record too', async () => {
	const { app, journal, callId, listeningId, listener } = await sittingIn();
	listener.leave();
	await shown(app, () => listeningAt(app, callId, listeningId) === 'left');
	const go = journal.hold();
	const late = await listenPeer(app.seat('eve'), listeningId);
	const closing = app.close();
	go();
	await closing;
	expect([closeCodes.callEnded.code, closeCodes.draining.code]).toContain((await late.closed).code);
	const story = journal.story(callId);
	const count = (type: string) => story.filter((one) => one.startsWith(type)).length;
	expect(count('listening-stopped')).toBe(count('listening-started'));
	expect(story).toContain('call-ended: server-stopped');
});

describe('who may hear', () => {
	test('[S1] sound that comes before the listening is on record is on record too', async () => {
		const { app, journal, callId, listeningId, listener } = await sittingIn();
		listener.leave();
		await shown(app, () => listeningAt(app, callId, listeningId) === 'left');
		const go = journal.hold();
		const forger = await listenPeer(app.seat('eve'), listeningId);
		forger.socket.send(new Uint8Array(176));
		expect((await forger.closed).code).toBe(closeCodes.soundRefused.code);
		go();
		await must(app.live('sue').then((peer) => peer.ask(callId, teamNote('after'))));
		expect(journal.story(callId)).toContain('sound-refused');
	});
	test('[L1] a listening that ends while it begins is recorded with why it ended', async () => {
		const { app, journal, callId, listeningId, listener, supervisor } = await sittingIn();
		listener.leave();
		await shown(app, () => listeningAt(app, callId, listeningId) === 'left');
		const go = journal.hold();
		const first = await listenPeer(app.seat('eve'), listeningId);
		const second = await listenPeer(app.seat('eve'), listeningId);
		expect((await first.closed).code).toBe(closeCodes.replaced.code);
		go();
		await second.begun();
		await must(supervisor.ask(callId, teamNote('after')));
		expect(journal.story(callId).slice(-4)).toEqual([
			'listening-started',
			'listening-stopped: replaced',
			'listening-started',
			'note-written',
		]);
	});
	test('somebody whom a supervisor removed does not come back by an earlier invitation', async () => {
		const { app, callId, listeningId, listener, agent, executive, supervisor } = await sittingIn();
		listener.leave();
		await shown(app, () => listeningAt(app, callId, listeningId) === 'left');
		const second = await admit(agent, executive, callId);
		await must(supervisor.ask(callId, { type: 'remove-listener', listeningId: second }));
		const back = await listenPeer(app.seat('eve'), listeningId);
		await Promise.race([back.begun(), back.closed]);
		expect(back.told.all).toEqual([]);
	});
	test('nothing that is asked of one call ends a listening of another, even under the same id', async () => {
		const { app, call, callId, listeningId, listener } = await sittingIn();
		const other = await startCall(app, { agentId: 'abe' });
		const [abe, sid] = [await app.live('abe'), await app.live('sid')];
		const stolen = await sid.ask(other.callId, { type: 'join-call', listeningId });
		expect(stolen).toMatchObject({ refusal: { code: 'listening.not-now' } });
		// Past the live socket, which refuses the id.
		const person = app.people.find('sid');
		if (!person) throw new Error('nobody is called sid');
		await app.ask.person(person, other.callId, { type: 'join-call', listeningId });
		await must(sid.ask(other.callId, { type: 'remove-listener', listeningId }));
		other.ended('hung-up');
		await shown(app, () => app.sessions.get(other.callId)?.call.at === 'ended');
		await must(abe.ask(other.callId, teamNote('after')));
		expect(listeningAt(app, callId, listeningId)).toBe('listening');
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
	});
	test('an agent does not withdraw what a supervisor joined by own right', async () => {
		const { callId, agent, supervisor } = await sittingIn();
		const joined = { type: 'join-call', listeningId: uuidV7() } as const;
		await must(supervisor.ask(callId, joined));
		const answer = await agent.ask(callId, { type: 'withdraw-invitation', listeningId: joined.listeningId });
		expect(answer.type).toBe('refused');
	});
});

test('no secret gets into the log by an upgrade of a page’s address', async () => {
	const app = await openHouse({ YCORD_LOG_LEVEL: 'trace' });
	const secret = 'S'.repeat(43);
	const links = ['/enter/', '/listen/', '/line/', '/api/lines/', '/assets/', '/board/', '/healthz?', '/?'];
	for (const path of [...links.map((link) => `${link}${secret}`), '*', '/metrics', '/readyz']) {
		const socket = rawUpgrade(app.address(), path);
		const [answer] = await once(socket, 'data');
		expect(String(answer)).toContain('"code":"request.not-found"');
		socket.destroy();
	}
	expect(app.log()).not.toContain('SSSS');
});

test.each([
	['/sound/%', 'request.malformed'],
	[`/sound/${'x'.repeat(200)}`, 'request.not-found'],
])('an upgrade that cannot be routed leaves no connection behind: %s', async (path, code) => {
	const app = await openHouse();
	const left = new Set<Socket>();
	app.http.server.on('connection', (socket) => {
		left.add(socket);
		socket.on('close', () => left.delete(socket));
	});
	const socket = rawUpgrade(app.address(), path);
	const [answer] = await once(socket, 'data');
	expect(String(answer)).toMatch(/^HTTP\/1.1 4/);
	socket.end();
	// Whatever the house does about the connection by itself it has done when it has answered a few more requests.
	for (let n = 0; n < 5; n++) await fetch(`${app.address()}/healthz`);
	const here = [...left].filter(({ remotePort }) => remotePort === socket.localPort);
	for (const one of here) one.destroy();
	expect(here).toEqual([]);
	expect(String(answer)).toContain(`"code":"${code}"`);
});

test('an upgrade that comes while the house closes is refused, and does not keep it open', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const { cookie } = app.seat('ann');
	// Never answers a close, so that the house waits for it.
	const stubborn = rawUpgrade(app.address(), '/live?as=agent', `Cookie: ${cookie}\r\n`);
	const bytesOf = async (socket: Socket) => String((await once(socket, 'data'))[0]);
	expect(await bytesOf(stubborn)).toMatch(/^HTTP\/1.1 101/);
	// Connected before, or it would not get in at all.
	const late = connect(Number(new URL(app.address()).port), '127.0.0.1');
	await once(late, 'connect');
	const closed = app.close();
	await bytesOf(stubborn);
	late.write(upgradeRequest('/live?as=agent', `Cookie: ${cookie}\r\n`));
	expect(await bytesOf(late)).toMatch(/^HTTP\/1.1 503/);
	clock.advance(1000);
	await closed;
	late.destroy();
	stubborn.destroy();
});

test('a sign-in database that cannot be opened is told in one line, and nothing is left open', async () => {
	const { path, remove } = await temporaryFolder();
	await writeFile(`${path}/access.sqlite`, 'this is not a database, but long enough to be looked at by one'.repeat(20));
	const start = house(readConfig({ YCORD_DATA: path }, {}));
	await expect(start).rejects.toMatchObject({
		name: 'CannotStart',
		message: expect.stringMatching(
			/^The sign-in database .*access\.sqlite cannot be opened: file is not a database\.$/,
		),
	});
	await rm(`${path}/access.sqlite`);
	const app = await house(readConfig({ YCORD_DATA: path, YCORD_LOG_LEVEL: 'silent' }, {}));
	await app.close();
	await remove();
});
