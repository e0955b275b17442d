import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { frameBytes } from '#shared/audio.ts';
import { type AudiohookPeerOptions, audiohookPeer } from '#tests/support/audiohook-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { onRecord } from '#tests/support/test-call.ts';
import { tone } from '#tests/support/tone.ts';

const [key, secret] = ['a-key-for-hooks', Buffer.from('a secret for hooks').toString('base64')];

async function houseWithHook() {
	const clock = handClock();
	const app = await openHouse(
		{ YCORD_AUDIOHOOK_KEY: key, YCORD_AUDIOHOOK_SECRET: secret, YCORD_AUDIOHOOK_TRANSFER: 'Transfer → Ycord survey' },
		{ clock },
	);
	const common = { address: app.address(), key, secret, now: clock.now, customConfig: { agent: 'ann' } };
	const peer = async (options: Partial<AudiohookPeerOptions> = {}) => {
		const one = await audiohookPeer({ ...common, ...options });
		onTestFinished(() => one.drop());
		await one.begin();
		return one;
	};
	const monitor = await peer();
	const callId = `audiohook-${monitor.conversationId}`;
	await onRecord(app, callId);
	return { app, clock, peer, monitor, callId };
}

test('a Genesys call is heard as it came, each voice on its own leg, and nothing goes back [G1] [A1] [S3]', async () => {
	const { app, monitor, callId } = await houseWithHook();
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'b', view: 'board' });
	const listeningId = uuidV7();
	expect(await supervisor.ask(callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();

	const sound = { customer: tone(440, 1000), agent: tone(880, 1000) };
	await monitor.play(sound.customer, sound.agent, { cuts: (message) => 1 + ((message * 997) % 2000) });
	const soundOf = (leg: 'customer' | 'agent') =>
		Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
	// Of a leg that was never heard nobody waits: a listener may miss its first frame.
	const whole = sound.customer.length - frameBytes('pcmu');
	await ear.heard.when(() => soundOf('customer').length >= whole && soundOf('agent').length >= whole);
	for (const leg of ['customer', 'agent'] as const) {
		const heard = soundOf(leg);
		expect(Buffer.compare(heard, sound[leg].subarray(sound[leg].length - heard.length))).toBe(0);
	}
	expect(app.sessions.get(callId)?.call).toMatchObject({
		about: { from: '…234', to: '…789' },
		abilities: ['survey', 'returnToAgent'],
		agentMust: 'In Genesys, press Transfer → Ycord survey',
	});
	expect([monitor.received, monitor.wrong]).toEqual([[], []]);
	await monitor.hangUp();
	await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
	expect(app.log()).not.toMatch(/a-key-for-hooks|555-|John Doe/);
	expect(app.log()).not.toContain(secret);
});

test('Genesys pauses a call, and it is protected until Genesys goes on [P1]', async () => {
	const { app, monitor, callId } = await houseWithHook();
	monitor.pause();
	await shown(app, () => app.sessions.get(callId)?.call.protected === true);
	monitor.resume();
	await shown(app, () => app.sessions.get(callId)?.call.protected === false);
});

test('an executive speaks on the Audio Connector from take to release; keys that are pressed are in no log [S2]', async () => {
	const { app, peer, monitor, callId } = await houseWithHook();
	const control = app.intake.control(callId);
	const taking = control?.take?.({ agent: 'muted', shownAs: 'a leader' }, () => {});
	const connector = await peer({ kind: 'connector', conversationId: monitor.conversationId });
	const voice = await taking;
	const spoken = tone(660, 200);
	for (let at = 0; at < spoken.length; at += 160) voice?.say(spoken.subarray(at, at + 160));
	connector.say('dtmf', { digit: 'D' });
	await connector.ping();
	expect(connector.received).toEqual([Buffer.from(spoken)]);
	expect(await control?.release?.('queue')).toBe('agent');
	expect([connector.wrong, monitor.received, monitor.wrong]).toEqual([[], [], []]);
	expect(app.log()).not.toMatch(/"digit"|dtmf/);
});
