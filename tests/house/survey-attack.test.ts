import { v7 as uuidV7 } from 'uuid';
import { expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { Refusal } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { agreedCall, fakeControl, mustBeDone, segmentShown, talkPeer } from '#tests/support/survey.ts';
import { admit } from '#tests/support/test-call.ts';

test('an agent whose last page was gone before the line was taken is missed all the same', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const { take, agent, executive } = await agreedCall(app, fakeControl());
	agent.kill();
	await left(app, 2);
	const talk = await talkPeer(app.seat('eve'), await take());
	await talk.state('live');
	clock.advance(2600);
	talk.say(0x11);
	await talk.taken();
	clock.advance(2600);
	expect(await segmentShown(executive, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'agent-lost' } });
});

test('who is signed out while they have the line is off it at once [I1]', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const { goLive, agent } = await agreedCall(app, fakeControl());
	const talk = await goLive();
	app.access.endSessions('eve');
	expect((await talk.closed).code).toBe(closeCodes.signInNeeded.code);
	expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'executive-lost' } });
});

test('an address that was not used opens nothing while the customer is on the way back [T1]', async () => {
	const app = await openHouse();
	const onTheWay = Promise.withResolvers<'agent'>();
	const { goLive, take, agent, callId, segmentId } = await agreedCall(
		app,
		fakeControl({ release: () => onTheWay.promise }),
	);
	const talk = await goLive();
	const unused = await take();
	await mustBeDone(agent.ask(callId, { type: 'take-back', segmentId }));
	await talk.closed;
	const late = await talkPeer(app.seat('eve'), unused);
	expect((await late.closed).code).toBe(closeCodes.unknown.code);
	onTheWay.resolve('agent');
	await segmentShown(agent, ({ at }) => at === 'returned');
});

test('a segment that is asked for, agreed to and taken in the same breath as the return of the one before is brought on', async () => {
	const journal = await stubbornJournal();
	const app = await openHouse({}, { journal });
	const onTheWay = Promise.withResolvers<'agent'>();
	const platform = fakeControl({ release: () => onTheWay.promise });
	const { goLive, agent, executive, callId } = await agreedCall(app, platform);
	await goLive();
	platform.lose();
	await segmentShown(agent, ({ at }) => at === 'lost');
	// Something is on its way to the record; what comes meanwhile is decided together, the return first.
	const go = journal.hold();
	const note = agent.ask(callId, {
		type: 'write-note',
		noteId: uuidV7(),
		text: 'x',
		lane: 'team',
		kind: 'note',
	} as never);
	const again = uuidV7();
	onTheWay.resolve('agent');
	await new Promise<void>((done) => setImmediate(done));
	const asked = [
		agent.ask(callId, { type: 'offer-survey', segmentId: again }),
		agent.ask(callId, { type: 'ask-survey', segmentId: again, scriptId: 'service', language: 'en' }),
		agent.ask(callId, { type: 'record-consent', segmentId: again, answer: 'agreed' }),
	];
	agent.say({ type: 'ping', at: 1 });
	await agent.told.when((one) => one.type === 'pong' && one.at === 1);
	const taken = executive.ask(callId, { type: 'take-line', segmentId: again, by: 'line' });
	executive.say({ type: 'ping', at: 1 });
	await executive.told.when((one) => one.type === 'pong' && one.at === 1);
	go();
	await note;
	for (const one of asked) await mustBeDone(one);
	const { result } = await mustBeDone(taken);
	const talk = await talkPeer(app.seat('eve'), (result as { surveyPath: string }).surveyPath);
	await talk.state('live');
});

test('a return that is on record though the journal did not say so is not reported for ever', async () => {
	const clock = handClock();
	const inner = await stubbornJournal();
	let isMute = true;
	const app = await openHouse(
		{},
		{
			clock,
			journal: {
				...inner,
				async append(...record) {
					const records = await inner.append(...record);
					if (!isMute || !record[2].some(({ event }) => event.type === 'customer-returned')) return records;
					isMute = false;
					throw new Refusal('journal.unavailable');
				},
			},
		},
	);
	const { goLive, agent, callId, segmentId } = await agreedCall(app, fakeControl());
	const talk = await goLive();
	await mustBeDone(agent.ask(callId, { type: 'take-back', segmentId }));
	await talk.closed;
	await segmentShown(agent, ({ at }) => at === 'returned');
	const failures = () => app.log().split('could not be put on record').length - 1;
	for (let second = 0; second < 5; second++) await advance(clock, 1000);
	expect(failures()).toBe(1);
});

test('a platform that will not say where the customer is is asked less and less often, so that it can notice the end of the call', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const platform = fakeControl({
		release: async () => (isDenied ? Promise.reject(new Refusal('platform.denied')) : 'agent'),
	});
	let isDenied = true;
	const { goLive, agent, callId, segmentId } = await agreedCall(app, platform);
	await goLive();
	await mustBeDone(agent.ask(callId, { type: 'take-back', segmentId }));
	for (let second = 0; second < 121; second++) await advance(clock, 1000);
	expect(platform.releases.length).toBe(9);
	isDenied = false;
	await advance(clock, 30_000);
	const at = () => app.sessions.get(callId)?.state.segment.at;
	while (at() !== 'returned') await advance(clock, 1000);
});

test('a call that nobody was brought on is not moved when the executive does not come', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const platform = fakeControl();
	const { take, agent } = await agreedCall(app, platform);
	await take();
	clock.advance(15_001);
	expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ returnedTo: 'agent' });
	expect(platform.releases).toEqual([]);
});

test('a consent that was taken back while the journal took nothing is on record as taken back [C2]', async () => {
	const clock = handClock();
	const journal = await stubbornJournal();
	const app = await openHouse({}, { clock, journal });
	const { goLive, agent, callId, segmentId } = await agreedCall(app, fakeControl());
	const talk = await goLive();
	journal.refuse('consent-withdrawn', 'customer-returned');
	await agent.ask(callId, { type: 'withdraw-consent', segmentId });
	await talk.closed;
	journal.refuse();
	for (let second = 0; second < 5; second++) await advance(clock, 1000);
	expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'withdrawn' } });
});

test('a consent that was taken back, not on record, before the line was taken keeps the executive off it [C2]', async () => {
	const clock = handClock();
	const journal = await stubbornJournal();
	const app = await openHouse({}, { clock, journal });
	const platform = fakeControl();
	const { take, agent, callId, segmentId } = await agreedCall(app, platform);
	journal.refuse('consent-withdrawn');
	expect(await agent.ask(callId, { type: 'withdraw-consent', segmentId })).toMatchObject({
		refusal: { code: 'survey.silent-unrecorded' },
	});
	journal.refuse();
	await take();
	for (let second = 0; second < 5; second++) await advance(clock, 1000);
	expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ over: { how: 'withdrawn' } });
	expect(platform.takings).toEqual([]);
});

test('another executive in the session cannot silence whoever has the line [S2]', async () => {
	const journal = await stubbornJournal();
	const app = await openHouse({}, { journal });
	const platform = fakeControl();
	const { goLive, agent, callId, segmentId } = await agreedCall(app, platform);
	const other = await app.live('ed');
	await admit(agent, other, callId, 'ed');
	const talk = await goLive();
	const go = journal.hold();
	const telling = agent.ask(callId, { type: 'tell-identity', segmentId });
	agent.say({ type: 'ping', at: 1 });
	await agent.told.when((one) => one.type === 'pong' && one.at === 1);
	const refused = other.ask(callId, { type: 'finish-survey', segmentId });
	other.say({ type: 'ping', at: 1 });
	await other.told.when((one) => one.type === 'pong' && one.at === 1);
	talk.say(0x33, 5);
	await platform.said.when((frame) => frame[0] === 0x33);
	go();
	await mustBeDone(telling);
	expect(await refused).toMatchObject({ type: 'refused', refusal: { code: 'survey.another-executive' } });
});

test('a server that leaves does not wait for ever for a platform that hangs', async () => {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const platform = fakeControl({ release: () => new Promise(() => {}) });
	const { goLive } = await agreedCall(app, platform);
	const talk = await goLive();
	const closed = app.close();
	expect((await talk.closed).code).toBe(closeCodes.draining.code);
	let isClosed = false;
	void closed.then(() => {
		isClosed = true;
	});
	while (!isClosed) await advance(clock, 100);
});

async function advance(clock: ReturnType<typeof handClock>, ms: number) {
	clock.advance(ms);
	for (let turn = 0; turn < 4; turn++) await new Promise<void>((done) => setImmediate(done));
}

/** Resolves when the server has no more than this many connections: it has noticed who went. */
async function left(app: TestHouse, connections: number) {
	while (app.http.websocketServer.clients.size > connections) await new Promise((resolve) => setImmediate(resolve));
}
