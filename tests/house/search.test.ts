import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { askControl } from '#server/control/ask-control.ts';
import { type Lane, lanes, type NoteRevision, type WriteNote } from '#shared/note.ts';
import type { FoundNotes, SessionRecord } from '#shared/rest.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import type { LivePeer } from '#tests/support/live-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const note = (text: string, lane: Lane = 'team', more: Partial<WriteNote> = {}): WriteNote => ({
	type: 'write-note',
	noteId: uuidV7(),
	kind: 'observation',
	lane,
	text,
	anchorMs: 1000,
	...more,
});
async function must(answer: Promise<{ type: string }>) {
	expect(await answer).toMatchObject({ type: 'done' });
}
async function write(peer: LivePeer, callId: string, written: WriteNote) {
	await must(peer.ask(callId, written));
	return written.noteId;
}

/** Asks a door as one of the test people. */
async function get(app: TestHouse, personId: string, path: string, more: Record<string, string> = {}) {
	const { address, cookie, role } = app.seat(personId);
	const query = new URLSearchParams({ ...more, as: role });
	const answer = await fetch(`${address}${path}?${query}`, { headers: { cookie } });
	const text = await answer.text();
	const isJson = answer.headers.get('content-type')?.startsWith('application/json');
	return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
const search = (app: TestHouse, personId: string, asked: Record<string, string>) =>
	get(app, personId, '/api/notes', asked);
async function found(app: TestHouse, personId: string, asked: Record<string, string>) {
	await app.search.caughtUp();
	const { status, body } = await search(app, personId, asked);
	expect(status).toBe(200);
	return (body as FoundNotes).notes.map(({ text }) => text);
}

/** Two calls of two teams. Everybody writes in every lane open to them; eve sits in the first call only, ed in none. */
async function twoTeams() {
	const app = await openHouse();
	const [first, second] = [await startCall(app), await startCall(app, { agentId: 'abe' })];
	const peers = {
		ann: await app.live('ann'),
		abe: await app.live('abe'),
		eve: await app.live('eve'),
		ed: await app.live('ed'),
		sue: await app.live('sue'),
		sid: await app.live('sid'),
	};
	const listeningId = await admit(peers.ann, peers.eve, first.callId);
	for (const [who, call] of [
		['ann', first],
		['eve', first],
		['sue', first],
		['abe', second],
		['sid', second],
	] as const)
		for (const lane of lanes)
			if (lane !== 'leadership' || !who.startsWith('a'))
				await write(peers[who], call.callId, note(`marker ${who} ${lane}`, lane));
	return { app, first, second, listeningId, ...peers };
}
const all = (who: string, ...of: Lane[]) => of.map((lane) => `marker ${who} ${lane}`);

describe('search', () => {
	test('[V2] [N4] everybody finds what they may see, of sessions of theirs and lanes open to them, and nothing else', async () => {
		const { app } = await twoTeams();
		const mine = async (personId: string) => (await found(app, personId, { q: 'marker' })).sort();
		const team = [...all('ann', 'team'), ...all('eve', 'team'), ...all('sue', 'team')];
		const leaders = [...all('eve', 'leadership'), ...all('sue', 'leadership')];
		expect(await mine('ann')).toEqual([...team, ...all('ann', 'private')].sort());
		expect(await mine('eve')).toEqual([...team, ...leaders, ...all('eve', 'private')].sort());
		expect(await mine('sue')).toEqual([...team, ...leaders, ...all('sue', 'private')].sort());
		expect(await mine('abe')).toEqual([...all('abe', 'private', 'team'), ...all('sid', 'team')].sort());
		expect(await mine('sid')).toEqual([...all('abe', 'team'), ...all('sid', 'leadership', 'private', 'team')].sort());
		expect(await mine('ed')).toEqual([]);
	});

	test('[V2] whoever is removed finds nothing any more, and whoever is invited finds what was there before', async () => {
		const { app, first, ann, sue, listeningId, eve } = await twoTeams();
		await must(sue.ask(first.callId, { type: 'remove-listener', listeningId }));
		expect(await found(app, 'eve', { q: 'marker' })).toEqual([]);
		await admit(ann, eve, first.callId);
		expect(await found(app, 'eve', { q: 'marker' })).toHaveLength(6);
		await must(ann.ask(first.callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'ed' }));
		expect(await found(app, 'ed', { q: 'marker' })).toHaveLength(5);
	});

	test('[V2] a note is found by what it says now: edited, deleted, widened', async () => {
		const { app, first, eve } = await twoTeams();
		const noteId = await write(eve, first.callId, note('Bürokratie #Slow', 'private'));
		expect(await found(app, 'eve', { q: 'burok' })).toEqual(['Bürokratie #Slow']);
		expect(await found(app, 'ann', { tag: 'slow' })).toEqual([]);
		await must(eve.ask(first.callId, { type: 'widen-note', noteId, lane: 'team' }));
		expect(await found(app, 'ann', { tag: 'slow' })).toEqual(['Bürokratie #Slow']);
		await must(eve.ask(first.callId, { type: 'edit-note', noteId, kind: 'pinhole', text: 'Paperwork #late' }));
		expect(await found(app, 'ann', { q: 'burok' })).toEqual([]);
		expect(await found(app, 'ann', { tag: 'slow' })).toEqual([]);
		expect(await found(app, 'ann', { tag: '#Late', kind: 'pinhole', q: 'paper' })).toEqual(['Paperwork #late']);
		await must(eve.ask(first.callId, { type: 'delete-note', noteId }));
		expect(await found(app, 'eve', { kind: 'pinhole' })).toEqual([]);
	});

	test('[V2] pages go on where the last one ended, newest first, and tell nothing of what is not seen', async () => {
		const { app, first, ann, eve } = await twoTeams();
		for (let n = 0; n < 60; n++) {
			await write(ann, first.callId, note(`page ${n}`));
			await write(eve, first.callId, note(`page hidden ${n}`, 'private'));
		}
		await app.search.caughtUp();
		const one = (await search(app, 'sue', { q: 'page' })).body as FoundNotes;
		expect(one).toMatchObject({ more: true, notes: { length: 50, 0: { text: 'page 59', authorName: 'Ann Agent' } } });
		const before = String(one.notes.at(-1)?.place);
		const two = (await search(app, 'sue', { q: 'page', before })).body as FoundNotes;
		expect(two.more).toBe(false);
		expect(two.notes.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, n) => `page ${9 - n}`));
		const none = (await search(app, 'sue', { q: 'page hidden' })).body;
		expect(none).toEqual({ notes: [], more: false });
	});

	test('what asks for nothing, is too long or of nobody is refused by name; too many at once too', async () => {
		const { app } = await twoTeams();
		expect((await search(app, 'ann', {})).body).toMatchObject({ code: 'search.empty' });
		expect((await search(app, 'ann', { q: '" * (' })).body).toMatchObject({ code: 'search.empty' });
		expect((await search(app, 'ann', { q: 'x'.repeat(201) })).body).toMatchObject({ code: 'request.malformed' });
		expect((await search(app, 'ann', { q: 'x', kind: 'gossip' })).body).toMatchObject({ code: 'request.malformed' });
		expect((await fetch(`${app.address()}/api/notes?as=agent&q=x`)).status).toBe(401);
		const many = await Promise.all(Array.from({ length: 40 }, () => search(app, 'sue', { q: 'marker' })));
		expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
		expect(await found(app, 'sid', { q: 'marker' })).not.toEqual([]);
	});
});

test('[V2] [L3] of an erased call nothing is found, neither by words nor by kind, and its notes have no history', async () => {
	const { app, first, second, eve } = await twoTeams();
	const noteId = await write(eve, first.callId, note('marker to be erased'));
	expect(await found(app, 'eve', { q: 'erased' })).toHaveLength(1);
	first.ended('hung-up');
	await shown(app, () => app.sessions.get(first.callId)?.call.at === 'ended');
	await askControl(app.data, '/erase', { callId: first.callId });
	await shown(app, () => app.sessions.get(first.callId)?.call.erased === true);
	for (const who of ['ann', 'eve', 'sue']) {
		expect(await found(app, who, { q: 'marker' })).toEqual([]);
		expect(await found(app, who, { kind: 'observation' })).toEqual([]);
		const record = await get(app, who, `/api/calls/${first.callId}/record.csv`);
		expect(record.text).toContain('Erased call');
		expect(record.text).not.toContain('marker');
	}
	const history = await get(app, 'eve', `/api/calls/${first.callId}/notes/${noteId}/history`);
	expect(history.body).toMatchObject({ code: 'call.erased' });
	expect(await found(app, 'sid', { q: 'marker', callId: second.callId })).not.toEqual([]);
});

describe('the history of a note', () => {
	const history = (app: TestHouse, who: string, callId: string, noteId: string) =>
		get(app, who, `/api/calls/${callId}/notes/${noteId}/history`);

	test('[V2] is every revision; of a note widened later all of it, to whoever sees it now', async () => {
		const { app, first, eve } = await twoTeams();
		const noteId = await write(eve, first.callId, note('once', 'private'));
		await must(eve.ask(first.callId, { type: 'edit-note', noteId, kind: 'praise', text: 'twice' }));
		expect((await history(app, 'sue', first.callId, noteId)).body).toMatchObject({ code: 'note.unknown' });
		await must(eve.ask(first.callId, { type: 'widen-note', noteId, lane: 'leadership' }));
		const seen = await history(app, 'sue', first.callId, noteId);
		expect((seen.body.revisions as NoteRevision[]).map(({ text, kind }) => [text, kind])).toEqual([
			['once', 'observation'],
			['twice', 'praise'],
		]);
		expect((await history(app, 'ann', first.callId, noteId)).body).toMatchObject({ code: 'note.unknown' });
		expect((await history(app, 'sid', first.callId, noteId)).body).toMatchObject({ code: 'call.unknown' });
	});

	test('[V2] of a deleted note it is its author’s alone', async () => {
		const { app, first, eve } = await twoTeams();
		const noteId = await write(eve, first.callId, note('never mind'));
		await must(eve.ask(first.callId, { type: 'delete-note', noteId }));
		expect((await history(app, 'eve', first.callId, noteId)).body.revisions).toHaveLength(1);
		const refused = await history(app, 'sue', first.callId, noteId);
		expect(refused.body).toMatchObject({ code: 'note.deleted' });
		expect(refused.text).not.toContain('never mind');
	});
});

describe('a session to take along', () => {
	test('[V2] [V4] everybody gets what they may see in every format, also when it is over; a stranger gets nothing', async () => {
		const { app, first, sue } = await twoTeams();
		const parent = await write(sue, first.callId, note('Why so long? #queue', 'team', { kind: 'question' }));
		await write(sue, first.callId, note('Because of =1+1', 'team', { replyTo: parent }));
		await must(sue.ask(first.callId, { type: 'protect-call' }));
		first.ended('hung-up');
		await shown(app, () => app.sessions.get(first.callId)?.call.at === 'ended');

		const path = `/api/calls/${first.callId}/record`;
		for (const [who, hidden] of [
			['ann', ['eve leadership', 'eve private', 'sue leadership', 'sue private']],
			['eve', ['ann private', 'sue private']],
			['sue', ['ann private', 'eve private']],
		] as const) {
			const record = (await get(app, who, path)).body as SessionRecord;
			expect(record.call).toMatchObject({ callId: first.callId, at: 'ended', label: 'A test call' });
			expect(record.timeline.map(({ what }) => what)).toEqual(['protected']);
			expect(record.notes).toHaveLength(10 - hidden.length);
			for (const [ending, type] of [
				['md', 'text/markdown'],
				['csv', 'text/csv'],
				['jsonl', 'application/x-ndjson'],
			]) {
				const { status, text, headers } = await get(app, who, `${path}.${ending}`);
				expect(status).toBe(200);
				expect(headers.get('content-type')).toContain(`${type}; charset=utf-8`);
				expect(headers.get('content-disposition')).toBe(`attachment; filename="ycord-${first.callId}.${ending}"`);
				for (const one of [...hidden, 'marker abe', 'marker sid']) expect(text).not.toContain(one);
				for (const { text: said } of record.notes.filter(({ text }) => text.startsWith('marker')))
					expect(text).toContain(said);
				expect(text.indexOf('Because of')).toBeGreaterThan(text.indexOf('Why so long'));
			}
		}
		for (const who of ['abe', 'ed', 'sid'])
			for (const ending of ['', '.md', '.csv', '.jsonl'])
				expect((await get(app, who, `${path}${ending}`)).body).toMatchObject({ code: 'call.unknown' });
		expect((await fetch(`${app.address()}${path}?as=agent`)).status).toBe(401);
		// A late search still leads there.
		expect(await found(app, 'eve', { q: 'because', callId: first.callId })).toEqual(['Because of =1+1']);
	});

	test('[B2] one person cannot take record after record; the others still get theirs', async () => {
		const { app, first } = await twoTeams();
		const path = `/api/calls/${first.callId}/record.md`;
		const many = await Promise.all(Array.from({ length: 20 }, () => get(app, 'sue', path)));
		expect(many.filter(({ body }) => body?.code === 'request.too-many').length).toBeGreaterThan(5);
		expect((await get(app, 'ann', path)).status).toBe(200);
	});
});
