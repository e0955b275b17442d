import { v4 as uuidV4, v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';

async function callWithListener() {
	// Frames are played at once, not in real time: so the clock stands still.
	const app = await openHouse({}, { clock: handClock() });
	const call = await startCall(app);
	const [agent, executive] = [await app.live('ann'), await app.live('eve')];
	await agent.watch({ watch: 'mine', view: 'mine' });
	const listeningId = await admit(agent, executive, call.callId);
	const listener = await listenPeer(app.seat('eve'), listeningId);
	await listener.begun();
	return { app, call, agent, executive, listeningId, listener };
}

describe('sitting in', () => {
	test('both legs reach the listener’s ear, byte for byte, and the agent sees who hears [C0] [G2]', async () => {
		const { call, agent, listener, listeningId } = await callWithListener();
		const seen = await agent.listening((one) => one.listeningId === listeningId && one.at === 'listening');
		expect(seen).toMatchObject({ personName: 'Eve Executive', personRole: 'executive' });
		play(call, 0, 10);
		const last = await listener.heard.when(({ parts }) => parts.customer?.[0] === 10);
		expect(last.parts.agent).toEqual(new Uint8Array(160).fill(110));
		expect(last.codec).toBe('pcmu');
	});

	test('[C1] not a sample is sent before the invitation is accepted', async () => {
		const app = await openHouse();
		const call = await startCall(app);
		const agent = await app.live('ann');
		const listeningId = uuidV7();
		await agent.ask(call.callId, { type: 'invite', listeningId, executiveId: 'eve' });
		const early = await listenPeer(app.seat('eve'), listeningId);
		play(call, 0, 5);
		expect((await early.closed).code).toBe(closeCodes.forbidden.code);
		expect(early.heard.all).toEqual([]);
	});

	test('[S1] a forged sound message closes the connection, reaches nobody and is on record', async () => {
		const { app, call, agent, listener, listeningId, executive } = await callWithListener();
		const other = await listenPeer(app.seat('sue'), await join(app, call.callId));
		await other.begun();
		listener.socket.send(new Uint8Array(336).fill(0x55));
		expect((await listener.closed).code).toBe(closeCodes.soundRefused.code);
		await agent.listening((one) => one.listeningId === listeningId && one.at === 'left');
		play(call, 0, 3);
		await other.heard.when(({ parts }) => parts.customer?.[0] === 3);
		for (const { parts } of other.heard.all)
			for (const bytes of Object.values(parts)) expect(bytes.includes(0x55)).toBe(false);
		expect(await metric(app.address(), 'ycord_events_total{type="sound-refused"}')).toBe(1);
		expect(executive.socket.readyState).toBe(executive.socket.OPEN);
	});

	test('[L1] what was heard is on record in milliseconds when the listener leaves', async () => {
		const { call, agent, listener, listeningId } = await callWithListener();
		play(call, 0, 50);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 50);
		listener.leave();
		const left = await agent.listening((one) => one.listeningId === listeningId && one.at === 'left');
		expect(left.lostMs).toBe(0);
		expect(left.audibleMs).toBeGreaterThanOrEqual(49 * 20);
		expect(left.audibleMs).toBeLessThanOrEqual(51 * 20);
	});

	test('[A8] opening the same listening again takes it over, as a reload does', async () => {
		const { app, call, listener, listeningId } = await callWithListener();
		const again = await listenPeer(app.seat('eve'), listeningId);
		expect((await listener.closed).code).toBe(closeCodes.replaced.code);
		await again.begun();
		play(call, 0, 3);
		await again.heard.when(({ parts }) => parts.customer?.[0] === 3);
	});

	test('the end of the call hangs every listener up by name', async () => {
		const { call, listener, executive } = await callWithListener();
		await executive.watch({ watch: 's', view: 'session', callId: call.callId });
		call.ended('hung-up');
		expect((await listener.closed).code).toBe(closeCodes.callEnded.code);
		expect(await executive.call(({ at }) => at === 'ended')).toMatchObject({ endReason: 'hung-up' });
	});

	test('a supervisor removes a listener: the sound stops, and they cannot come back to this call', async () => {
		const { app, call, listener, listeningId } = await callWithListener();
		const supervisor = await app.live('sue');
		const done = await supervisor.ask(call.callId, { type: 'remove-listener', listeningId });
		expect(done.type).toBe('done');
		expect((await listener.closed).code).toBe(closeCodes.removed.code);
		const back = await listenPeer(app.seat('eve'), listeningId);
		expect((await back.closed).code).toBe(closeCodes.removed.code);
	});

	test('[B2] a newcomer to a full house is refused by name, and those who listen notice nothing', async () => {
		const app = await openHouse({ YCORD_MAX_LISTENERS: '1' });
		const call = await startCall(app);
		const [agent, executive] = [await app.live('ann'), await app.live('eve')];
		const admitted = await admit(agent, executive, call.callId);
		const first = await listenPeer(app.seat('sue'), await join(app, call.callId));
		await first.begun();
		const newcomer = await listenPeer(app.seat('eve'), admitted);
		expect((await newcomer.closed).code).toBe(closeCodes.full.code);
		play(call, 0, 2);
		await first.heard.when(({ parts }) => parts.customer?.[0] === 2);
	});

	test('[B2] a node that can carry no more refuses newcomers by name; who listens is undisturbed, and may lose the network and come back', async () => {
		const node = { hasRoom: () => true, letIn() {} };
		const app = await openHouse({}, { room: node });
		const call = await startCall(app);
		const id = await join(app, call.callId);
		const first = await listenPeer(app.seat('sue'), id);
		await first.begun();
		const [agent, executive] = [await app.live('ann'), await app.live('eve')];
		const admitted = await admit(agent, executive, call.callId);
		node.hasRoom = () => false;
		const newcomer = await listenPeer(app.seat('eve'), admitted);
		expect((await newcomer.closed).code).toBe(closeCodes.full.code);
		expect(await metric(app.address(), 'ycord_refusals_total{code="listening.full"}')).toBe(1);
		play(call, 0, 2);
		await first.heard.when(({ parts }) => parts.customer?.[0] === 2);
		await agent.watch({ watch: 's', view: 'session', callId: call.callId });
		first.socket.terminate();
		await agent.listening((one) => one.listeningId === id && one.at === 'left');
		const back = await listenPeer(app.seat('sue'), id);
		await back.begun();
		play(call, 10, 12);
		await back.heard.when(({ parts }) => parts.customer?.[0] === 12);
	});

	test('[B2] a full node says so before anything is on record: nobody joins, and an invitation can be opened a little later', async () => {
		const node = { hasRoom: () => false, letIn() {} };
		const app = await openHouse({}, { room: node });
		const call = await startCall(app);
		const [supervisor, agent, executive] = [await app.live('sue'), await app.live('ann'), await app.live('eve')];
		const listenings = () => [...(app.sessions.get(call.callId)?.listenings.values() ?? [])].map(({ at }) => at);
		const full = { type: 'refused', refusal: { code: 'listening.full', retry: true } };
		expect(await supervisor.ask(call.callId, { type: 'join-call', listeningId: uuidV7() })).toMatchObject(full);
		expect(listenings()).toEqual([]);

		const listeningId = uuidV7();
		const invited = await agent.ask(call.callId, { type: 'invite', listeningId, executiveId: 'eve' });
		const path = (invited.type === 'done' && invited.result?.invitationPath) || '';
		const accept = () => executive.ask(call.callId, { type: 'accept-invitation', listeningId });
		const open = () =>
			fetch(`${app.address()}/api/invitations/open`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ secret: path.replace('/listen/', '') }),
			});
		expect(await accept()).toMatchObject(full);
		expect(await open()).toMatchObject({ status: 503 });
		expect(listenings()).toEqual(['invited']);
		node.hasRoom = () => true;
		expect(await open()).toMatchObject({ status: 200 });
	});

	test('[B2] the place of a lost listener is kept under the limit of all, too; of one who left it is free at once', async () => {
		const app = await openHouse({ YCORD_MAX_LISTENERS: '1' });
		const call = await startCall(app);
		const [agent, executive] = [await app.live('ann'), await app.live('eve')];
		const admitted = await admit(agent, executive, call.callId);
		const id = await join(app, call.callId);
		const first = await listenPeer(app.seat('sue'), id);
		await first.begun();
		await agent.watch({ watch: 's', view: 'session', callId: call.callId });
		first.socket.terminate();
		await agent.listening((one) => one.listeningId === id && one.at === 'left');
		const newcomer = await listenPeer(app.seat('eve'), admitted);
		expect((await newcomer.closed).code).toBe(closeCodes.full.code);
		const back = await listenPeer(app.seat('sue'), id);
		await back.begun();
		const gone = new Promise<void>((resolve) => {
			app.sessions.onChange(({ listening }) => listening?.listeningId === id && listening.at === 'left' && resolve());
		});
		back.leave();
		await gone;
		const next = await listenPeer(app.seat('eve'), admitted);
		await next.begun();
	});

	test('[A10] who chooses another form gets it on the same connection; nonsense ends it by name', async () => {
		const { call, listener } = await callWithListener();
		listener.socket.send(JSON.stringify({ type: 'choose-sound', sound: 'mixed' }));
		listener.socket.send(JSON.stringify({ type: 'ping', at: 1 }));
		await listener.pong();
		play(call, 0, 5);
		await listener.heard.when(({ parts }) => parts.mixed !== undefined && parts.customer === undefined);
		listener.socket.send(JSON.stringify({ type: 'choose-sound', sound: 'loud' }));
		expect((await listener.closed).code).toBe(closeCodes.malformed.code);
	});

	test('how much this node can carry and how much sound goes into a message is in its metrics', async () => {
		const { app } = await callWithListener();
		expect(await metric(app.address(), 'ycord_sound_interval_seconds')).toBe(0.02);
		for (const name of ['capacity_messages_per_second', 'headroom_listeners', 'event_loop_delay_seconds'])
			expect(await metric(app.address(), `ycord_${name}`)).toBeGreaterThanOrEqual(0);
		const ready = await (await fetch(`${app.address()}/readyz`)).json();
		expect(ready).toEqual({ ready: true, full: false });
	});

	test('[A11] a node may be told to send 40 ms at a time, and the header says so', async () => {
		const app = await openHouse({ YCORD_SOUND_INTERVAL: '40' }, { clock: handClock() });
		const call = await startCall(app);
		const listener = await listenPeer(app.seat('sue'), await join(app, call.callId));
		await listener.begun();
		play(call, 0, 9);
		const last = await listener.heard.when(({ parts }) => parts.customer?.includes(8) === true);
		expect(last.frames).toBe(2);
	});

	test('nobody hears what is not theirs: another’s listening, an unknown one, no sign-in', async () => {
		const { app, listeningId } = await callWithListener();
		for (const [seat, id, code] of [
			[app.seat('ed'), listeningId, closeCodes.unknown.code],
			[app.seat('eve'), uuidV4(), closeCodes.unknown.code],
			[{ ...app.seat('eve'), cookie: 'ycord-executive=forged' }, listeningId, closeCodes.signInNeeded.code],
		] as const) {
			const peer = await listenPeer(seat, id);
			expect((await peer.closed).code).toBe(code);
			expect(peer.heard.all).toEqual([]);
		}
	});

	test('[A6] a listener that talks, or pings too often, is hung up by name', async () => {
		const { app, call, listener } = await callWithListener();
		listener.socket.send('{"type":"unmute"}');
		expect((await listener.closed).code).toBe(closeCodes.malformed.code);
		const other = await listenPeer(app.seat('sue'), await join(app, call.callId));
		await other.begun();
		for (let n = 0; n < 30; n++) other.socket.send(JSON.stringify({ type: 'ping', at: n }));
		expect((await other.closed).code).toBe(closeCodes.tooMany.code);
	});
});

describe('protection', () => {
	test('[P1] from the moment it is confirmed nothing is heard, until it is ended', async () => {
		const { call, agent, listener, executive } = await callWithListener();
		await executive.watch({ watch: 's', view: 'session', callId: call.callId });
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		expect((await agent.ask(call.callId, { type: 'protect-call' })).type).toBe('done');
		const before = listener.heard.all.length;
		play(call, 3, 20);
		await executive.call((one) => one.protected);
		expect((await agent.ask(call.callId, { type: 'unprotect-call' })).type).toBe('done');
		play(call, 23, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 26);
		const marks = listener.heard.all.slice(before).map(({ parts }) => parts.customer?.[0] ?? 26);
		for (const mark of marks) expect(mark).toBeGreaterThanOrEqual(24);
	});
	test('[P1] a note with a card number is refused with the reason', async () => {
		const { app, call, agent } = await callWithListener();
		const note = { type: 'write-note', noteId: uuidV7(), kind: 'observation', lane: 'team', anchorMs: 0 } as const;
		for (const text of ['4111 1111 1111 1111', '٤١١١ ١١١١ ١١١١ ١١١١']) {
			const answer = await agent.ask(call.callId, { ...note, text });
			expect(answer).toMatchObject({ type: 'refused', refusal: { code: 'note.card-number', retry: false } });
			// Neither what is told nor what is logged or counted repeats it.
			const metrics = await (await fetch(`${app.address()}/metrics`)).text();
			expect(`${JSON.stringify(answer)}${app.log()}${metrics}`).not.toMatch(/4111|٤١١١/);
		}
	});
	test('[P2] an executive cannot end it, and it outlives a lost and restored call', async () => {
		const { app, call, agent, executive, listener } = await callWithListener();
		await agent.ask(call.callId, { type: 'protect-call' });
		const asked = await executive.ask(call.callId, { type: 'unprotect-call' });
		expect(asked).toMatchObject({ type: 'refused', refusal: { code: 'access.denied' } });
		call.lost();
		await agent.call(({ at }) => at === 'lost');
		const restored = await startCall(app, { platformId: call.callId.replace('test-', '') });
		await agent.call(({ at, protected: on, seq }) => at === 'live' && on && seq > 0);
		const before = listener.heard.all.length;
		play(restored, 0, 10);
		await agent.ask(call.callId, { type: 'unprotect-call' });
		play(restored, 10, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 13);
		for (const { parts } of listener.heard.all.slice(before)) expect(parts.customer?.[0] ?? 13).toBeGreaterThan(10);
	});
});

async function join(app: Awaited<ReturnType<typeof openHouse>>, callId: string): Promise<string> {
	const supervisor = await app.live('sue');
	const listeningId = uuidV4();
	const done = await supervisor.ask(callId, { type: 'join-call', listeningId });
	if (done.type !== 'done') throw new Error(JSON.stringify(done));
	return listeningId;
}

/** One figure of /metrics. */
async function metric(address: string, name: string): Promise<number> {
	const text = await (await fetch(`${address}/metrics`)).text();
	return Number(
		text
			.split('\n')
			.find((line) => line.startsWith(name))
			?.split(' ')
			.at(-1),
	);
}

describe('a call whose sound is lost', () => {
	test('says so, and is over if it does not come back in time', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const call = await startCall(app);
		const agent = await app.live('ann');
		await agent.watch({ watch: 'm', view: 'mine' });
		call.lost();
		await agent.call(({ at }) => at === 'lost');
		clock.advance(29_000);
		expect(app.intake.count()).toBe(1);
		clock.advance(1000);
		expect(await agent.call(({ at }) => at === 'ended')).toMatchObject({ endReason: 'lost' });
	});
	test('can still be hung up', async () => {
		const app = await openHouse();
		const call = await startCall(app);
		const agent = await app.live('ann');
		await agent.watch({ watch: 'm', view: 'mine' });
		call.lost();
		call.ended('hung-up');
		expect(await agent.call(({ at }) => at === 'ended')).toMatchObject({ endReason: 'hung-up' });
	});
	test('that came back is not ended by the hand that lost it', async () => {
		const app = await openHouse();
		const call = await startCall(app);
		call.lost();
		const restored = await startCall(app, { platformId: call.callId.replace('test-', '') });
		call.ended('hung-up');
		const agent = await app.live('ann');
		await agent.watch({ watch: 'm', view: 'mine' });
		restored.held();
		expect((await agent.call(({ at }) => at === 'held' || at === 'ended')).at).toBe('held');
	});
});
