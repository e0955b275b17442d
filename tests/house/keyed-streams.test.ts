import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { type KeyedStreamPeerOptions, keyedStreamPeer } from '#tests/support/keyed-stream-peer.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { tone } from '#tests/support/tone.ts';

const formats: [string, Pick<KeyedStreamPeerOptions, 'platform' | 'format'>, string, number][] = [
	['Telnyx', { platform: 'telnyx', format: 'PCMU' }, 'pcmu', 8000],
	['Plivo', { platform: 'plivo', format: 'L16/16000' }, 'pcmu16', 16_000],
];
test.each(formats)(
	'a call of %s is heard as it came, each voice on its own leg [G1] [A1]',
	async (_name, of, codec, rate) => {
		const key = 'a-key-for-media-streams';
		const app = await openHouse({ YCORD_TELNYX_KEY: key, YCORD_PLIVO_KEY: key }, { clock: handClock() });
		const peer = await keyedStreamPeer({
			...of,
			address: app.address(),
			key,
			callId: uuidV7(),
			parameters: { agent: 'ann', label: 'Order' },
		});
		onTestFinished(() => peer.drop());
		const supervisor = await app.live('sue');
		await supervisor.watch({ watch: 'b', view: 'board' });
		const callId = `${of.platform}-${peer.callId}`;
		const there = new Promise<void>((resolve) => {
			app.sessions.onChange(({ session }) => session.callId === callId && resolve());
		});
		peer.begin();
		await there;
		const listeningId = uuidV7();
		expect(await supervisor.ask(callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
		const ear = await listenPeer(app.seat('sue'), listeningId);
		await ear.begun();

		const sound = { customer: tone(440, 1000, { rate }), agent: tone(880, 1000, { rate }) };
		await peer.play({ inbound: sound.customer, outbound: sound.agent });
		const soundOf = (leg: 'customer' | 'agent') =>
			Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
		// Of a leg that was never heard nobody waits: a listener may miss its first frame.
		const whole = sound.customer.length - rate / 50;
		await ear.heard.when(() => soundOf('customer').length >= whole && soundOf('agent').length >= whole);
		expect(new Set(ear.heard.all.map((one) => one.codec))).toEqual(new Set([codec]));
		for (const leg of ['customer', 'agent'] as const) {
			const heard = soundOf(leg);
			expect(Buffer.compare(heard, sound[leg].subarray(sound[leg].length - heard.length))).toBe(0);
		}
		expect(peer.received).toEqual([]);
		await peer.stop();
		expect(app.log()).not.toContain(key);
	},
);
