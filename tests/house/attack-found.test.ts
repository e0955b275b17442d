import { once } from 'node:events';
import { connect } from 'node:net';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { SessionCommand } from '#shared/call.ts';
import { closeCodes, mayComeBack } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { listenPeer, livePeer } from '#tests/support/live-peer.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';

const join = (listeningId = uuidV7()) => ({ type: 'join-call', listeningId }) as const;
const note = (text: string) =>
	({ type: 'write-note', noteId: uuidV7(), kind: 'observation', lane: 'team', text, anchorMs: 0 }) as const;

/** Resolves when the views show what is wished for. */
const shown = (app: TestHouse, isSo: () => boolean) =>
	new Promise<void>((resolve) => {
		if (isSo()) return resolve();
		const stop = app.sessions.onChange(() => {
			if (!isSo()) return;
			stop();
			resolve();
		});
	});
const stateOf = (app: TestHouse, callId: string, listeningId: string) =>
	app.sessions.get(callId)?.listenings.get(listeningId)?.at;

async function listening(env: Record<string, string> = {}) {
	const journal = await stubbornJournal();
	const clock = handClock();
	const app = await openHouse(env, { journal, clock });
	const call = await startCall(app);
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	const listeningId = await admit(agent, executive, call.callId);
	const listener = await listenPeer(app.seat('eve'), listeningId);
	await listener.begun();
	return { app, journal, clock, call, callId: call.callId, agent, executive, supervisor, listeningId, listener };
}
const must = async (answer: Promise<{ type: string }>) => expect(await answer).toMatchObject({ type: 'done' });

describe('protection', () => {
	test('[P1] what was said while protected does not leave when the protection ends: a frame that waited for the other leg', async () => {
		const { app, call, callId, agent, listener } = await listening();
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		await must(agent.ask(callId, { type: 'protect-call' }));
		call.sound('customer', new Uint8Array(160).fill(77), 3 * 160);
		call.sound('customer', new Uint8Array(160).fill(77), 4 * 160);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 5, 5);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 8);
		expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
		expect(app.hub.calls).toBe(1);
	});
	test('[P1] what was said while protected does not leave when it arrives late, after the protection has ended', async () => {
		const { clock, call, callId, agent, listener } = await listening();
		for (let frame = 0; frame < 10; frame++) {
			play(call, frame, 1);
			clock.advance(20);
		}
		await must(agent.ask(callId, { type: 'protect-call' }));
		// Two seconds in which the customer speaks, and the network keeps it to itself.
		clock.advance(2000);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		for (let frame = 10; frame < 110; frame++)
			for (const leg of ['customer', 'agent'] as const) call.sound(leg, new Uint8Array(160).fill(77), frame * 160);
		for (let frame = 110; frame < 120; frame++) {
			play(call, frame, 1);
			clock.advance(20);
		}
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 1 + (118 % 100));
		expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
	});
	test('[A3] a protected stretch is a pause of the call, not sound this listener lost', async () => {
		const { call, callId, agent, listener } = await listening();
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		await must(agent.ask(callId, { type: 'protect-call' }));
		play(call, 3, 10);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 13, 10);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 20);
		const numbers = listener.heard.all.map(({ sequence }) => sequence);
		expect(numbers).toEqual(numbers.map((_, place) => (numbers[0] ?? 0) + place));
	});
});

describe('the record, when the journal refuses for a while', () => {
	test('[L1] the end of a listening that could not be recorded is recorded later, and the seat is not lost', async () => {
		const { app, journal, clock, callId, listeningId, listener } = await listening();
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
		await shown(app, () => stateOf(app, callId, listeningId) === 'left');
	});
	test('a listening that cannot begin just now is hung up on with a code that means come back', async () => {
		const { app, journal, listeningId, listener } = await listening();
		journal.refuse('listening-started');
		const again = await listenPeer(app.seat('eve'), listeningId);
		await listener.closed;
		expect(mayComeBack((await again.closed).code)).toBe(true);
	});
	test('[L1] the end of a call that could not be recorded is recorded later, and whoever listened is told', async () => {
		const { app, journal, clock, call, callId, listener } = await listening();
		journal.refuse('call-ended');
		call.ended('hung-up');
		await app.live('sue');
		journal.refuse();
		clock.advance(30_000);
		await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
		expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
	});
	test('a call whose loss could not be recorded comes back all the same', async () => {
		const { app, journal, call, callId, listener } = await listening();
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
		const { app, journal, clock, call, callId, listener } = await listening();
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

describe('who may hear', () => {
	test('[S1] sound that comes before the listening is on record is on record too', async () => {
		const { app, journal, callId, listeningId, listener } = await listening();
		listener.leave();
		await shown(app, () => stateOf(app, callId, listeningId) === 'left');
		const go = journal.hold();
		const forger = await listenPeer(app.seat('eve'), listeningId);
		forger.socket.send(new Uint8Array(176));
		expect((await forger.closed).code).toBe(closeCodes.soundRefused.code);
		go();
		await must(app.live('sue').then((peer) => peer.ask(callId, note('after'))));
		expect(await journal.story(callId)).toContain('sound-refused');
	});
	test('[L1] a listening that ends while it begins is recorded with why it ended', async () => {
		const { app, journal, callId, listeningId, listener, supervisor } = await listening();
		listener.leave();
		await shown(app, () => stateOf(app, callId, listeningId) === 'left');
		const go = journal.hold();
		const first = await listenPeer(app.seat('eve'), listeningId);
		const second = await listenPeer(app.seat('eve'), listeningId);
		expect((await first.closed).code).toBe(closeCodes.replaced.code);
		go();
		await second.begun();
		await must(supervisor.ask(callId, note('after')));
		expect((await journal.story(callId)).slice(-4)).toEqual([
			'listening-started',
			'listening-stopped: replaced',
			'listening-started',
			'note-written',
		]);
	});
	test('somebody whom a supervisor removed does not come back by an earlier invitation', async () => {
		const { app, callId, listeningId, listener, agent, executive, supervisor } = await listening();
		listener.leave();
		await shown(app, () => stateOf(app, callId, listeningId) === 'left');
		const second = await admit(agent, executive, callId);
		await must(supervisor.ask(callId, { type: 'remove-listener', listeningId: second }));
		const back = await listenPeer(app.seat('eve'), listeningId);
		await Promise.race([back.begun(), back.closed]);
		expect(back.told.all).toEqual([]);
	});
	test('an agent does not withdraw what a supervisor joined by own right', async () => {
		const { callId, agent, supervisor } = await listening();
		const joined = join();
		await must(supervisor.ask(callId, joined));
		const answer = await agent.ask(callId, { type: 'withdraw-invitation', listeningId: joined.listeningId });
		expect(answer.type).toBe('refused');
	});
	test('whoever is signed out, or whose session has run out, hears and sees nothing more', async () => {
		const { app, clock, listener, executive } = await listening();
		app.access.endSessions('eve');
		const beat = () => {
			clock.advance(10_000);
			for (const { socket } of [listener, executive]) socket.send('{"type":"ping","at":1}');
		};
		beat();
		beat();
		expect((await listener.closed).code).toBe(closeCodes.signInNeeded.code);
		expect((await executive.closed).code).toBe(closeCodes.signInNeeded.code);
	});
});

describe('views', () => {
	test('[N5] [W3] whoever was shut out while away is told when back', async () => {
		const { app, callId, agent } = await listening();
		const listeningId = uuidV7();
		const away = await app.live('ed');
		await must(agent.ask(callId, { type: 'invite', listeningId, executiveId: 'ed' }));
		const { seq } = await away.watch({ watch: 'm', view: 'mine' });
		away.kill();
		await must(agent.ask(callId, { type: 'withdraw-invitation', listeningId }));
		const back = await app.live('ed');
		const view = await back.watch({ watch: 'm', view: 'mine', after: seq });
		expect(view.listenings.map(({ listeningId: id, at }) => [id, at])).toEqual([[listeningId, 'withdrawn']]);
	});
	test('[N5] whoever is invited again sees what was written meanwhile, without opening the page anew', async () => {
		const { callId, agent, executive, supervisor, listeningId } = await listening();
		await executive.watch({ watch: 's', view: 'session', callId });
		await must(supervisor.ask(callId, { type: 'remove-listener', listeningId }));
		await must(agent.ask(callId, note('while you were out')));
		await admit(agent, executive, callId);
		await must(agent.ask(callId, note('after')));
		await executive.note(({ text }) => text === 'after');
		const texts = executive.views().flatMap(({ notes }) => notes.map(({ text }) => text));
		expect(texts).toEqual(['while you were out', 'after']);
	});
	test('[W1] a ping before hello closes the connection', async () => {
		const { app } = await listening();
		const rude = await livePeer(app.seat('eve'));
		rude.say({ type: 'ping', at: 1 });
		await Promise.race([rude.closed, rude.told.when(() => true)]);
		expect(rude.told.all).toEqual([]);
	});
	test('[W8] a ping that is wrong inside is refused, and the connection goes on', async () => {
		const { executive } = await listening();
		executive.say({ type: 'ping', at: 'noon' });
		executive.say({ type: 'ping', at: 5 });
		await Promise.race([executive.closed, executive.told.when((one) => one.type === 'pong')]);
		expect(executive.told.all.slice(-2).map(({ type }) => type)).toEqual(['refused', 'pong']);
	});
	test('[W8] a watch that is refused because it is malformed is named in the refusal', async () => {
		const { executive } = await listening();
		executive.say({ type: 'watch', watch: 'mine', view: 'mine', after: -1 });
		const refused = await executive.told.when((one) => one.type === 'refused');
		expect(refused).toMatchObject({ watch: 'mine', refusal: { code: 'request.malformed' } });
	});
	test('a note that is answered as done is shown: a session that is shown no more takes none', async () => {
		const { app, call, callId, supervisor } = await listening();
		call.ended('hung-up');
		await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
		for (let n = 0; n < 501; n++) (await startCall(app)).ended('hung-up');
		await shown(app, () => app.sessions.get(callId) === undefined);
		expect(await supervisor.ask(callId, note('late'))).toMatchObject({ refusal: { code: 'call.unknown' } });
	});
});

describe('[B1] what one client can pile up', () => {
	test('asks on one session that the journal has no time for are refused by name', async () => {
		const { app, journal, callId } = await listening();
		const go = journal.hold();
		const peers = await Promise.all(Array.from({ length: 30 }, () => app.live('sue')));
		const answers = peers.flatMap((peer) => Array.from({ length: 50 }, () => peer.ask(callId, note('flood'))));
		const first = await Promise.race([...answers, app.live('ann').then(() => undefined)]);
		go();
		const codes = (await Promise.all(answers)).map((one) => (one.type === 'refused' ? one.refusal.code : one.type));
		expect(first === undefined || first.type === 'refused').toBe(true);
		expect(codes).toContain('request.too-many');
	});
	test('listenings of one session have a limit', async () => {
		const { app, callId } = await listening();
		const codes = new Set<string>();
		for (let n = 0; n < 1100 && codes.size < 2; n++) {
			try {
				await app.ask.person(app.people.find('sue') ?? never(), callId, join());
				codes.add('done');
			} catch (error) {
				codes.add((error as { code: string }).code);
			}
		}
		expect([...codes]).toEqual(['done', 'listening.too-many']);
	});
});
const never = (): never => {
	throw new Error('nobody');
};

describe('the HTTP door', () => {
	/** An upgrade request by hand, for what no WebSocket client sends. */
	function upgrade(app: TestHouse, path: string) {
		const socket = connect(Number(new URL(app.address()).port), '127.0.0.1');
		socket.on('error', () => {});
		socket.resume();
		socket.write(
			`GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
		);
		return socket;
	}
	test.each(['/sound/%', `/sound/${'x'.repeat(200)}`])(
		'an upgrade that cannot be routed leaves no connection behind: %.12s',
		async (path) => {
			const app = await openHouse();
			const left = new Set<import('node:net').Socket>();
			app.http.server.on('connection', (socket) => {
				left.add(socket);
				socket.on('close', () => left.delete(socket));
			});
			const socket = upgrade(app, path);
			const [answer] = await once(socket, 'data');
			expect(String(answer)).toMatch(/^HTTP\/1.1 4/);
			socket.end();
			// Whatever the house does on its own about the connection it has done when it has answered twice more.
			for (let n = 0; n < 5; n++) await fetch(`${app.address()}/healthz`);
			const here = [...left].filter(({ remotePort }) => remotePort === socket.localPort);
			for (const one of here) one.destroy();
			expect(here).toEqual([]);
			expect(String(answer)).toContain('"code":"request.malformed"');
		},
	);
	test('no secret gets into the log by an upgrade of a page’s address', async () => {
		const app = await openHouse({ YCORD_LOG_LEVEL: 'trace' });
		for (const path of ['/enter/', '/listen/', '/line/', '/api/lines/']) {
			const socket = upgrade(app, `${path}${'S'.repeat(43)}`);
			await once(socket, 'data');
			socket.destroy();
		}
		expect(app.log()).not.toContain('SSSS');
	});
});
export type { SessionCommand };
