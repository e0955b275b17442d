import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { audiohookDoor, secondKey } from '#tests/support/audiohook-door.ts';
import type { AudiohookPeerOptions } from '#tests/support/audiohook-peer.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';
import type { UpgradeRefused } from '#tests/support/twilio-peer.ts';

const answer = (trying: Promise<unknown>) =>
	trying.then(
		() => ({ status: 101, body: '' }),
		({ status, body }: UpgradeRefused) => ({ status, body }),
	);
const none = '00000000-0000-0000-0000-000000000000';
const media = (format: string, ...channels: string[]) => [{ type: 'audio', format, channels, rate: 8000 }];

describe('the door for Genesys', () => {
	test('opens to either key, each with its own secret', async () => {
		const { opened, intake } = await audiohookDoor();
		await opened();
		await opened(secondKey);
		expect(intake.calls).toHaveLength(2);
	});

	const wrong: [string, Partial<AudiohookPeerOptions>][] = [
		['an unknown key', { key: 'unknown' }],
		['a wrong secret', { secret: 'd3Jvbmc=' }],
		['no signature', { secret: '' }],
		['a signature for another host', { authority: 'example.com' }],
		['another session than was signed', { headers: { 'audiohook-session-id': none } }],
		['a signature of an hour ago', { now: () => 0 }],
		['no key', { headers: { 'x-api-key': undefined } }],
	];
	test('gives the same answer after the same time, whatever was wrong', async () => {
		const { peer, clock, intake, refused } = await audiohookDoor();
		const answers: { status: number; body: string }[] = [];
		for (const [, options] of wrong) {
			const alarms = clock.alarms;
			let isAnswered = false;
			const trying = answer(peer(options)).then((one) => {
				isAnswered = true;
				return one;
			});
			while (clock.alarms === alarms) await new Promise((resolve) => setImmediate(resolve));
			clock.advance(499);
			for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
			expect(isAnswered).toBe(false);
			clock.advance(1);
			answers.push(await trying);
		}
		expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
		expect(answers.map(({ status }) => status)).toEqual(wrong.map(() => 401));
		expect([intake.calls, refused]).toEqual([[], wrong.map(() => 'access.unproven')]);
	});

	test('takes a signature once', async () => {
		const { peer, opened, clock } = await audiohookDoor();
		const { headers } = await opened();
		const alarms = clock.alarms;
		const again = answer(peer({ headers }));
		while (clock.alarms === alarms) await new Promise((resolve) => setImmediate(resolve));
		clock.advance(500);
		expect(await again).toMatchObject({ status: 401 });
	});

	test('is not there where no key is set, and no Audio Connector where none was set up', async () => {
		const { peer } = await audiohookDoor({ keys: [] });
		expect(await answer(peer())).toMatchObject({ status: 404 });
		const without = await audiohookDoor({ transfer: '' });
		expect(await answer(without.peer({ kind: 'connector' }))).toMatchObject({ status: 404 });
		await without.opened();
		expect(without.intake.calls[0]?.incoming.control).toMatchObject({ abilities: [], cannot: expect.any(String) });
	});

	test('takes who does not sign by a key without a secret', async () => {
		const { opened, intake } = await audiohookDoor({ keys: [{ key: 'plain', secret: '' }] });
		await opened({ key: 'plain', secret: '' });
		expect(intake.calls).toHaveLength(1);
	});
});

describe('a monitor session', () => {
	test('goes its whole way: opened, pongs, closed; and not a byte of sound comes back [S3]', async () => {
		const { opened, intake } = await audiohookDoor();
		const peer = await opened({ language: 'en-GB', customConfig: { agent: 'ann', queue: 'Orders', label: 'Order' } });
		await peer.play(tone(440, 400), tone(880, 400));
		await peer.ping();
		peer.say('update', { language: 'de' });
		peer.say('error', { code: 503, message: 'busy' });
		peer.say('something-new', { from: 'next year' });
		await peer.ping();
		await peer.hangUp();
		expect(peer.said.map(({ type }) => type)).toEqual(['opened', 'pong', 'pong', 'closed']);
		expect(await peer.closed).toMatchObject({ code: 1000, asked: undefined });
		expect([peer.wrong, peer.received, intake.calls[0]?.told]).toEqual([[], [], ['ended hung-up']]);
		expect(intake.calls[0]?.incoming).toMatchObject({
			platformId: peer.conversationId,
			label: 'Order',
			about: { queue: 'Orders', from: '+1-555-555-1234', to: '+1-800-555-6789', language: 'en-GB' },
		});
	});

	test('of a connection probe is a whole exchange, and no call', async () => {
		const { opened, intake, refused } = await audiohookDoor();
		const peer = await opened({ conversationId: none, participantId: none, ani: '', dnis: '', customConfig: {} });
		await peer.ping();
		await peer.hangUp();
		expect(peer.said.map(({ type }) => type)).toEqual(['opened', 'pong', 'closed']);
		expect([intake.calls, refused]).toEqual([[], []]);
	});

	test('that is paused by Genesys protects the call until Genesys resumes it; what was thrown away keeps its place [P1]', async () => {
		const { opened, intake, clock } = await audiohookDoor();
		const peer = await opened();
		await peer.play(tone(440, 200), tone(880, 200));
		peer.pause();
		peer.pause();
		await peer.settled();
		expect(intake.calls[0]?.told).toEqual(['paused']);
		clock.advance(5000);
		peer.resume(5 * 8000);
		peer.resume();
		await peer.play(tone(440, 20), tone(880, 20));
		peer.discard(800);
		await peer.play(tone(440, 20), tone(880, 20));
		await peer.settled();
		expect(intake.calls[0]?.told).toEqual(['paused', 'unpaused']);
		const places = intake.calls[0]?.pieces.filter(({ leg }) => leg === 'customer').map(({ at }) => at);
		expect(places?.slice(-2)).toEqual([41_600, 42_560]);
	});

	test('any split into messages and any pattern of what is thrown away gives the same samples at the same places', async () => {
		const { opened, intake, clock } = await audiohookDoor();
		const seed = seedFor('audiohook split');
		const random = randomNumbers(seed);
		for (let run = 0; run < 20; run++) {
			const format = random(2) === 0 ? 'PCMU' : 'L16';
			const channels = random(2) === 0 ? ['external', 'internal'] : ['internal', 'external'];
			const peer = await opened({ media: media(format, ...channels) });
			const [customer, agent] = [tone(440, 900), tone(880, 900)];
			const expected = { customer: new Uint8Array(7200).fill(0xff), agent: new Uint8Array(7200).fill(0xff) };
			for (let at = 0; at < 7200; ) {
				const samples = Math.min(1 + random(1500), 7200 - at);
				if (random(4) === 0 && at > 0) peer.discard(samples);
				else {
					expected.customer.set(customer.subarray(at, at + samples), at);
					expected.agent.set(agent.subarray(at, at + samples), at);
					await peer.play(customer.subarray(at, at + samples), agent.subarray(at, at + samples), {
						cuts: () => 1 + random(700),
					});
				}
				at += samples;
			}
			await peer.settled();
			clock.advance(20);
			const call = intake.calls.at(-1);
			for (const leg of ['customer', 'agent'] as const) {
				const heard = call?.heard(leg) as Uint8Array;
				expect(Buffer.compare(heard, expected[leg].subarray(0, heard.length)), `run ${run}`).toBe(0);
			}
			await peer.hangUp();
		}
	});

	test.each([
		['the customer alone', media('PCMU', 'external'), ['customer']],
		['the agent alone', media('L16', 'internal'), ['agent']],
		['the agent first', media('PCMU', 'internal', 'external'), ['agent', 'customer']],
	])('brings %s as it is offered', async (_what, offered, legs) => {
		const { opened, intake } = await audiohookDoor();
		const peer = await opened({ media: offered });
		await peer.play(tone(440, 200), tone(880, 200));
		await peer.settled();
		expect([peer.chosen, intake.calls[0]?.incoming.legs]).toEqual([offered[0], legs]);
	});

	test('without anything to hear is no call, and is closed in order', async () => {
		const { opened, intake } = await audiohookDoor();
		const peer = await opened({ media: [{ type: 'audio', format: 'OPUS', channels: ['external'], rate: 48_000 }] });
		await peer.hangUp();
		expect([peer.said[0]?.parameters, intake.calls]).toEqual([{ media: [], startPaused: false }, []]);
	});

	test('goes to the agent of the settings where its integration names none, and closes by name without either', async () => {
		const { opened, intake } = await audiohookDoor({ defaultAgentId: 'ben' });
		await opened({ customConfig: {} });
		expect(intake.calls[0]?.incoming.agentId).toBe('ben');
		const without = await audiohookDoor();
		const peer = await without.opened({ customConfig: { agent: 7 } });
		expect((await peer.closed).asked).toMatchObject({
			reason: 'error',
			info: expect.stringContaining('YCORD_AUDIOHOOK_AGENT'),
		});
	});

	test('has five seconds for its open, and is hung up then', async () => {
		const { peer, clock, intake } = await audiohookDoor();
		const silent = await peer();
		clock.advance(5000);
		expect(await silent.closed).toMatchObject({ code: closeCodes.noStart.code });
		expect(intake.calls).toEqual([]);
	});

	test('that says nothing for half a minute is lost, and let go by name', async () => {
		const { opened, clock, intake } = await audiohookDoor();
		const peer = await opened();
		clock.advance(30_000);
		expect((await peer.closed).asked?.info).toContain(closeCodes.silent.text);
		expect(intake.calls[0]?.told).toEqual(['lost']);
	});

	test('that does not close when it is asked to is hung up by name after two seconds', async () => {
		const { opened, clock } = await audiohookDoor();
		const peer = await opened();
		peer.socket.removeAllListeners('message');
		peer.send('{');
		await peer.settled();
		clock.advance(2000);
		expect(await peer.closed).toMatchObject({ code: closeCodes.malformed.code });
	});

	test('may be closed before it was opened, and while it opens', async () => {
		const { peer, intake } = await audiohookDoor();
		const early = await peer();
		await early.hangUp();
		expect([early.said.map(({ type }) => type), intake.calls]).toEqual([['closed'], []]);
		const hurried = await peer();
		void hurried.begin();
		await hurried.hangUp();
		expect(hurried.said.map(({ type }) => type)).toEqual(['opened', 'closed']);
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
	});

	test('closed because of an error is lost sound, not the end of the call', async () => {
		const { opened, intake } = await audiohookDoor();
		await (await opened()).hangUp('error');
		expect(intake.calls[0]?.told).toEqual(['lost']);
	});

	test('asks a client that came back before to come back when the server goes, and others to close', async () => {
		const { opened, app } = await audiohookDoor();
		const [one, two] = [
			await opened(),
			await opened({ continuedSessions: [{ id: none, serverseq: 1, clientseq: 1 }] }),
		];
		await app.close();
		expect([one.said.at(-2)?.type, two.said.at(-2)?.type]).toEqual(['disconnect', 'reconnect']);
		expect([(await one.closed).asked?.reason, (await two.closed).code]).toEqual(['completed', 1000]);
	});
});

describe('an executive on a Genesys call', () => {
	const word = tone(660, 20);
	async function takeable() {
		const door = await audiohookDoor();
		const monitor = await door.opened();
		const call = door.intake.calls[0];
		const control = call?.incoming.control;
		if (!call || !control?.take || !control.release) throw new Error('the call cannot be taken');
		const lost: string[] = [];
		const { take, release } = control;
		const connect = (options: Partial<AudiohookPeerOptions> = {}) =>
			door.opened({ kind: 'connector', conversationId: monitor.conversationId, ...options });
		return {
			...door,
			monitor,
			call,
			control,
			lost,
			connect,
			release,
			take: () => take({ agent: 'muted', shownAs: 'a leader' }, () => lost.push('lost')),
			async taken(options: Partial<AudiohookPeerOptions> = {}) {
				const taking = take({ agent: 'muted', shownAs: 'a leader' }, () => lost.push('lost'));
				const connector = await connect(options);
				return { voice: await taking, connector };
			},
		};
	}

	test('comes when the agent has pressed the transfer, and the agent is told what to press', async () => {
		const { control, taken, monitor, call } = await takeable();
		expect(control.agentMust).toBe('In Genesys, press Transfer → Ycord survey');
		const { connector } = await taken();
		expect(connector.chosen).toEqual(media('PCMU', 'external')[0]);
		await connector.play(tone(440, 200));
		await monitor.play(tone(500, 200), tone(880, 200));
		await Promise.all([connector.settled(), monitor.settled()]);
		expect(call.pieces.map(({ leg }) => leg)).toEqual(['customer']);
		expect(monitor.received).toEqual([]);
	});

	test('is refused plainly when the agent has not pressed it within a minute; the call goes on', async () => {
		const { take, clock, call, monitor, connect } = await takeable();
		const taking = take();
		for (const ms of [25_000, 25_000, 10_000]) {
			await monitor.ping();
			clock.advance(ms);
		}
		await expect(taking).rejects.toMatchObject({
			code: 'platform.no-transfer',
			message: expect.stringContaining('Transfer → Ycord survey'),
		});
		await monitor.play(tone(440, 20), tone(880, 20));
		await monitor.settled();
		expect([call.pieces.length, call.told]).toEqual([2, []]);
		expect((await (await connect()).closed).asked).toEqual({
			reason: 'completed',
			outputVariables: { ycord: 'not-awaited' },
		});
	});

	test('a customer nobody awaits goes on with the flow at once', async () => {
		const { connect, refused, take, clock } = await takeable();
		const asked = { reason: 'completed', outputVariables: { ycord: 'not-awaited' } };
		expect((await (await connect()).closed).asked).toEqual(asked);
		void take().catch(() => {});
		expect((await (await connect({ conversationId: undefined as never })).closed).asked).toEqual(asked);
		expect(refused).toEqual([]);
		clock.advance(60_000);
	});

	test('is heard in messages of 1,600 bytes, and at the release what is unplayed is forgotten', async () => {
		const { taken, release, call } = await takeable();
		const { voice, connector } = await taken();
		for (let frame = 0; frame < 25; frame++) voice.say(word);
		await connector.settled();
		expect(connector.received.map(({ length }) => length)).toEqual([1600, 1600]);
		expect(await release('queue')).toBe('agent');
		expect(connector.said.map(({ type }) => type)).toEqual(['opened', 'event', 'disconnect', 'closed']);
		expect(connector.said[1]?.parameters).toEqual({ entities: [{ type: 'barge_in', data: {} }] });
		expect((await connector.closed).asked?.outputVariables).toEqual({ ycord: 'held', ycordFallback: 'queue' });
		expect([connector.received.length, call.told]).toEqual([2, []]);
	});

	test('whose monitor session ends meanwhile goes on; the next one takes the call up where it is', async () => {
		const { taken, release, call, monitor, opened, clock, intake } = await takeable();
		const { connector } = await taken();
		await monitor.hangUp();
		await connector.play(tone(440, 200));
		await connector.settled();
		expect([call.told, call.pieces.length]).toEqual([[], 1]);
		await release('queue');
		clock.advance(10_000);
		const next = await opened({ conversationId: monitor.conversationId });
		await next.play(tone(440, 20), tone(880, 20));
		await next.settled();
		expect([intake.calls.length, call.told]).toEqual([1, []]);
		expect(call.pieces.at(-1)?.at).toBeGreaterThanOrEqual(10 * 8000);
		await next.hangUp();
		expect(call.told).toEqual(['ended hung-up']);
	});

	test('whose customer never comes back to an agent is a lost call half a minute later', async () => {
		const { taken, release, call, monitor, clock } = await takeable();
		await taken();
		await monitor.hangUp();
		await release('queue');
		clock.advance(29_999);
		expect(call.told).toEqual([]);
		clock.advance(1);
		expect(call.told).toEqual(['lost']);
	});

	test('a pause while the customer is handed over is the hand-over’s; if it lasts, it protects the call afterwards [P1] [P2]', async () => {
		const { taken, release, call, monitor } = await takeable();
		await taken();
		monitor.pause();
		await monitor.settled();
		expect(call.told).toEqual([]);
		await release('queue');
		expect(call.told).toEqual(['paused']);
		monitor.resume();
		await monitor.settled();
		expect(call.told).toEqual(['paused', 'unpaused']);
	});

	test('is told, once, when the connector is gone without a word; the monitor session goes on', async () => {
		const { taken, lost, call, monitor, intake, release } = await takeable();
		const { connector } = await taken();
		connector.drop();
		while (lost.length === 0) await new Promise((resolve) => setImmediate(resolve));
		expect(await release('queue')).toBe('agent');
		await monitor.play(tone(440, 20), tone(880, 20));
		await intake.when(() => call.pieces.length === 2);
		expect([lost, call.told]).toEqual([['lost'], []]);
	});

	test('is taken off by the customer’s own key, where the flow names one [C2]', async () => {
		const { taken, control } = await takeable();
		let withdrawn = 0;
		control.onWithdrawn?.(() => withdrawn++);
		const { connector } = await taken({ inputVariables: { withdraw: '9' } });
		connector.say('dtmf', { digit: '1' });
		connector.say('dtmf', { digit: '9' });
		connector.say('playback_started', {});
		await connector.settled();
		expect(withdrawn).toBe(1);
	});

	test('says less when Genesys has had too many messages', async () => {
		const { taken, clock } = await takeable();
		const { voice, connector } = await taken();
		connector.say('error', { code: 429, message: 'slow', retryAfter: 'PT2S' });
		await connector.settled();
		const say = async () => {
			for (let frame = 0; frame < 10; frame++) voice.say(word);
			await connector.settled();
			return connector.received.length;
		};
		expect(await say()).toBe(0);
		clock.advance(2000);
		expect(await say()).toBe(1);
	});
});
