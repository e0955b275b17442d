import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { livePeer } from '#tests/support/live-peer.ts';
import { shown, sittingIn, teamNote } from '#tests/support/sitting-in.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const must = async (answer: Promise<{ type: string }>) => expect(await answer).toMatchObject({ type: 'done' });

describe('views', () => {
	test('[N5] [W3] whoever was shut out while away is told when back', async () => {
		const { app, callId, agent } = await sittingIn();
		const listeningId = uuidV7();
		const away = await app.live('ed');
		await must(agent.ask(callId, { type: 'invite', listeningId, executiveId: 'ed' }));
		const { seq } = await away.watch({ watch: 'm', view: 'mine' });
		away.kill();
		await must(agent.ask(callId, { type: 'withdraw-invitation', listeningId }));
		const back = await app.live('ed');
		const view = await back.watch({ watch: 'm', view: 'mine', after: seq });
		expect(view.listenings.map(({ listeningId: id, at }) => [id, at])).toEqual([[listeningId, 'withdrawn']]);
	});
	test('[N5] whoever is invited again sees what was written meanwhile, without opening the page anew', async () => {
		const { callId, agent, executive, supervisor, listeningId } = await sittingIn();
		await executive.watch({ watch: 's', view: 'session', callId });
		await must(supervisor.ask(callId, { type: 'remove-listener', listeningId }));
		await must(agent.ask(callId, teamNote('while you were out')));
		await admit(agent, executive, callId);
		await must(agent.ask(callId, teamNote('after')));
		await executive.note(({ text }) => text === 'after');
		const texts = executive.views().flatMap(({ notes }) => notes.map(({ text }) => text));
		expect(texts).toEqual(['while you were out', 'after']);
	});
	test('[W1] a ping before hello closes the connection', async () => {
		const { app } = await sittingIn();
		const rude = await livePeer(app.seat('eve'));
		rude.say({ type: 'ping', at: 1 });
		await Promise.race([rude.closed, rude.told.when(() => true)]);
		expect(rude.told.all).toEqual([]);
	});
	test('[W8] a ping that is wrong inside is refused, and the connection goes on', async () => {
		const { executive } = await sittingIn();
		executive.say({ type: 'ping', at: 'noon' });
		executive.say({ type: 'ping', at: 5 });
		await Promise.race([executive.closed, executive.told.when((one) => one.type === 'pong')]);
		expect(executive.told.all.slice(-2).map(({ type }) => type)).toEqual(['refused', 'pong']);
	});
	test('[W8] a watch that is refused because it is malformed is named in the refusal', async () => {
		const { executive } = await sittingIn();
		executive.say({ type: 'watch', watch: 'mine', view: 'mine', after: -1 });
		const refused = await executive.told.when((one) => one.type === 'refused');
		expect(refused).toMatchObject({ watch: 'mine', refusal: { code: 'request.malformed' } });
	});
	test('[V5] a session that fell out of memory is shown when asked for, takes notes, and shows them to all who watch', async () => {
		const { app, call, callId, agent, supervisor } = await sittingIn();
		await must(agent.ask(callId, teamNote('in time')));
		call.ended('hung-up');
		await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
		for (let n = 0; n < 501; n++) (await startCall(app)).ended('hung-up');
		await shown(app, () => app.sessions.get(callId) === undefined);
		const view = await supervisor.watch({ watch: 's', view: 'session', callId });
		expect(view).toMatchObject({ full: true, calls: [{ callId, at: 'ended' }], notes: [{ text: 'in time' }] });
		await must(agent.ask(callId, teamNote('weeks later')));
		await supervisor.note(({ text }) => text === 'weeks later');
		expect([...app.sessions.all()].some((one) => one.callId === callId)).toBe(false);
		const stranger = await app.live('sid');
		await expect(stranger.watch({ watch: 's', view: 'session', callId })).rejects.toThrow('call.unknown');
	});
});
