import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { placing } from '#server/survey/quota.ts';
import type { IncomingCall } from '#server/telephony/telephony.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { mustBeDone, segmentShown } from '#tests/support/survey.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

/** A house whose policy draws as many calls in a hundred; Orders may differ. */
async function drawing(quotaPercent: number, orders: object = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'ycord-survey-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'survey.json');
	const policy = { company: 'Us', role: 'a director', rule: { quotaPercent }, queues: { Orders: orders } };
	writeFileSync(file, JSON.stringify(policy));
	const journal = await stubbornJournal();
	const app = await openHouse({ YCORD_SURVEY: file }, { journal });
	return { app, journal };
}
/** A call that both executives come to hear, one after the other, and then a supervisor; and all that was offered in it. */
async function heardByAll(app: TestHouse, changes: Partial<IncomingCall> = {}) {
	const { callId } = await startCall(app, changes);
	const [agent, eve, ed, sue] = await Promise.all([app.live('ann'), app.live('eve'), app.live('ed'), app.live('sue')]);
	await agent.watch({ watch: 'session', view: 'session', callId });
	const hears = async (id: string, listeningId: string) => (await listenPeer(app.seat(id), listeningId)).begun();
	await hears('eve', await admit(agent, eve, callId));
	await hears('ed', await admit(agent, ed, callId, 'ed'));
	const listeningId = uuidV7();
	await mustBeDone(sue.ask(callId, { type: 'join-call', listeningId }));
	await hears('sue', listeningId);
	// Whatever was still to be offered is on record before this is.
	await mustBeDone(agent.ask(callId, { type: 'protect-call' }));
	return { callId, agent };
}
const offers = (story: string[]) => story.filter((type) => type === 'survey-offered').length;

describe('[W13] the draw', () => {
	test('offers a survey when the first executive begins to listen, once, by nobody', async () => {
		const { app, journal } = await drawing(100);
		const { callId, agent } = await heardByAll(app);
		const row = await segmentShown(agent, ({ at }) => at === 'offered');
		expect(row.offeredBy).toEqual({ how: 'quota' });
		expect(offers(journal.story(callId))).toBe(1);
		await mustBeDone(
			agent.ask(callId, { type: 'ask-survey', segmentId: row.segmentId, scriptId: 'service', language: 'en' }),
		);
	});
	test('is the queue’s: nobody is drawn where it says none', async () => {
		const { app, journal } = await drawing(100, { quotaPercent: 0 });
		expect(offers(journal.story((await heardByAll(app)).callId))).toBe(0);
	});
	test('is not for rehearsals', async () => {
		const { app, journal } = await drawing(100);
		expect(offers(journal.story((await heardByAll(app, { rehearsal: true })).callId))).toBe(0);
	});
	test('waits for an executive: a supervisor alone draws nothing', async () => {
		const { app, journal } = await drawing(100);
		const { callId } = await startCall(app);
		const sue = await app.live('sue');
		const listeningId = uuidV7();
		await mustBeDone(sue.ask(callId, { type: 'join-call', listeningId }));
		await (await listenPeer(app.seat('sue'), listeningId)).begun();
		await mustBeDone(sue.ask(callId, { type: 'protect-call' }));
		expect(offers(journal.story(callId))).toBe(0);
	});
	test('that the journal would not take is drawn when the next executive comes', async () => {
		const { app, journal } = await drawing(100);
		journal.refuse('survey-offered');
		const { callId } = await startCall(app);
		const [agent, eve, ed] = await Promise.all([app.live('ann'), app.live('eve'), app.live('ed')]);
		await (await listenPeer(app.seat('eve'), await admit(agent, eve, callId))).begun();
		const seat = await admit(agent, ed, callId, 'ed');
		expect(offers(journal.story(callId))).toBe(0);
		journal.refuse();
		await agent.watch({ watch: 'session', view: 'session', callId });
		await (await listenPeer(app.seat('ed'), seat)).begun();
		expect((await segmentShown(agent, ({ at }) => at === 'offered')).offeredBy).toEqual({ how: 'quota' });
	});
});

describe('where a call falls', () => {
	const calls = Array.from({ length: 20_000 }, (_, one) => `twilio-CA${one}`);
	test('is the same each time, and told by nobody who has not the secret', () => {
		const [ours, theirs] = [placing('one secret'), placing('another')];
		expect(calls.slice(0, 100).map(ours)).toEqual(calls.slice(0, 100).map(ours));
		const same = calls.filter((id) => ours(id) < 20 === theirs(id) < 20).length / calls.length;
		// Independent draws agree in 0.2² + 0.8² of all calls.
		expect(same).toBeCloseTo(0.68, 1);
	});
	test('is as often below any share as that share, whatever the ids look like', () => {
		for (const share of [1, 5, 20, 50, 99])
			expect(
				Math.abs((calls.filter((id) => placing('s')(id) < share).length / calls.length) * 100 - share),
			).toBeLessThan(1.2);
	});
	test('makes “none” none and “all” all', () => {
		const places = calls.map(placing('s'));
		expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...places)).toBeLessThan(100);
	});
});
