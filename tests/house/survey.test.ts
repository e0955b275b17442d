import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { encodeSound, type Leg } from '#shared/audio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { agreedCall, fakeControl, mustBeDone, segmentShown, type TalkPeer, talkPeer } from '#tests/support/survey.ts';

describe('an executive on the line', () => {
	test('is heard by the customer from live on, and not before, and by whoever listens [S2] [T2] [T5]', async () => {
		const app = await openHouse();
		const platform = fakeControl();
		const taking = Promise.withResolvers<void>();
		platform.takes(taking.promise);
		const { take, segmentId, executive, agent, ear, callId } = await agreedCall(app, platform);
		const talk = await talkPeer(app.seat('eve'), await take());
		expect(await talk.state('ready')).toMatchObject({ segmentId, codec: 'pcmu' });
		talk.say(0x11, 5);
		expect((await segmentShown(agent, ({ at }) => at === 'ready')).taken?.executive.name).toBe('Eve Executive');
		taking.resolve();
		await talk.state('live');
		talk.say(0x22, 5);
		await platform.said.when((frame) => frame[0] === 0x22);
		expect(platform.words().every((frame) => frame[0] === 0x22)).toBe(true);
		await ear.heard.when(({ parts }) => parts.executive?.[0] === 0x22);
		expect(platform.takings).toEqual([{ agent: 'muted', shownAs: 'a member of our leadership' }]);

		await mustBeDone(executive.ask(callId, { type: 'finish-survey', segmentId }));
		expect((await talk.closed).code).toBe(closeCodes.surveyOver.code);
		const returned = await segmentShown(agent, ({ at }) => at === 'returned');
		expect(returned).toMatchObject({ returnedTo: 'agent', over: { how: 'executive' } });
	});

	test('needs the address that came with the take: it opens one socket, for one person, for 15 s [T1]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl();
		const { take, segmentId, agent, callId, executive } = await agreedCall(app, platform);
		const path = await take();
		const others = await talkPeer({ ...app.seat('ed') }, path);
		expect((await others.closed).code).toBe(closeCodes.unknown.code);
		const talk = await talkPeer(app.seat('eve'), path);
		await talk.state('live');
		const again = await talkPeer(app.seat('eve'), path);
		expect((await again.closed).code).toBe(closeCodes.unknown.code);
		await mustBeDone(executive.ask(callId, { type: 'finish-survey', segmentId }));
		await segmentShown(agent, ({ at }) => at === 'returned');
		const dead = await talkPeer(app.seat('eve'), path);
		expect((await dead.closed).code).toBe(closeCodes.unknown.code);
	});

	test('who takes the line and never comes has lost it after 15 s [T1]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl();
		const { take, agent } = await agreedCall(app, platform);
		const path = await take();
		await segmentShown(agent, ({ at }) => at === 'ready');
		clock.advance(15_001);
		const lost = await segmentShown(agent, ({ at }) => at === 'returned');
		expect(lost).toMatchObject({ over: { how: 'executive-lost' }, returnedTo: 'agent' });
		const late = await talkPeer(app.seat('eve'), path);
		expect((await late.closed).code).toBe(closeCodes.unknown.code);
	});

	test('speaks at the pace of the call: 200 ms wait at most, the rest is dropped and counted, gaps are silence [T3] [B1]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl();
		const { goLive } = await agreedCall(app, platform);
		const talk = await goLive();
		for (let byte = 1; byte <= 25; byte++) talk.say(byte);
		await talk.taken();
		clock.advance(20 * 15);
		expect(platform.said.all.map(([byte]) => byte)).toEqual([
			16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 0xff, 0xff, 0xff, 0xff, 0xff,
		]);
		clock.advance(2000);
		expect(await talk.told.when(({ droppedFrames }) => droppedFrames > 0)).toMatchObject({ droppedFrames: 15 });
	});
});

describe('the customer goes back', () => {
	test.for([
		['the agent’s key', 'taken-back'],
		['withdrawal', 'withdrawn'],
		['the executive’s key', 'executive'],
		['protection', 'protected'],
		['removal by a supervisor', 'removed'],
	] as const)('by %s, and not one frame more is heard [C2] [S2] [P1]', async ([, how]) => {
		const app = await openHouse();
		const platform = fakeControl();
		const { goLive, callId, segmentId, agent, executive, listeningId } = await agreedCall(app, platform);
		const talk = await goLive();
		talk.say(0x33, 5);
		await platform.said.when((frame) => frame[0] === 0x33);
		const press = async () => {
			switch (how) {
				case 'taken-back':
					return agent.ask(callId, { type: 'take-back', segmentId });
				case 'withdrawn':
					return agent.ask(callId, { type: 'withdraw-consent', segmentId });
				case 'executive':
					return executive.ask(callId, { type: 'finish-survey', segmentId });
				case 'protected':
					return agent.ask(callId, { type: 'protect-call' });
				case 'removed':
					return (await app.live('sue')).ask(callId, { type: 'remove-listener', listeningId });
			}
		};
		await mustBeDone(press());
		const heard = platform.said.all.length;
		talk.say(0x44, 5);
		await talk.closed;
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how } });
		expect(platform.said.all.length).toBe(heard);
		expect(platform.releases).toEqual(['announcement']);
	});

	test('when time is up [W13]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl();
		const { goLive, agent } = await agreedCall(app, platform);
		const talk = await goLive();
		expect((await segmentShown(agent, ({ at }) => at === 'live')).live?.limitMs).toBe(300_000);
		for (let second = 0; second < 300; second += 2) {
			agent.say({ type: 'ping', at: second });
			await agent.told.when((one) => one.type === 'pong' && one.at === second);
			await talk.taken();
			clock.advance(2000);
		}
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'time-limit' } });
	});

	test('3 s after the executive’s connection was lost; who comes back sooner goes on [T4]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl();
		const { goLive, take, agent } = await agreedCall(app, platform);
		const first = await goLive();
		first.kill();
		const back = await talkPeer(app.seat('eve'), await take());
		await back.state('live');
		clock.advance(2900);
		back.say(0x55, 4);
		await back.taken();
		clock.advance(60);
		expect(platform.words().length).toBeGreaterThan(0);
		back.socket.close();
		await left(app, 3);
		clock.advance(2999);
		expect(platform.releases).toEqual([]);
		clock.advance(1);
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'executive-lost' } });
	});

	test('3 s after a connection fell silent without a word [T4]', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const { goLive, agent } = await agreedCall(app, fakeControl());
		const talk = await goLive();
		clock.advance(3500);
		expect((await talk.closed).code).toBe(closeCodes.silent.code);
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'executive-lost' } });
	});

	test('when the agent’s last page has been gone for 5 s, to where the policy says', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const platform = fakeControl({ release: async () => 'announcement' });
		const { goLive, agent, executive } = await agreedCall(app, platform);
		const talk = await goLive();
		agent.kill();
		await left(app, 3);
		clock.advance(2600);
		talk.say(0x11);
		await talk.taken();
		clock.advance(2600);
		const back = await segmentShown(executive, ({ at }) => at === 'returned');
		expect(back).toMatchObject({ over: { how: 'agent-lost' }, returnedTo: 'announcement' });
		expect(platform.releases).toEqual(['announcement']);
	});

	test('when the gateway loses the call, or the platform the executive', async () => {
		const app = await openHouse();
		const platform = fakeControl();
		const { goLive, agent } = await agreedCall(app, platform);
		await goLive();
		platform.lose();
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'gateway-lost' } });

		const second = fakeControl();
		const other = await agreedCall(app, second);
		const talk = await other.goLive();
		other.call.lost();
		expect(await segmentShown(other.agent, ({ at }) => at === 'returned')).toMatchObject({
			over: { how: 'gateway-lost' },
		});
		expect((await talk.closed).code).toBe(closeCodes.surveyOver.code);
	});

	test('when the platform will not bring the executive on, with nothing said; and may be asked again', async () => {
		const app = await openHouse();
		const platform = fakeControl();
		const refused = Promise.withResolvers<void>();
		platform.takes(refused.promise);
		const { take, agent, callId } = await agreedCall(app, platform);
		const talk = await talkPeer(app.seat('eve'), await take());
		await talk.state('ready');
		refused.reject(new Error('no'));
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'gateway-lost' } });
		await talk.closed;
		expect(platform.said.all).toEqual([]);
		await mustBeDone(agent.ask(callId, { type: 'offer-survey', segmentId: uuidV7() }));
	});

	test('by the customer’s own key, where the platform has one [C2]', async () => {
		const app = await openHouse();
		const platform = fakeControl();
		const { goLive, agent } = await agreedCall(app, platform);
		await goLive();
		platform.withdraw();
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'withdrawn' } });
	});

	test('when the call ends, the segment has ended, and the executive is told [T4]', async () => {
		const app = await openHouse();
		const { goLive, agent, call } = await agreedCall(app, fakeControl());
		const talk = await goLive();
		call.ended('hung-up');
		expect((await talk.closed).code).toBe(closeCodes.callEnded.code);
		expect(await segmentShown(agent, ({ at }) => at === 'ended')).toMatchObject({ over: { how: 'call-ended' } });
	});

	test('also when the server leaves, on record', async () => {
		const app = await openHouse();
		const platform = fakeControl();
		const { goLive, executive } = await agreedCall(app, platform);
		const talk = await goLive();
		await app.close();
		expect((await talk.closed).code).toBe(closeCodes.draining.code);
		expect(platform.releases).toEqual(['announcement']);
		expect(await segmentShown(executive, ({ at }) => at === 'returned')).toMatchObject({
			over: { how: 'gateway-lost' },
		});
	});
});

describe('what an executive’s connection may not do', () => {
	test.for([
		['another leg', (say: TalkPeer) => say.socket.send(soundOf('customer')), 'forbidden'],
		['another codec', (say: TalkPeer) => say.say(1, 1, 'pcma'), 'malformed'],
		['bytes that are no sound', (say: TalkPeer) => say.socket.send(new Uint8Array(20).fill(9)), 'version'],
		['words', (say: TalkPeer) => say.socket.send('hello'), 'malformed'],
		['a flood', (say: TalkPeer) => say.say(1, 400), 'tooMany'],
	] as const)('%s: hung up by name, and the customer is brought back [T2]', async ([, misbehave, reason]) => {
		const app = await openHouse();
		const platform = fakeControl();
		const { goLive, agent } = await agreedCall(app, platform);
		const talk = await goLive();
		misbehave(talk);
		expect((await talk.closed).code).toBe(closeCodes[reason].code);
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'executive-lost' } });
	});

	test('a listening connection stays deaf while its executive has the line [S1]', async () => {
		const app = await openHouse();
		const { goLive, ear } = await agreedCall(app, fakeControl());
		await goLive();
		ear.socket.send(soundOf('executive'));
		expect((await ear.closed).code).toBe(closeCodes.soundRefused.code);
	});
});

describe('a journal that takes nothing', () => {
	test('that says nothing for two seconds does not keep the customer either [C2]', async () => {
		const clock = handClock();
		const journal = await stubbornJournal();
		const app = await openHouse({}, { clock, journal });
		const platform = fakeControl();
		const { goLive, agent, callId, segmentId } = await agreedCall(app, platform);
		const talk = await goLive();
		const letGo = journal.hold();
		const asked = agent.ask(callId, { type: 'take-back', segmentId });
		// Answered after the one before, which has been taken by then.
		agent.say({ type: 'ping', at: 1 });
		await agent.told.when((one) => one.type === 'pong' && one.at === 1);
		expect(platform.releases).toEqual([]);
		await talk.taken();
		clock.advance(2000);
		expect((await talk.closed).code).toBe(closeCodes.surveyOver.code);
		expect(platform.releases).toEqual(['announcement']);
		letGo();
		await mustBeDone(asked);
		expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'taken-back' } });
	});

	test('does not keep the customer: the press of the key is enough, and the record follows [C2]', async () => {
		const clock = handClock();
		const journal = await stubbornJournal();
		const app = await openHouse({}, { clock, journal });
		const platform = fakeControl();
		const { goLive, agent, callId, segmentId } = await agreedCall(app, platform);
		const talk = await goLive();
		journal.refuse('survey-finished', 'customer-returned');
		const answer = await agent.ask(callId, { type: 'take-back', segmentId });
		expect(answer).toMatchObject({ type: 'refused', refusal: { code: 'survey.silent-unrecorded', retry: true } });
		const heard = platform.said.all.length;
		expect((await talk.closed).code).toBe(closeCodes.surveyOver.code);
		expect(platform.releases).toEqual(['announcement']);
		clock.advance(500);
		expect(platform.said.all.length).toBe(heard);
		journal.refuse();
		const back = segmentShown(agent, ({ at }) => at === 'returned');
		for (let again = 0; again < 5; again++) {
			clock.advance(1000);
			await app.live('sue');
		}
		expect(await back).toMatchObject({ over: { how: 'taken-back' }, returnedTo: 'agent' });
	});
});

const soundOf = (leg: Leg) =>
	encodeSound(
		{ codec: 'pcmu', frames: 1, sequence: 0, mediaMs: 0, serverMs: 0 },
		{ [leg]: new Uint8Array(160).fill(1) },
	);

/** Resolves when the server has no more than this many connections: it has noticed who went. */
async function left(app: TestHouse, connections: number) {
	while (app.http.websocketServer.clients.size > connections) await new Promise((resolve) => setImmediate(resolve));
}
