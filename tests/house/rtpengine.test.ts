import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { ng } from '#server/telephony/rtpengine/ng.ts';
import { frameBytes, frameMs } from '#shared/audio.ts';
import { handClock } from '#tests/support/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { playedThrough } from '#tests/support/gateway-test-call.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { realRtpengine } from '#tests/support/real-rtpengine.ts';
import { rtpenginePeer } from '#tests/support/rtpengine-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { tone } from '#tests/support/tone.ts';

test('a call through rtpengine is heard as it came, with the phones none the wiser, and ends when the proxy says so [G1] [A1] [S3]', async () => {
	const clock = handClock();
	const engine = await realRtpengine();
	onTestFinished(() => engine.kill());
	const range = await freeRtpRange(4);
	const app = await openHouse(
		{
			YCORD_RTPENGINE: `${engine.ng.host}:${engine.ng.port}`,
			YCORD_RTPENGINE_KEY: 'a-key-for-the-proxy',
			YCORD_RTPENGINE_AGENT: 'ann',
			YCORD_RTP_PORTS: `${range.from}-${range.to}`,
		},
		{ clock },
	);
	const desk = app.desk.all().find(({ entry }) => entry.name === 'rtpengine');
	const peer = await rtpenginePeer({
		address: app.address(),
		key: 'a-key-for-the-proxy',
		ng: engine.ng,
		says: { from: '+15550100477', queue: 'Orders' },
	});
	onTestFinished(() => peer.close());
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'b', view: 'board' });
	const answer = await peer.announce();
	const { callId } = (await answer.json()) as { callId: string };
	expect([answer.status, answer.headers.get('content-type')]).toEqual([201, expect.stringContaining('json')]);
	const call = await supervisor.call(({ gateway }) => gateway === 'rtpengine');
	expect(call).toMatchObject({
		callId,
		agentName: 'Ann Agent',
		label: 'Caller …477',
		about: { from: '…477', queue: 'Orders' },
		cannot: expect.stringContaining('rtpengine brings sound only'),
	});
	const listeningId = uuidV7();
	expect(await supervisor.ask(callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();

	const sound = { customer: tone(440, 1000), agent: tone(880, 1000) };
	const soundOf = (leg: 'customer' | 'agent') =>
		Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
	// Frame by frame: what comes in one burst on two sockets is read in two bursts, and the hub waits 40 ms for a leg.
	for (let from = 0; from < sound.customer.length; from += frameBytes('pcmu')) {
		const until = from + frameBytes('pcmu');
		await peer.play(sound.customer.subarray(from, until), sound.agent.subarray(from, until));
		// Of a leg that was never heard nobody waits: a listener may miss its first frame.
		await ear.heard.when(() => soundOf('customer').length >= from && soundOf('agent').length >= from);
		clock.advance(frameMs);
	}
	const hasEnded = (leg: 'customer' | 'agent') => {
		const heard = soundOf(leg);
		const last = sound[leg].subarray(-frameBytes('pcmu'));
		return heard.length >= sound[leg].length - last.length && heard.subarray(-last.length).equals(last);
	};
	await ear.heard.when(() => hasEnded('customer') && hasEnded('agent'));
	for (const leg of ['customer', 'agent'] as const) {
		const heard = soundOf(leg);
		expect(Buffer.compare(heard, sound[leg].subarray(sound[leg].length - heard.length))).toBe(0);
	}
	expect(Buffer.compare(Buffer.concat(peer.agent.heard), sound.customer)).toBe(0);
	expect(Buffer.compare(Buffer.concat(peer.customer.heard), sound.agent)).toBe(0);
	await peer.hangUp();
	await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
	expect(desk?.lastContactMs).toBeDefined();
	expect(app.log()).not.toMatch(/15550100477|a-key-for-the-proxy/);
	expect(app.log()).not.toContain(peer.callId);
});

test('a test call runs through the real rtpengine and back, and leaves nothing in it', async () => {
	const clock = handClock();
	const engine = await realRtpengine();
	onTestFinished(() => engine.kill());
	const range = await freeRtpRange(4);
	const app = await openHouse(
		{
			YCORD_RTPENGINE: `${engine.ng.host}:${engine.ng.port}`,
			YCORD_RTPENGINE_KEY: 'a-key-for-the-proxy',
			YCORD_RTP_PORTS: `${range.from}-${range.to}`,
		},
		{ clock },
	);
	const { cookie, role } = app.seat('adam');
	const asked = fetch(`${app.address()}/api/gateways/rtpengine/test-call?as=${role}`, {
		method: 'POST',
		headers: { cookie, 'content-type': 'application/json' },
		body: '{}',
	});
	const answer = await playedThrough(app, clock, asked);
	expect(await answer.json()).toMatchObject({ passed: true, order: 'right', sentMs: 3000, heardMs: 3000 });
	expect([...app.sessions.all()]).toEqual([]);
	const control = ng(engine.ng, machineClock());
	onTestFinished(() => control.close());
	const { calls } = (await control.ask({ command: 'list', limit: '10' })) as { calls?: unknown };
	expect(calls).toEqual([]);
});
