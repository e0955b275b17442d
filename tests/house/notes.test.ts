import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { type Lane, lanes, type WriteNote } from '#shared/note.ts';
import { openHouse } from '#tests/support/house.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const note = (text: string, lane: Lane = 'team', noteId = uuidV7()): WriteNote => ({
	type: 'write-note',
	noteId,
	kind: 'observation',
	lane,
	text,
	anchorMs: 1000,
});

/** Agent, executive and supervisor of one call, each watching its session. */
async function sessionOfThree(env: Record<string, string> = {}) {
	const app = await openHouse(env);
	const call = await startCall(app);
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	await admit(agent, executive, call.callId);
	const watch = { watch: 's', view: 'session', callId: call.callId };
	for (const peer of [agent, executive, supervisor]) await peer.watch(watch);
	return { app, call, callId: call.callId, agent, executive, supervisor, watch };
}
const textsOf = (views: { notes: { text: string }[] }[]) => views.flatMap(({ notes }) => notes.map(({ text }) => text));

describe('notes', () => {
	test('what the executive writes appears at agent and supervisor, with its author and place in the call', async () => {
		const { callId, agent, executive, supervisor } = await sessionOfThree();
		expect(await executive.ask(callId, note('They hold for minutes.'))).toMatchObject({ type: 'done' });
		for (const peer of [agent, supervisor, executive])
			expect(await peer.note(({ text }) => text === 'They hold for minutes.')).toMatchObject({
				authorName: 'Eve Executive',
				anchorMs: 1000,
				kind: 'observation',
			});
	});

	test('[N4] a note reaches only its lane, live and when the page is opened later', async () => {
		const { app, callId, agent, executive, supervisor, watch } = await sessionOfThree();
		for (const lane of lanes) await executive.ask(callId, note(lane, lane));
		await agent.ask(callId, note('agent alone', 'private'));
		await agent.ask(callId, note('last'));
		const seen = { agent: ['team', 'agent alone', 'last'], executive: ['private', 'leadership', 'team', 'last'] };
		for (const [peer, texts] of [
			[agent, seen.agent],
			[executive, seen.executive],
			[supervisor, ['leadership', 'team', 'last']],
		] as const) {
			await peer.note(({ text }) => text === 'last');
			expect(textsOf(peer.views())).toEqual(texts);
		}
		const late = await app.live('sue');
		expect(textsOf([await late.watch(watch)])).toEqual(['leadership', 'team', 'last']);
	});

	test('[N2] everybody sees the same order, whoever writes at the same time', async () => {
		const { callId, agent, executive, supervisor } = await sessionOfThree();
		const writers = [agent, executive, supervisor];
		await Promise.all(
			writers.flatMap((peer, who) => Array.from({ length: 15 }, (_, n) => peer.ask(callId, note(`${who}-${n}`)))),
		);
		await Promise.all(
			writers.map((peer) => peer.ask(callId, note('end')).then(() => peer.note(({ seq }) => seq > 45))),
		);
		const orders = await Promise.all(
			writers.map(async (peer) => {
				await peer.told.when((one) => one.type === 'view' && textsOf(peer.views()).length >= 48);
				return textsOf(peer.views());
			}),
		);
		expect(orders[0]).toHaveLength(48);
		expect(orders[1]).toEqual(orders[0]);
		expect(orders[2]).toEqual(orders[0]);
	});

	test('[N3] the same note sent three times is there once and answered three times', async () => {
		const { callId, executive, agent } = await sessionOfThree();
		const once = note('Only once');
		const answers = await Promise.all([1, 2, 3].map(() => executive.ask(callId, once)));
		expect(answers.map(({ type }) => type)).toEqual(['done', 'done', 'done']);
		await executive.ask(callId, note('after'));
		await agent.note(({ text }) => text === 'after');
		expect(textsOf(agent.views())).toEqual(['Only once', 'after']);
	});

	test('[N5] after a lost connection exactly what was missed is sent, nothing again', async () => {
		const { app, callId, executive, supervisor, watch } = await sessionOfThree();
		await executive.ask(callId, note('before'));
		await supervisor.note(({ text }) => text === 'before');
		const after = supervisor.views().at(-1)?.seq ?? 0;
		supervisor.kill();
		await executive.ask(callId, note('missed'));
		const back = await app.live('sue');
		const view = await back.watch({ ...watch, after });
		expect(view.full).toBe(false);
		expect(textsOf([view])).toEqual(['missed']);
		expect(view.calls).toEqual([]);
	});

	test('[N5] whoever was invited while away is sent the call with the invitation [W3]', async () => {
		const app = await openHouse();
		const call = await startCall(app);
		const [agent, executive] = [await app.live('ann'), await app.live('ed')];
		const { seq } = await executive.watch({ watch: 'm', view: 'mine' });
		executive.kill();
		await agent.watch({ watch: 's', view: 'session', callId: call.callId });
		await agent.ask(call.callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'ed' });
		await agent.listening(({ at }) => at === 'invited');
		const back = await app.live('ed');
		const view = await back.watch({ watch: 'm', view: 'mine', after: seq });
		expect(view.calls.map(({ callId }) => callId)).toEqual([call.callId]);
		expect(view.listenings).toHaveLength(1);
	});

	test('[N1] what was acknowledged is there when the house opens again', async () => {
		const { app, callId, executive } = await sessionOfThree();
		await executive.ask(callId, note('Keep this'));
		await app.close();
		const again = await openHouse({}, { data: app.data });
		const supervisor = await again.live('sue');
		const view = await supervisor.watch({ watch: 's', view: 'session', callId });
		expect(textsOf([view])).toEqual(['Keep this']);
		expect(view.calls[0]).toMatchObject({ at: 'ended', endReason: 'server-stopped' });
	});
});

describe('bad input on the live socket', () => {
	test('a malformed command is refused by name, and the connection goes on [W8]', async () => {
		const { callId, executive } = await sessionOfThree();
		const id = uuidV7();
		executive.say({ type: 'ask', id, callId, command: { ...note('x'), text: 7 } });
		const answer = await executive.told.when((one) => one.type === 'refused' && one.id === id);
		expect(answer).toMatchObject({ refusal: { code: 'request.malformed' } });
		expect((await executive.ask(callId, note('still here'))).type).toBe('done');
	});

	test.each([
		['not JSON', '{', closeCodes.malformed.code],
		['an unknown type', '{"type":"shout"}', closeCodes.malformed.code],
		['a second hello', '{"type":"hello","version":1}', closeCodes.malformed.code],
		['null', 'null', closeCodes.malformed.code],
		['a deep nest', `{"type":${'['.repeat(8000)}${']'.repeat(8000)}}`, closeCodes.malformed.code],
		['an oversized message', `{"type":"ping","at":${'1'.repeat(20_000)}}`, closeCodes.tooLarge.code],
		['a message beyond all limits', 'x'.repeat(200_000), 1009],
	])('%s closes with its code; a neighbour notices nothing [G3]', async (_, message, code) => {
		const { callId, executive, agent } = await sessionOfThree();
		executive.say(message);
		expect((await executive.closed).code).toBe(code);
		expect((await agent.ask(callId, note('undisturbed'))).type).toBe('done');
	});

	test('sound on the live socket, another version, and talking before hello each have their code [W1]', async () => {
		const { app, executive } = await sessionOfThree();
		executive.socket.send(new Uint8Array(336));
		expect((await executive.closed).code).toBe(closeCodes.malformed.code);
		const { livePeer } = await import('#tests/support/live-peer.ts');
		const old = await livePeer(app.seat('eve'));
		old.say({ type: 'hello', version: 99 });
		expect((await old.closed).code).toBe(closeCodes.version.code);
		const rude = await livePeer(app.seat('eve'));
		rude.say({ type: 'watch', watch: 'm', view: 'mine' });
		expect((await rude.closed).code).toBe(closeCodes.malformed.code);
	});

	test('too many messages at once close with their code [W9]', async () => {
		const { executive } = await sessionOfThree();
		for (let n = 0; n < 100; n++) executive.say({ type: 'ping', at: n });
		expect((await executive.closed).code).toBe(closeCodes.tooMany.code);
	});

	test('a stranger sees and asks nothing of a session that is not theirs [W4]', async () => {
		const { app, callId, executive } = await sessionOfThree();
		await executive.ask(callId, note('secret of the session'));
		for (const who of ['abe', 'ed', 'sid']) {
			const stranger = await app.live(who);
			await expect(stranger.watch({ watch: 's', view: 'session', callId })).rejects.toThrow('call.unknown');
			const answer = await stranger.ask(callId, note('hello'));
			expect(answer).toMatchObject({ type: 'refused', refusal: { code: 'call.unknown' } });
			await stranger.watch({ watch: 'm', view: 'mine' });
			expect(JSON.stringify(stranger.told.all)).not.toContain(callId.slice(6));
		}
	});

	test('a page of another site cannot open a socket, whoever is signed in', async () => {
		const { app } = await sessionOfThree();
		const { livePeer } = await import('#tests/support/live-peer.ts');
		await expect(livePeer(app.seat('eve'), { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
	});

	test('the log tells of no names, notes or secrets', async () => {
		const { app, callId, executive } = await sessionOfThree({ YCORD_LOG_LEVEL: 'trace' });
		await executive.ask(callId, note('Nobody should read this'));
		const seat = app.seat('eve');
		executive.say('{');
		await executive.closed;
		for (const secret of ['Nobody should', 'Eve', 'Ann', seat.cookie.split('=')[1] ?? ''])
			expect(app.log()).not.toContain(secret);
	});
});
