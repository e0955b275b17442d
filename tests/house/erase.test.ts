import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CannotStart } from '#server/cannot-start.ts';
import { askControl } from '#server/control/ask-control.ts';
import type { Erased } from '#server/erase.ts';
import { eventJournal } from '#server/journal/events.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { sqliteKeys } from '#server/keys/keys-sqlite.ts';
import { masterKey } from '#server/keys/master-key.ts';
import { sealing } from '#server/keys/sealing.ts';
import { openRecord } from '#server/record.ts';
import { handClock } from '#tests/support/clock.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { livePeer } from '#tests/support/live-peer.ts';
import { shown, teamNote } from '#tests/support/sitting-in.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const noteMark = 'words-nobody-may-keep-7391';
const labelMark = 'caller-nobody-may-keep-2846';
const masterKeyText = Buffer.alloc(32, 5).toString('base64');
const settings = { YCORD_MASTER_KEY: masterKeyText, YCORD_LOG_LEVEL: 'trace' };
const aboutMark = 'order-nobody-may-keep-5530';
const anywhere = [noteMark, labelMark, aboutMark];

/** Every file of the data folder, those of the databases in full. */
const filesOf = (folder: string): [name: string, bytes: Buffer][] =>
	readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name))]);

function expectNothingOf(folder: string, marks: readonly string[], butIn: readonly string[] = []) {
	const files = filesOf(folder).filter(([name]) => !butIn.includes(name));
	expect(files.map(([name]) => name)).toEqual(
		expect.arrayContaining(['journal.sqlite', 'journal.sqlite-wal', 'keys.sqlite']),
	);
	for (const [name, bytes] of files)
		for (const mark of marks) expect(bytes.includes(mark), `${mark} in ${name}`).toBe(false);
}

/** A call of three, with a note by each and in each lane, watched by all; not over yet. */
async function watchedCall(changes: { data?: string } = {}) {
	const app = await openHouse(settings, changes);
	const call = await startCall(app, { label: labelMark, about: { queue: 'Orders', labels: { order: aboutMark } } });
	const { callId } = call;
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	await admit(agent, executive, callId);
	const watch = { watch: 's', view: 'session', callId };
	for (const peer of [agent, executive, supervisor]) await peer.watch(watch);
	await executive.ask(callId, teamNote(`${noteMark} one`));
	await executive.ask(callId, { ...teamNote(`${noteMark} two`), lane: 'private' });
	await agent.ask(callId, teamNote(`${noteMark} three`));
	await agent.note(({ text }) => text === `${noteMark} three`);
	return { app, call, callId, agent, executive, supervisor, watch };
}

async function endedCall(changes: { data?: string } = {}) {
	const all = await watchedCall(changes);
	all.call.ended('hung-up');
	for (const peer of [all.agent, all.executive, all.supervisor]) await peer.call(({ at }) => at === 'ended');
	return all;
}

const erase = (app: TestHouse, callId: string) => askControl<Erased>(app.data, '/erase', { callId });

describe('[L3] [X1] what is personal', () => {
	test('lies in no file of the data folder in the clear but those of the search, while the call lasts and after it', async () => {
		const searched = ['views.sqlite', 'views.sqlite-wal', 'views.sqlite-shm'];
		const { app, call, agent } = await watchedCall();
		expect((await agent.call(({ label }) => label === labelMark)).label).toBe(labelMark);
		expectNothingOf(app.data, anywhere, searched);
		call.ended('hung-up');
		await shown(app, () => app.sessions.get(call.callId)?.call.at === 'ended');
		expectNothingOf(app.data, anywhere, searched);
	});

	test('is read back by the next start, and by nobody who has the folder alone', async () => {
		const { app, callId } = await endedCall();
		await app.close();
		const stranger = sealing(
			await sqliteKeys(join(app.data, 'keys.sqlite')),
			masterKey(Buffer.alloc(32, 6).toString('base64')),
		);
		await expect(stranger.find(callId, false)).rejects.toMatchObject({ code: 'journal.unavailable' });
		const again = await openHouse(settings, { data: app.data });
		const back = await (await again.live('sue')).watch({ watch: 's', view: 'session', callId });
		expect(back.calls[0]?.label).toBe(labelMark);
		expect(back.notes.map(({ text }) => text)).toEqual([`${noteMark} one`, `${noteMark} three`]);
	});

	test('cannot be read without the store of its keys: the rest is, and the log says so', async () => {
		const { app, callId } = await endedCall();
		await app.close();
		for (const file of readdirSync(app.data)) if (file.startsWith('keys.sqlite')) rmSync(join(app.data, file));
		const again = await openHouse(settings, { data: app.data });
		expect(again.log()).toContain('the key store is new and the journal is not');
		const back = await (await again.live('sue')).watch({ watch: 's', view: 'session', callId });
		expect(back).toMatchObject({ calls: [{ label: '', agentName: 'Ann Agent' }], notes: [{ text: '' }, { text: '' }] });
	});

	test('does not open with a wrong master key: the house does not start, and says why', async () => {
		const { app } = await endedCall();
		await app.close();
		const wrong = { YCORD_MASTER_KEY: Buffer.alloc(32, 6).toString('base64') };
		await expect(openHouse(wrong, { data: app.data })).rejects.toBeInstanceOf(CannotStart);
		// And has let go of everything: the right one starts.
		await openHouse(settings, { data: app.data });
	});
});

describe('[L3] erasing a call', () => {
	test('takes the words from everybody who watches, at once, and leaves the rest', async () => {
		const { app, callId, agent, executive, supervisor } = await endedCall();
		const before = [agent, executive, supervisor].map((peer) => peer.told.all.length);
		expect(await erase(app, callId)).toEqual({ callId, isNew: true, notes: 3, inTheClear: 0 });
		const notes = [2, 3, 2];
		for (const [place, peer] of [agent, executive, supervisor].entries()) {
			const call = await peer.call(({ erased }) => erased === true);
			expect(call).toMatchObject({ at: 'ended', label: 'Erased call', agentName: 'Ann Agent' });
			const told = peer.told.all.slice(before[place]);
			expect(JSON.stringify(told)).not.toContain('nobody-may-keep');
			const rows = told.flatMap((one) => (one.type === 'view' ? one.notes : []));
			expect(rows.map(({ text, anchorMs }) => [text, anchorMs])).toEqual(
				Array.from({ length: notes[place] ?? 0 }, () => ['', 0]),
			);
		}
	});

	test('leaves the words in no view, no answer, no log and no file, now and after a new start', async () => {
		const { app, callId, executive, watch } = await endedCall();
		await erase(app, callId);
		await app.search.caughtUp();
		expectNothingOf(app.data, anywhere);
		const look = async (house: TestHouse) => {
			const peers = await Promise.all(['ann', 'eve', 'sue'].map((who) => house.live(who)));
			for (const peer of peers) {
				const mine = await peer.watch({ watch: 'm', view: 'mine' });
				expect(mine.calls).toEqual([]);
				const session = await peer.watch(watch);
				expect(session.calls[0]).toMatchObject({ erased: true, label: 'Erased call' });
				expect(session.notes.every(({ text }) => text === '')).toBe(true);
				expect(JSON.stringify(peer.told.all)).not.toContain('nobody-may-keep');
			}
			const board = await (peers[2] as (typeof peers)[number]).watch({ watch: 'b', view: 'board' });
			expect(board.calls).toEqual([]);
			expect(house.log()).not.toContain('nobody-may-keep');
		};
		await look(app);
		expect(await executive.ask(callId, teamNote('late'))).toMatchObject({
			type: 'refused',
			refusal: { code: 'call.erased', retry: false },
		});
		await app.close();
		await look(await openHouse(settings, { data: app.data }));
	});

	test('[N5] whoever was away meanwhile is sent every note again, without its words', async () => {
		const { app, callId, supervisor, watch } = await endedCall();
		await supervisor.call(({ at }) => at === 'ended');
		const after = supervisor.views().at(-1)?.seq ?? 0;
		supervisor.kill();
		await erase(app, callId);
		await shown(app, () => app.sessions.get(callId)?.call.erased === true);
		const back = await app.live('sue');
		const view = await back.watch({ ...watch, after });
		expect(view).toMatchObject({ full: false, calls: [{ erased: true }] });
		expect(view.notes.map(({ text }) => text)).toEqual(['', '']);
	});

	test('[J5] the journal still reads: every event, in order, and those of other calls whole', async () => {
		const { app, callId } = await endedCall();
		const other = await startCall(app, { label: 'Another call' });
		const agent = await app.live('ann');
		await agent.ask(other.callId, teamNote('These words stay'));
		await erase(app, callId);
		await agent.ask(other.callId, teamNote('These come later'));
		await app.close();
		const keys = await sqliteKeys(join(app.data, 'keys.sqlite'));
		const journal = eventJournal(
			await sqliteJournal(join(app.data, 'journal.sqlite')),
			sealing(keys, masterKey(masterKeyText)),
		);
		const types = (await journal.read(callId)).map(({ event }) => event.type);
		expect(types.filter((type) => type === 'note-written')).toHaveLength(3);
		expect(types.at(-1)).toBe('call-erased');
		const stays = (await journal.read(other.callId)).flatMap(({ event }) =>
			event.type === 'note-written' ? [event.text] : [],
		);
		expect(stays).toEqual(['These words stay', 'These come later']);
		await journal.close();
		await keys.close();
	});

	test('is refused by name for a call that goes on, one that is not there, and what is no call', async () => {
		const { app, callId } = await watchedCall();
		await expect(erase(app, callId)).rejects.toMatchObject({ code: 'call.not-now' });
		await expect(erase(app, `test-${uuidV7()}`)).rejects.toMatchObject({ code: 'call.unknown' });
		await expect(erase(app, '../journal')).rejects.toMatchObject({ code: 'request.malformed' });
		await expect(askControl(app.data, '/shout')).rejects.toMatchObject({ code: 'request.not-found' });
	});

	test('again says that it was done before, and changes nothing', async () => {
		const { app, callId } = await endedCall();
		const answers = await Promise.all([1, 2, 3].map(() => erase(app, callId)));
		expect(answers.map((one) => one?.isNew).toSorted()).toEqual([false, false, true]);
		expect(await erase(app, callId)).toEqual({ callId, isNew: false, notes: 3, inTheClear: 0 });
	});

	test('[X2] killed between record and key: the next start destroys the key', async () => {
		const { app, callId } = await endedCall();
		await app.close();
		// The record without the rest of the house: nobody folds it, so nobody destroys the key.
		const settingsHere = { data: app.data, masterKey: masterKeyText };
		const record = await openRecord({ ...settingsHere, site: 'ycord', dev: false }, handClock());
		const { length } = await record.journal.read(callId);
		await record.journal.append(callId, length, entriesOf([{ type: 'call-erased' }], 'operator', 1));
		expect(await record.keys.store.find(callId)).toBeDefined();
		await record.close();
		await (await openHouse(settings, { data: app.data })).close();
		const after = await openRecord({ ...settingsHere, site: 'ycord', dev: false }, handClock());
		expect(await after.keys.store.find(callId)).toBeUndefined();
		expect(await after.keys.store.destroyed()).toBe(1);
		await after.close();
	});

	test('bustle: notes that come while their call is being erased are on record before it, or refused', async () => {
		const { app, callId, executive } = await endedCall();
		const notes = Array.from({ length: 20 }, (_, n) => executive.ask(callId, teamNote(`${noteMark} late ${n}`)));
		const erasing = erase(app, callId);
		const answers = await Promise.all(notes);
		await erasing;
		for (const answer of answers) if (answer.type === 'refused') expect(answer.refusal.code).toBe('call.erased');
		const late = await app.live('sue');
		const view = await late.watch({ watch: 's', view: 'session', callId });
		expect(view.notes).toHaveLength(2 + answers.filter(({ type }) => type === 'done').length);
		expect(JSON.stringify(view)).not.toContain('nobody-may-keep');
		await app.search.caughtUp();
		expectNothingOf(app.data, anywhere);
	});
});

test('where the control socket cannot be opened, its name too long for the system, the house stands and says so', async () => {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	const data = join(path, 'a-very-long-name'.repeat(10));
	mkdirSync(data);
	const app = await openHouse(settings, { data });
	expect(app.log()).toContain('the control socket cannot be opened');
	await startCall(app);
});

test('the control socket is its owner’s alone, and gone when the house has closed', async () => {
	const { app } = await endedCall();
	expect(statSync(join(app.data, 'control.sock')).mode & 0o777).toBe(0o600);
	const seat = app.seat('sue');
	const web = await fetch(`${seat.address}/erase`, { method: 'POST', headers: { cookie: seat.cookie } });
	expect(web.status).toBe(404);
	await (await livePeer(seat)).close();
	await app.close();
	expect(existsSync(join(app.data, 'control.sock'))).toBe(false);
	expect(await askControl(app.data, '/keys/check')).toBeUndefined();
});
