import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { ToClient } from '#shared/live.ts';
import type { Lane, NoteCommand, NoteKind, NoteView } from '#shared/note.ts';
import { openHouse } from '#tests/support/house.ts';
import type { LivePeer } from '#tests/support/live-peer.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const write = (text: string, lane: Lane = 'team', more: { kind?: NoteKind; replyTo?: string } = {}) => ({
	type: 'write-note' as const,
	noteId: uuidV7(),
	kind: 'observation' as const,
	lane,
	text,
	anchorMs: 1000,
	...more,
});

/** Agent, executive and supervisor of one call, each watching its session. */
async function sessionOfThree() {
	const app = await openHouse();
	const { callId } = await startCall(app);
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	await admit(agent, executive, callId);
	const watch = { watch: 's', view: 'session', callId };
	for (const peer of [agent, executive, supervisor]) await peer.watch(watch);
	const done = async (peer: LivePeer, command: NoteCommand) =>
		expect(await peer.ask(callId, command)).toMatchObject({ type: 'done' });
	return { app, callId, agent, executive, supervisor, watch, done };
}

/** A peer's notes as its page would show them: rows replaced by their ids, in the one order. */
function shown(peer: LivePeer): NoteView[] {
	const rows = new Map<string, NoteView>();
	for (const view of peer.views()) for (const note of view.notes) rows.set(note.noteId, note);
	return [...rows.values()].toSorted((a, b) => a.place - b.place);
}

describe('the life of a note', () => {
	test('is seen by everybody who may see it: edited, answered, heard, linked, deleted', async () => {
		const { agent, executive, supervisor, done, callId } = await sessionOfThree();
		const note = write('They wait #long, @team');
		const hole = write('The form cuts off the flat', 'team', { kind: 'pinhole' });
		const answer = write('True', 'team', { replyTo: note.noteId });
		await done(executive, note);
		await done(executive, hole);
		await done(agent, answer);
		await done(executive, { type: 'edit-note', noteId: note.noteId, kind: 'praise', text: 'They wait #verylong' });
		await done(supervisor, { type: 'hear-note', noteId: note.noteId, heard: true });
		await done(executive, {
			type: 'link-note',
			noteId: note.noteId,
			to: { callId, noteId: hole.noteId },
			linked: true,
		});
		await done(executive, { type: 'delete-note', noteId: hole.noteId });
		for (const peer of [agent, executive, supervisor]) {
			await peer.note(({ deletedAtMs }) => deletedAtMs !== undefined);
			expect(shown(peer)).toMatchObject([
				{
					text: 'They wait #verylong',
					kind: 'praise',
					tags: ['verylong'],
					mentions: [],
					edits: 1,
					heardBy: [{ id: 'sue', name: 'Sue Supervisor' }],
					links: [{ callId, noteId: hole.noteId }],
				},
				{ text: '', noteId: hole.noteId },
				{ text: 'True', replyTo: note.noteId },
			]);
		}
	});

	test('[N2] an edit does not move a note, and whoever comes later sees the same order', async () => {
		const { app, executive, done, watch } = await sessionOfThree();
		const notes = ['one', 'two', 'three'].map((text) => write(text));
		for (const note of notes) await done(executive, note);
		const [first] = notes;
		await done(executive, { type: 'edit-note', noteId: String(first?.noteId), kind: 'question', text: 'one, later' });
		const late = await app.live('sue');
		await late.watch(watch);
		expect(shown(late).map(({ text }) => text)).toEqual(['one, later', 'two', 'three']);
	});

	test('[N4] a widened note reaches who sees it now, with all that became of it, live and on resuming', async () => {
		const { app, agent, executive, supervisor, done, watch } = await sessionOfThree();
		const note = write('first', 'private');
		await done(executive, note);
		await done(executive, { type: 'edit-note', noteId: note.noteId, kind: 'praise', text: 'second' });
		const after = agent.views().at(-1)?.seq ?? 0;
		agent.kill();
		await done(executive, { type: 'widen-note', noteId: note.noteId, lane: 'leadership' });
		expect(await supervisor.note(({ noteId }) => noteId === note.noteId)).toMatchObject({ text: 'second', edits: 1 });
		await done(executive, { type: 'widen-note', noteId: note.noteId, lane: 'team' });
		const back = await app.live('ann');
		const view = await back.watch({ ...watch, after });
		expect(view.full).toBe(false);
		expect(view.notes).toMatchObject([{ text: 'second', lane: 'team', edits: 1 }]);
	});

	test('[N4] a link leads to a pinhole of another call only where its author may see that', async () => {
		const { app, callId, executive, done } = await sessionOfThree();
		const elsewhere = await startCall(app);
		const hole = write('Elsewhere', 'leadership', { kind: 'pinhole' });
		const supervisor = await app.live('sue');
		expect(await supervisor.ask(elsewhere.callId, hole)).toMatchObject({ type: 'done' });
		const note = write('Here');
		await done(executive, note);
		const link = {
			type: 'link-note' as const,
			noteId: note.noteId,
			to: { callId: elsewhere.callId, noteId: hole.noteId },
			linked: true,
		};
		expect(await executive.ask(callId, link)).toMatchObject({ type: 'refused', refusal: { code: 'note.link' } });
		const own = write('Own');
		expect(await supervisor.ask(callId, own)).toMatchObject({ type: 'done' });
		expect(await supervisor.ask(callId, { ...link, noteId: own.noteId })).toMatchObject({ type: 'done' });
	});
});

describe('what a view goes on from', () => {
	test('[W3] each message says where it goes on from, without a gap, and a position of another journal means everything', async () => {
		const { app, executive, done, watch } = await sessionOfThree();
		for (const text of ['one', 'two', 'three']) await done(executive, write(text));
		const views = executive.views();
		expect(views[0]).toMatchObject({ from: 0, full: true });
		for (const [index, view] of views.slice(1).entries()) expect(view.from).toBe(views[index]?.seq);
		const back = await app.live('eve');
		const after = views.at(-2)?.seq ?? 0;
		expect(await back.watch({ ...watch, after })).toMatchObject({
			from: after,
			full: false,
			notes: [{ text: 'three' }],
		});
		const elsewhere = await back.watch({ ...watch, watch: 't', after, journal: 'another' });
		expect(elsewhere).toMatchObject({ from: 0, full: true });
		expect(elsewhere.notes).toHaveLength(3);
	});
});

describe('“is writing”', () => {
	const writers = (peer: LivePeer) =>
		peer.told.all.flatMap((one) => (one.type === 'writing' ? [`${one.personName}: ${one.on}`] : []));
	const isWriting = (one: ToClient) => one.type === 'writing';

	test('[W11] [N4] is passed on to those who would see the note, and to nobody else', async () => {
		const { app, callId, agent, executive, supervisor } = await sessionOfThree();
		const stranger = await app.live('ed');
		const say = (peer: LivePeer, lane: Lane, on = true) => peer.say({ type: 'writing', callId, lane, on });
		say(stranger, 'team');
		say(agent, 'leadership');
		say(executive, 'private');
		say(executive, 'leadership');
		say(executive, 'leadership', false);
		say(executive, 'leadership', false);
		say(executive, 'team');
		await agent.told.when(isWriting);
		await supervisor.told.when((one) => isWriting(one) && writers(supervisor).length === 3);
		expect(writers(agent)).toEqual(['Eve Executive: true']);
		expect(writers(supervisor)).toEqual(['Eve Executive: true', 'Eve Executive: false', 'Eve Executive: true']);
		expect(writers(executive)).toEqual([]);
	});
});
