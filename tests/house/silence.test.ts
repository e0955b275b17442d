import { v4 as uuidV4 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { lineCodec, rateOf } from '#shared/audio.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse, twilioToken } from '#tests/support/house.ts';
import { houseLine } from '#tests/support/house-line.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

/** Who listens while the call goes on, and what becomes of them in the middle of it. */
const audiences = {
	nobody: { count: 0, kill: false, forge: false },
	'one listener': { count: 1, kill: false, forge: false },
	'five listeners': { count: 5, kill: false, forge: false },
	'one who is killed': { count: 1, kill: true, forge: false },
	'five, of whom all forge sound': { count: 5, kill: false, forge: true },
} as const;
type Audience = (typeof audiences)[keyof typeof audiences];

/** Seats listeners on a call; gives back what happens to them midway. */
async function seat(app: TestHouse, callId: string, { count, kill, forge }: Audience) {
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'board', view: 'board' });
	await supervisor.call((call) => call.callId === callId);
	const listeners: Awaited<ReturnType<typeof listenPeer>>[] = [];
	for (let n = 0; n < count; n++) {
		const listeningId = uuidV4();
		await supervisor.ask(callId, { type: 'join-call', listeningId });
		const listener = await listenPeer(app.seat('sue'), listeningId);
		await listener.begun();
		listeners.push(listener);
	}
	return async () => {
		for (const listener of listeners) {
			if (forge) listener.socket.send(new Uint8Array(180).fill(0x11));
			if (kill) listener.kill();
			if (forge || kill) await listener.closed;
		}
	};
}

describe('[S3] whoever listens, comes or goes, the gateway sees the same messages', () => {
	const wire = async (audience: Audience) => {
		const app = await openHouse({}, { clock: handClock() });
		const platform = await twilioPeer({ address: app.address(), authToken: twilioToken, parameters: { agent: 'ann' } });
		platform.begin();
		await platform.settled();
		const midway = await seat(app, `twilio-${platform.callSid}`, audience);
		const sound = { inbound: tone(440, 1000), outbound: tone(880, 1000) };
		await platform.play(sound);
		await platform.settled();
		await midway();
		await platform.play(sound);
		await platform.settled();
		await platform.stop();
		return { received: platform.received, closed: (await platform.closed).code };
	};
	test('Twilio: nothing is ever sent on its socket [S2]', async () => {
		for (const audience of Object.values(audiences))
			expect(await wire(audience)).toEqual({ received: [], closed: 1000 });
	});

	const line = async (audience: Audience) => {
		const app = await openHouse({}, { clock: handClock() });
		const { callId, agent, customer } = await houseLine(app);
		const midway = await seat(app, callId, audience);
		const talk = async () => {
			await customer.talk(tone(440, 200, { rate: rateOf[lineCodec] }));
			await customer.settled();
			await agent.talk(tone(880, 200, { rate: rateOf[lineCodec] }));
			await agent.settled();
		};
		await talk();
		await midway();
		await talk();
		agent.send({ type: 'hang-up' });
		const codes = [(await agent.closed).code, (await customer.closed).code];
		const plain = (received: { data: Buffer; isBinary: boolean }[]) =>
			received.map(({ data, isBinary }) =>
				isBinary ? data.toString('hex') : String(data).replaceAll(callId, 'the call'),
			);
		return { agent: plain(agent.received), customer: plain(customer.received), codes };
	};
	test('the browser line: both ends get the same, byte for byte', async () => {
		const alone = await line(audiences.nobody);
		expect(alone.agent.length).toBeGreaterThan(20);
		for (const audience of Object.values(audiences)) expect(await line(audience)).toEqual(alone);
	});
});
