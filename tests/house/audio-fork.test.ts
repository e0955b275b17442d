import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { frameBytes, rateOf } from '#shared/audio.ts';
import { audioForkPeer } from '#tests/support/audio-fork-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { tone } from '#tests/support/tone.ts';

test('a call of an audio fork is heard as it came, wideband, each voice on its own leg [G1] [A1] [A9]', async () => {
	const app = await openHouse({ YCORD_AUDIO_FORK_KEY: 'a-key-for-forks' }, { clock: handClock() });
	const fork = await audioForkPeer({
		address: app.address(),
		key: 'a-key-for-forks',
		rate: 16_000,
		metadata: { agent: 'ann', label: 'Order enquiry' },
	});
	onTestFinished(() => fork.drop());
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'b', view: 'board' });
	const callId = `audiofork-${fork.callSid}`;
	const there = new Promise<void>((resolve) => {
		app.sessions.onChange(({ session }) => session.callId === callId && resolve());
	});
	fork.begin();
	await there;
	const listeningId = uuidV7();
	expect(await supervisor.ask(callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();

	const rate = rateOf.pcmu16;
	const sound = { customer: tone(5000, 1000, { rate }), agent: tone(6000, 1000, { rate }) };
	// Cut anywhere, as no platform promises whole frames.
	await fork.play(sound.customer, sound.agent, { cuts: (message) => 1 + ((message * 997) % 2000) });
	const soundOf = (leg: 'customer' | 'agent') =>
		Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
	// Of a leg that was never heard nobody waits: a listener may miss its first frame.
	const whole = sound.customer.length - frameBytes('pcmu16');
	await ear.heard.when(() => soundOf('customer').length >= whole && soundOf('agent').length >= whole);
	expect(new Set(ear.heard.all.map(({ codec }) => codec))).toEqual(new Set(['pcmu16']));
	for (const leg of ['customer', 'agent'] as const) {
		const heard = soundOf(leg);
		expect(Buffer.compare(heard, sound[leg].subarray(sound[leg].length - heard.length))).toBe(0);
	}
	expect(fork.received).toEqual([]);
	await fork.stop();
	expect(app.log()).not.toMatch(/a-key-for-forks/);
});
