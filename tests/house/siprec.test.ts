import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { frameBytes, frameMs } from '#shared/audio.ts';
import { handClock } from '#tests/support/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { siprecPeer } from '#tests/support/siprec-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { tone } from '#tests/support/tone.ts';

test('a recorded call is heard as it came, held while it is held, and can only be listened to [G1] [A1]', async () => {
	const clock = handClock();
	const range = await freeRtpRange(4);
	const app = await openHouse(
		{
			YCORD_SIPREC_SOURCES: '127.0.0.1',
			YCORD_SIPREC_PORT: '0',
			YCORD_SIPREC_AGENTS: '@pbx\\.example\\.com$',
			YCORD_RTP_PORTS: `${range.from}-${range.to}`,
		},
		{ clock },
	);
	const desk = app.desk.all().find(({ entry }) => entry.name === 'siprec');
	const port = Number(/:(\d+)$/.exec(desk?.entry.addresses()[0]?.address ?? '')?.[1]);
	const recorder = await siprecPeer({ port, over: 'tcp' });
	onTestFinished(() => recorder.close());
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'b', view: 'board' });
	expect((await recorder.invite()).status).toBe(200);
	const call = await supervisor.call(({ gateway }) => gateway === 'siprec');
	expect(call).toMatchObject({
		agentName: 'Ann Agent',
		label: 'Caller …477',
		about: { from: '…477', to: 'ann' },
		abilities: [],
		cannot: expect.stringContaining('SIPREC brings sound only'),
	});
	const listeningId = uuidV7();
	expect(await supervisor.ask(call.callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();
	const sound = { customer: tone(440, 1000), agent: tone(880, 1000) };
	const soundOf = (leg: 'customer' | 'agent') =>
		Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
	// Frame by frame: what comes in one burst on two sockets is read in two bursts, and the hub waits 40 ms for a leg.
	for (let from = 0; from < sound.customer.length; from += frameBytes('pcmu')) {
		const until = from + frameBytes('pcmu');
		await recorder.play(sound.customer.subarray(from, until), sound.agent.subarray(from, until));
		clock.advance(frameMs);
		// Of a leg that was never heard nobody waits: a listener may miss its first frame.
		await ear.heard.when(() => soundOf('customer').length >= from && soundOf('agent').length >= from);
	}
	for (const leg of ['customer', 'agent'] as const) {
		const heard = soundOf(leg);
		expect(Buffer.compare(heard, sound[leg].subarray(sound[leg].length - heard.length))).toBe(0);
	}
	await recorder.again('INVITE', 'inactive');
	await shown(app, () => app.sessions.get(call.callId)?.call.at === 'held');
	await recorder.bye();
	await shown(app, () => app.sessions.get(call.callId)?.call.at === 'ended');
	expect(desk?.lastContactMs).toBeDefined();
	expect(app.log()).not.toMatch(/15550100477/);
});
