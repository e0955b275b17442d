import { v7 as uuidV7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import { type Codec, frameMs, type Leg, rateOf } from '#shared/audio.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { tone } from '#tests/support/tone.ts';

const key = 'a-key-for-media-sockets';
const password = 'a-password-of-ari';
const customer = '1764000000.17';
const agent = '1764000003.18';

/** A house beside an Asterisk in which two talk, and what is said there. */
async function besideAsterisk(env: Record<string, string> = {}) {
	const clock = handClock();
	let uri = '';
	const peer = await asteriskPeer({ password, media: () => ({ uri, key }) });
	onTestFinished(() => peer.close());
	const app = await openHouse(
		{
			YCORD_LOG_LEVEL: 'debug',
			YCORD_ASTERISK_URL: peer.url,
			YCORD_ASTERISK_USER: 'ycord',
			YCORD_ASTERISK_PASSWORD: password,
			YCORD_ASTERISK_MEDIA_KEY: key,
			...env,
		},
		{ clock },
	);
	uri = `${app.address().replace('http', 'ws')}${asteriskMediaPath}`;
	for (const party of [customer, agent]) peer.party(party, 'their-call');
	await peer.when(() => peer.requests.some(({ path }) => path === '/bridges'));
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'b', view: 'board' });
	/** The dialplan tells of the call, and a supervisor hears it. */
	async function heard(fields: Record<string, string>) {
		peer.userEvent(customer, { agent_channel: agent, bridge: 'their-call', ...fields });
		const call = await supervisor.call(({ gateway }) => gateway === 'asterisk');
		const listeningId = uuidV7();
		expect(await supervisor.ask(call.callId, { type: 'join-call', listeningId })).toMatchObject({ type: 'done' });
		const ear = await listenPeer(app.seat('sue'), listeningId);
		await ear.begun();
		return { call, ear };
	}
	return { app, peer, clock, supervisor, heard };
}

const ways: [string, string, Codec][] = [
	['websocket', 'ulaw', 'pcmu'],
	['websocket', 'slin16', 'pcmu16'],
	['incoming', 'slin', 'pcmu'],
	['audiosocket', 'slin', 'pcmu'],
	['audiosocket', 'slin16', 'pcmu16'],
];

describe('a call in Asterisk', () => {
	test.each(ways)(
		'that comes by %s as %s is heard as it was spoken, and nobody there hears us [G1] [A1] [A9] [S3]',
		async (media, format, codec) => {
			const { app, peer, clock, heard } = await besideAsterisk({
				YCORD_ASTERISK_MEDIA: media,
				YCORD_ASTERISK_FORMAT: format,
				YCORD_ASTERISK_AUDIOSOCKET: '127.0.0.1:0',
			});
			const { call, ear } = await heard({ agent: 'ann', number: '+15550100477', queue: 'Orders' });
			expect(call).toMatchObject({
				agentName: 'Ann Agent',
				label: 'Caller …477',
				about: { from: '…477', queue: 'Orders' },
			});
			const rate = rateOf[codec];
			const size = (rate * frameMs) / 1000;
			// What no telephone carries, where the call is wide.
			const sound = { customer: tone(rate * 0.3, 1000, { rate }), agent: tone(rate * 0.4, 1000, { rate }) };
			const soundOf = (leg: Leg) => Buffer.concat(ear.heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
			for (let from = 0; from < sound.customer.length; from += size) {
				const hears = peer.tick({
					[customer]: sound.customer.subarray(from, from + size),
					[agent]: sound.agent.subarray(from, from + size),
				});
				expect([hears.get(customer), hears.get(agent)]).toEqual([[agent], [customer]]);
				// Of a leg that was never heard nobody waits: a listener may miss its first frame.
				await ear.heard.when(() => soundOf('customer').length >= from && soundOf('agent').length >= from);
				clock.advance(frameMs);
			}
			expect(new Set(ear.heard.all.map((one) => one.codec))).toEqual(new Set([codec]));
			for (const leg of ['customer', 'agent'] as const) {
				const all = soundOf(leg);
				expect(all.length).toBeGreaterThanOrEqual(sound[leg].length - size);
				expect(Buffer.compare(all, sound[leg].subarray(sound[leg].length - all.length))).toBe(0);
			}
			// Their bridge was never named.
			expect(peer.requests.filter(({ path }) => path.includes('their-call'))).toEqual([]);
			for (const socket of peer.mediaSockets) {
				socket.send('DTMF_END digit:5 channel_id:x');
				socket.send(JSON.stringify({ event: 'DTMF_END', digit: '5' }));
			}
			await peer.settled();
			peer.hangUp(customer);
			await shown(app, () => app.sessions.get(call.callId)?.call.at === 'ended');
			// What we made there is taken away.
			await peer.when(() => peer.channels.join() === agent && peer.bridges.length === 1);
			const secrets = peer.requests.flatMap(({ query }) => [
				query.get('data') ?? key,
				/leg=(\w+)/.exec(query.get('transport_data') ?? '')?.[1] ?? key,
			]);
			for (const secret of [...secrets, password, '15550100477', '0100477', 'DTMF', 'digit'])
				expect(app.log()).not.toContain(secret);
		},
	);

	test('goes to whom the administrator’s mapping says, by the dialplan’s own name for the agent', async () => {
		const { app, heard } = await besideAsterisk();
		const { cookie, role } = app.seat('adam');
		const mapped = await fetch(`${app.address()}/api/gateways/agents?as=${role}`, {
			method: 'POST',
			headers: { cookie, 'content-type': 'application/json' },
			body: JSON.stringify({ gateway: 'asterisk', name: 'PJSIP/2001', personId: 'ann' }),
		});
		expect(mapped.ok).toBe(true);
		const { call } = await heard({ agent: 'PJSIP/2001' });
		expect(call).toMatchObject({ agentName: 'Ann Agent' });
	});

	test('is on hold when the customer’s telephone says so, and live again', async () => {
		const { app, peer, heard } = await besideAsterisk({ YCORD_ASTERISK_AGENT: 'ann' });
		const { call } = await heard({});
		peer.tell({ type: 'ChannelHold', channel: { id: customer } });
		await shown(app, () => app.sessions.get(call.callId)?.call.at === 'held');
		peer.tell({ type: 'ChannelUnhold', channel: { id: customer } });
		await shown(app, () => app.sessions.get(call.callId)?.call.at === 'live');
	});

	test('of an agent nobody knows is refused, shown as that, and nothing of it is left in Asterisk', async () => {
		const { app, peer } = await besideAsterisk();
		peer.userEvent(customer, { agent: 'nobody of ours', agent_channel: agent });
		const desk = app.desk.all().find(({ entry }) => entry.name === 'asterisk');
		await peer.when(() => peer.requests.some(({ path }) => path.endsWith('/addChannel')));
		await peer.when(() => peer.channels.length === 2 && peer.bridges.length === 1);
		expect(desk?.refusals.map(({ why }) => why)).toEqual(['call.unknown-agent']);
		expect(app.log()).not.toContain('nobody of ours');
	});
});
