import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { frameBytes, rateOf } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { mixedLinear } from '#tests/support/l16-peer.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { onRecord } from '#tests/support/test-call.ts';
import { tone } from '#tests/support/tone.ts';
import { vonagePeer } from '#tests/support/vonage-peer.ts';

const key = 'a-key-for-vonage';

test('a Vonage call is heard as one sound, byte for byte, and everybody reads that it is not silent [S3] [G1] [G4] [A9]', async () => {
	const app = await openHouse({ YCORD_VONAGE_KEY: key, YCORD_ALLOW_AUDIBLE: 'true' }, { clock: handClock() });
	const platform = await vonagePeer({
		address: app.address(),
		key,
		headers: { agent: 'ann', queue: 'Orders', from: '+4930123456789' },
	});
	onTestFinished(() => platform.drop());
	const callId = `vonage-${platform.uuid}`;
	platform.begin();
	await onRecord(app, callId);
	const supervisor = await app.live('sue');
	const agent = await app.live('ann');
	const views = [
		await supervisor.watch({ watch: 'b', view: 'board' }),
		await agent.watch({ watch: 'm', view: 'mine' }),
	];
	const about = { queue: 'Orders', from: '…789' };
	for (const { calls } of views) expect(calls).toMatchObject([{ callId, audible: true, hears: 'mix', about }]);

	const listeningId = uuidV7();
	expect(await supervisor.ask(callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();
	const rate = rateOf.pcmu16;
	const voices = [tone(500, 1000, { rate }), tone(6000, 1000, { rate })] as const;
	await platform.play(...voices, { cuts: (message) => 1 + ((message * 997) % 2000) });
	const linear = mixedLinear(voices);
	const wanted = Uint8Array.from({ length: linear.length / 2 }, (_, at) => encodeUlaw(linear.readInt16LE(at * 2)));
	const heard = () => Buffer.concat(ear.heard.all.map(({ parts }) => parts.customer ?? new Uint8Array()));
	await ear.heard.when(() => heard().length >= wanted.length - frameBytes('pcmu16'));
	expect(Buffer.compare(heard(), wanted.subarray(wanted.length - heard().length))).toBe(0);
	expect(ear.heard.all.some(({ parts }) => parts.agent)).toBe(false);
	expect(platform.received).toEqual([]);
	platform.press('7');
	await platform.stop();
	expect(app.log()).not.toMatch(/a-key-for-vonage|dtmf|"7"/);
});

test('without the policy a Vonage call is turned away before it begins, and nothing is on record [S3] [G4]', async () => {
	const app = await openHouse({ YCORD_VONAGE_KEY: key }, { clock: handClock() });
	await expect(vonagePeer({ address: app.address(), key })).rejects.toMatchObject({
		status: 403,
		body: expect.stringContaining('gateway.audible'),
	});
	expect([...app.sessions.all()]).toEqual([]);
});
