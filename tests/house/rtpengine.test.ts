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
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { shown } from '#tests/support/sitting-in.ts';

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

	const size = frameBytes('pcmu');
	const random = randomNumbers(seedFor('sound through rtpengine'));
	const noise = () => Buffer.from(Array.from({ length: 50 * size }, () => random(256)));
	const sound = { customer: noise(), agent: noise() };
	const frameOf = (leg: 'customer' | 'agent', frame: number) => sound[leg].subarray(frame * size, (frame + 1) * size);
	const soundOf = (leg: 'customer' | 'agent') =>
		Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
	// Of a leg that was never heard nobody waits: first both are there.
	const quiet = new Uint8Array(size).fill(0xff);
	const areBeside = () => ear.heard.all.some(({ parts }) => parts.customer && parts.agent);
	let before = 0;
	for (; !areBeside(); before++) {
		await peer.play(quiet, quiet);
		clock.advance(frameMs);
	}
	// Frame by frame: what comes in one burst on two sockets is read in two bursts, and the hub waits 40 ms for a leg.
	const legs = ['customer', 'agent'] as const;
	for (let frame = 0; frame < 50; frame++) {
		await peer.play(frameOf('customer', frame), frameOf('agent', frame));
		const mayMiss = Math.max(0, frame - 2);
		await ear.heard.when(() => legs.every((leg) => soundOf(leg).includes(sound[leg].subarray(0, mayMiss * size))));
		clock.advance(frameMs);
	}
	const isWhole = (leg: (typeof legs)[number]) => soundOf(leg).includes(sound[leg]);
	while (!legs.every(isWhole)) {
		await peer.play(quiet, quiet);
		clock.advance(frameMs);
	}
	// And each phone heard the other, as if nobody listened.
	expect(Buffer.concat(peer.agent.heard).indexOf(sound.customer)).toBe(before * size);
	expect(Buffer.concat(peer.customer.heard).indexOf(sound.agent)).toBe(before * size);
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
