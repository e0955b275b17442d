import { v7 as uuidV7 } from 'uuid';
import { expect, test } from 'vitest';
import { asyncApiText } from '#server/protocol/asyncapi.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { liveLimits } from '#shared/live.ts';
import { openHouse } from '#tests/support/house.ts';
import { livePeer } from '#tests/support/live-peer.ts';
import { sittingIn, teamNote } from '#tests/support/sitting-in.ts';
import { startCall } from '#tests/support/test-call.ts';

test('[W1] the greeting tells who one is, which journal positions belong to, the time and the heartbeat', async () => {
	const app = await openHouse();
	const peer = await livePeer(app.seat('ann'));
	const welcome = await peer.hello();
	expect(welcome).toMatchObject({ version: 1, person: { id: 'ann', role: 'agent' }, heartbeatMs: 10_000 });
	const other = await livePeer(app.seat('sue'));
	expect((await other.hello()).journal).toBe(welcome.journal);
});

test('[W2] a watch is answered by a view and goes on with each change, whole rows, until it is ended', async () => {
	const { callId, agent, supervisor } = await sittingIn();
	const first = await supervisor.watch({ watch: 'by my name', view: 'session', callId });
	expect(first).toMatchObject({ full: true, from: 0, calls: [{ callId }] });
	await agent.ask(callId, teamNote('One'));
	await supervisor.note(({ text }) => text === 'One');
	const noteId = (await supervisor.note(({ text }) => text === 'One')).noteId;
	await agent.ask(callId, { type: 'edit-note', noteId, kind: 'praise', text: 'One, better' });
	expect(await supervisor.note(({ edits }) => edits === 1)).toMatchObject({
		noteId,
		text: 'One, better',
		authorId: 'ann',
	});
	const mine = supervisor.views().filter(({ watch }) => watch === 'by my name');
	for (const [index, view] of mine.entries()) if (index > 0) expect(view.from).toBe(mine[index - 1]?.seq);
	supervisor.say({ type: 'unwatch', watch: 'by my name' });
	const before = mine.length;
	await agent.ask(callId, teamNote('Two'));
	await supervisor.ask(callId, teamNote('Three'));
	expect(supervisor.views().filter(({ watch }) => watch === 'by my name')).toHaveLength(before);
});

test('[W3] a position counts only together with its journal: another one means the whole view again', async () => {
	const { callId, supervisor } = await sittingIn();
	const { journal } = supervisor.told.all.find((one) => one.type === 'welcome') ?? {};
	const { seq } = await supervisor.watch({ watch: 'a', view: 'session', callId });
	const watch = { view: 'session', callId, after: seq };
	expect(await supervisor.watch({ ...watch, watch: 'b', journal })).toMatchObject({ full: false, from: seq });
	expect(await supervisor.watch({ ...watch, watch: 'c', journal: 'another' })).toMatchObject({ full: true, from: 0 });
	expect(await supervisor.watch({ ...watch, watch: 'd', journal, after: seq + 1000 })).toMatchObject({ full: true });
});

test('[W5] every ask is answered under its own id: done with its position, or refused by name', async () => {
	const { callId, agent } = await sittingIn();
	const done = await agent.ask(callId, teamNote('One'));
	if (done.type !== 'done') throw new Error('refused');
	expect(done.seq).toBeGreaterThan(0);
	const later = await agent.ask(callId, teamNote('Two'));
	expect(later.type === 'done' && later.seq).toBe(done.seq + 1);
	expect(await agent.ask(callId, { type: 'join-call', listeningId: uuidV7() })).toMatchObject({
		type: 'refused',
		refusal: { code: 'access.denied', retry: false },
	});
});

test('[W6] what a note already is, is done without a change; another text under its id is refused [N3]', async () => {
	const { callId, agent, supervisor } = await sittingIn();
	const note = teamNote('Once');
	const first = await agent.ask(callId, note);
	const seq = first.type === 'done' ? first.seq : 0;
	const { noteId } = note;
	expect(await agent.ask(callId, note)).toMatchObject({ type: 'done', seq });
	expect(await agent.ask(callId, { ...note, text: 'Else' })).toMatchObject({ refusal: { code: 'note.id-taken' } });
	const again = [
		{ type: 'edit-note', noteId, kind: 'praise', text: 'Better' },
		{ type: 'widen-note', noteId, lane: 'team' },
		{ type: 'delete-note', noteId },
	] as const;
	for (const command of again) {
		const once = await agent.ask(callId, command);
		expect(await agent.ask(callId, command)).toMatchObject({ type: 'done', seq: once.type === 'done' ? once.seq : 0 });
		expect(await supervisor.ask(callId, command)).toMatchObject({ type: 'refused' });
	}
});

test('[W8] [W12] what does not fit is refused with its id, watch or neither, and the connection goes on; an unknown type ends it', async () => {
	const app = await openHouse();
	const { callId } = await startCall(app);
	const peer = await app.live('ann');
	const misfits = [
		{ type: 'watch', watch: 'w', view: 'mine', more: 1 },
		{ type: 'ask', id: 'i', callId, command: {} },
		{ type: 'writing', callId, lane: 'team', on: 'yes' },
	];
	for (const message of misfits) peer.say(message);
	await peer.told.when((one) => one.type === 'refused' && one.refusal.message.includes('writing/on'));
	const refusals = peer.told.all.filter((one) => one.type === 'refused');
	expect(refusals.map(({ watch, id, refusal }) => [watch, id, refusal.code])).toEqual([
		['w', undefined, 'request.malformed'],
		[undefined, 'i', 'request.malformed'],
		[undefined, undefined, 'request.malformed'],
	]);
	expect((await peer.watch({ watch: 'again', view: 'mine' })).type).toBe('view');
	peer.say({ type: 'gossip' });
	expect((await peer.closed).code).toBe(closeCodes.malformed.code);
});

test('[W9] one view more than a socket may have is refused; the others go on', async () => {
	const app = await openHouse();
	const { callId } = await startCall(app);
	const peer = await app.live('ann');
	for (let view = 1; view <= liveLimits.watches; view++) await peer.watch({ watch: `${view}`, view: 'mine' });
	await expect(peer.watch({ watch: 'more', view: 'mine' })).rejects.toThrow('request.too-many');
	await peer.ask(callId, teamNote('Still here'));
});

test('the document of this protocol is served for programs to read', async () => {
	const app = await openHouse();
	const answer = await fetch(`${app.address()}/asyncapi.json`);
	expect(answer.headers.get('content-type')).toContain('application/json');
	expect(await answer.text()).toBe(asyncApiText());
});
