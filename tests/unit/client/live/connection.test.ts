import { describe, expect, test } from 'vitest';
import type { Connection } from '#client/live/connection.ts';
import type { CallView } from '#shared/call.ts';
import { closeCodes } from '#shared/close-codes.ts';
import type { ToServer, ViewMessage, Watch } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import { dialledConnection } from '#tests/support/dialled-connection.ts';
import { ada, sent, welcome } from '#tests/support/live-server.ts';

function tab() {
	const { clock, dialler, connection } = dialledConnection();
	return { clock, ...dialler, connection };
}
const reconnect = ({ clock, latest }: ReturnType<typeof tab>) => {
	clock.advance(10_000);
	welcome(latest());
};
const call = (callId: string, seq: number, more: Partial<CallView> = {}) =>
	({ callId, seq, at: 'live', ...more }) as CallView;
const note = (noteId: string, seq: number, more: Partial<NoteView> = {}) =>
	({ noteId, seq, place: seq, text: noteId, authorId: 'bo', ...more }) as NoteView;
const view = (watch: string, seq: number, more: Partial<ViewMessage> = {}): ViewMessage => ({
	type: 'view',
	watch,
	from: 0,
	seq,
	full: false,
	calls: [],
	listenings: [],
	notes: [],
	segments: [],
	...more,
});
const looking = (connection: Connection, callId = 'test-1') => {
	const session = connection.watch({ view: 'session', callId });
	return { session, stop: session.subscribe(() => {}) };
};
/** The server says this to the tab. */
const say = (one: ReturnType<typeof tab>, message: object) => {
	one.latest().server.send(message);
	one.latest().deliverToBrowser();
};
const watches = (pair: Parameters<typeof sent>[0]) => sent<Watch & { type: 'watch' }>(pair, 'watch');
const protect = { type: 'protect-call' } as const;

describe('the live connection', () => {
	test('greets first, and is open once it is welcomed, knowing who it is [W1]', () => {
		const { latest, connection } = tab();
		expect(latest().url).toBe('ws://test/live?as=executive');
		latest().open();
		latest().deliverToServer();
		expect(latest().server.received).toEqual([{ type: 'hello', version: 1 }]);
		expect(connection.link.get().at).toBe('connecting');
		expect(connection.me.get()).toBeUndefined();
		welcome(latest());
		expect(connection.link.get().at).toBe('open');
		expect(connection.me.get()).toEqual({ person: ada, demo: false });
	});

	test('keeps who it is while the link is lost', () => {
		const one = tab();
		welcome(one.latest());
		const me = one.connection.me.get();
		one.latest().cut();
		expect(one.connection.me.get()).toBe(me);
		reconnect(one);
		expect(one.connection.me.get()).toBe(me);
	});

	test('closes with the code for it when the server speaks another version', () => {
		const { latest, connection } = tab();
		welcome(latest(), { version: 2 });
		expect(latest().closedByBrowser?.code).toBe(closeCodes.version.code);
		expect(connection.link.get()).toMatchObject({ at: 'closed', reason: 'version' });
	});

	test('tells the server’s time from round trips', () => {
		const { clock, latest, connection } = tab();
		welcome(latest(), { serverMs: 5000 });
		expect(connection.serverNow()).toBe(5000);
		clock.advance(0);
		latest().deliverToServer();
		const ping = sent<{ type: 'ping'; at: number }>(latest(), 'ping')[0];
		clock.advance(100);
		latest().server.send({ type: 'pong', at: ping?.at, serverMs: 9000 });
		latest().deliverToBrowser();
		expect(connection.serverNow()).toBe(9050);
	});

	test('does not stumble over a message it does not know', () => {
		const { latest, connection } = tab();
		welcome(latest());
		latest().server.send({ type: 'fanfare', notes: ['c', 'e', 'g'] });
		latest().deliverToBrowser();
		expect(connection.link.get().at).toBe('open');
	});
});

describe('a view', () => {
	test('is asked for when somebody looks, once for all who look, and given up 5 s after the last has left', () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		const session = connection.watch({ view: 'session', callId: 'test-1' });
		expect(connection.watch({ view: 'session', callId: 'test-1' })).toBe(session);
		expect(watches(latest())).toEqual([]);
		const stops = [session.subscribe(() => {}), session.subscribe(() => {})];
		expect(watches(latest())).toEqual([{ type: 'watch', watch: 'session-1', view: 'session', callId: 'test-1' }]);
		for (const stop of stops) stop();
		clock.advance(4900);
		expect(sent(latest(), 'unwatch')).toEqual([]);
		clock.advance(200);
		expect(sent(latest(), 'unwatch')).toEqual([{ type: 'unwatch', watch: 'session-1' }]);
		expect(session.get()).toEqual({ ready: false, calls: [], listenings: [], notes: [], segments: [], writers: [] });
	});

	test('survives a change of page, and works again when looked at later', () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		const { session, stop } = looking(connection);
		stop();
		clock.advance(4000);
		const again = session.subscribe(() => {});
		clock.advance(15_000);
		expect(sent(latest(), 'unwatch')).toEqual([]);
		expect(watches(latest()).length).toBe(1);
		again();
		clock.advance(5001);
		session.subscribe(() => {});
		expect(watches(latest()).map((one) => one.watch)).toEqual(['session-1', 'session-2']);
	});

	test('that is looked at before the link is open is asked for when it is', () => {
		const { latest, connection } = tab();
		looking(connection);
		welcome(latest());
		expect(watches(latest()).length).toBe(1);
	});

	test('takes rows whole and replaces them by their id, with notes in the one order [N2]', () => {
		const { latest, connection } = tab();
		welcome(latest());
		const { session } = looking(connection);
		const say = (message: ViewMessage) => {
			latest().server.send(message);
			latest().deliverToBrowser();
		};
		say(view('session-1', 9, { full: true, calls: [call('test-1', 3)], notes: [note('b', 9), note('a', 4)] }));
		expect(session.get()).toEqual({
			ready: true,
			calls: [call('test-1', 3)],
			listenings: [],
			notes: [note('a', 4), note('b', 9)],
			writers: [],
			segments: [],
		});
		say(view('session-1', 12, { calls: [call('test-1', 11, { at: 'held' })], notes: [note('c', 12)] }));
		expect(session.get().calls).toEqual([call('test-1', 11, { at: 'held' })]);
		expect(session.get().notes.map((one) => one.noteId)).toEqual(['a', 'b', 'c']);
		say(view('somebody-else', 13, { full: true }));
		expect(session.get().notes.length).toBe(3);
		say(view('session-1', 20, { full: true, notes: [note('d', 20)] }));
		expect(session.get()).toEqual({
			ready: true,
			calls: [],
			listenings: [],
			notes: [note('d', 20)],
			segments: [],
			writers: [],
		});
	});

	test('shows after a lost connection exactly what was missed, asking only for that [N5]', () => {
		const one = tab();
		welcome(one.latest());
		const { session } = looking(one.connection);
		one.latest().server.send(view('session-1', 7, { full: true, calls: [call('test-1', 3)], notes: [note('a', 7)] }));
		one.latest().deliverToBrowser();
		one.latest().cut();
		expect(session.get()).toMatchObject({ ready: true, notes: [note('a', 7)] });
		reconnect(one);
		expect(watches(one.latest())).toEqual([
			{ type: 'watch', watch: 'session-1', view: 'session', callId: 'test-1', journal: 'j1', after: 7 },
		]);
		one.latest().server.send(view('session-1', 9, { notes: [note('b', 9)] }));
		one.latest().deliverToBrowser();
		expect(session.get().notes).toEqual([note('a', 7), note('b', 9)]);
	});

	test('that is refused says why, and is asked for again only if that may help', () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		const { session } = looking(connection);
		const refuse = (retry: boolean) => {
			latest().server.send({
				type: 'refused',
				watch: 'session-1',
				refusal: { code: 'call.unknown', message: 'No such call.', retry },
			});
			latest().deliverToBrowser();
		};
		refuse(false);
		expect(session.get().refusal?.message).toBe('No such call.');
		clock.advance(9000);
		expect(watches(latest()).length).toBe(1);
		refuse(true);
		clock.advance(3001);
		expect(watches(latest()).length).toBe(2);
		latest().server.send(view('session-1', 1, { full: true }));
		latest().deliverToBrowser();
		expect(session.get().refusal).toBeUndefined();
	});

	test('forgets on the board what ended an hour ago, so that it stays small', () => {
		const { latest, connection } = tab();
		welcome(latest(), { serverMs: 10_000_000 });
		const board = connection.watch({ view: 'board' });
		board.subscribe(() => {});
		const ended = (callId: string, endedAtMs: number) => call(callId, 1, { at: 'ended', endedAtMs });
		const calls = [ended('test-1', 10_000_000 - 3_600_001), ended('test-2', 9_000_000), call('test-3', 1)];
		latest().server.send(view('board-1', 5, { full: true, calls }));
		latest().deliverToBrowser();
		expect(board.get().calls.map((one) => one.callId)).toEqual(['test-2', 'test-3']);
	});
});

describe('a view has no gap and no repeat [W3] [N5]', () => {
	const opened = () => {
		const one = tab();
		welcome(one.latest());
		const { session } = looking(one.connection);
		say(one, view('session-1', 7, { full: true, calls: [call('test-1', 3)], notes: [note('a', 7)] }));
		const texts = () => session.get().notes.map(({ text }) => text);
		return { ...one, session, texts };
	};

	test('what goes on from beyond where it stands is not taken: it asks, once, for what is missing', () => {
		const one = opened();
		say(one, view('session-1', 9, { from: 8, notes: [note('c', 9)] }));
		say(one, view('session-1', 10, { from: 9, notes: [note('d', 10)] }));
		expect(one.texts()).toEqual(['a']);
		expect(watches(one.latest()).slice(1)).toEqual([
			{ type: 'watch', watch: 'session-1', view: 'session', callId: 'test-1', journal: 'j1', after: 7 },
		]);
		say(one, view('session-1', 10, { from: 7, notes: [note('b', 8), note('c', 9), note('d', 10)] }));
		say(one, view('session-1', 11, { from: 10, notes: [note('e', 11)] }));
		expect(one.texts()).toEqual(['a', 'b', 'c', 'd', 'e']);
		// The next gap is asked for again.
		say(one, view('session-1', 14, { from: 13, notes: [note('h', 14)] }));
		expect(watches(one.latest()).length).toBe(3);
	});

	test('what it has already changes nothing, nor tells anybody', () => {
		const one = opened();
		let changes = 0;
		one.session.subscribe(() => changes++);
		say(one, view('session-1', 7, { from: 0, notes: [note('a', 7, { text: 'again' })] }));
		say(one, view('session-1', 6, { from: 5, notes: [note('z', 6)] }));
		expect([one.texts(), changes]).toEqual([['a'], 0]);
	});

	test('an older row does not replace a newer one; a changed note stays where it was written [N2]', () => {
		const one = opened();
		say(one, view('session-1', 9, { from: 7, notes: [note('b', 9)] }));
		say(one, view('session-1', 12, { from: 9, notes: [note('a', 12, { place: 7, text: 'a, edited' })] }));
		say(one, view('session-1', 13, { from: 12, notes: [note('a', 8, { place: 7, text: 'a, stale' })] }));
		expect(one.texts()).toEqual(['a, edited', 'b']);
	});

	test('another journal means all of it again, and nothing of before', () => {
		const one = opened();
		one.latest().cut();
		one.clock.advance(10_000);
		welcome(one.latest(), { journal: 'j2' });
		expect(watches(one.latest())).toEqual([{ type: 'watch', watch: 'session-1', view: 'session', callId: 'test-1' }]);
		say(one, view('session-1', 9, { from: 7, notes: [note('late', 9)] }));
		expect(one.texts()).toEqual(['a']);
		say(one, view('session-1', 2, { full: true, calls: [call('test-1', 1)], notes: [note('new', 2)] }));
		expect(one.texts()).toEqual(['new']);
		one.latest().cut();
		one.clock.advance(10_000);
		welcome(one.latest(), { journal: 'j2' });
		expect(watches(one.latest())[0]).toMatchObject({ journal: 'j2', after: 2 });
	});

	test('a call that was erased takes the words of its notes with it [L3]', () => {
		const one = opened();
		say(one, view('session-1', 8, { from: 7, calls: [call('test-1', 8, { at: 'ended', erased: true })] }));
		expect(one.texts()).toEqual(['']);
	});
});

describe('who is writing [W11]', () => {
	const bo = { type: 'writing', watch: 'session-1', personId: 'bo', personName: 'Bo' };
	const opened = () => {
		const one = tab();
		welcome(one.latest());
		const { session } = looking(one.connection);
		say(one, view('session-1', 7, { full: true, calls: [call('test-1', 3)], notes: [note('a', 7)] }));
		return { ...one, writers: () => session.get().writers.map(({ personName }) => personName) };
	};

	test('is shown until it is over, for six seconds at most unless it is said again', () => {
		const one = opened();
		say(one, { ...bo, on: true });
		say(one, { ...bo, personId: 'cy', personName: 'Cy', on: true });
		one.clock.advance(4000);
		say(one, { ...bo, on: true });
		expect(one.writers()).toEqual(['Bo', 'Cy']);
		one.clock.advance(2100);
		expect(one.writers()).toEqual(['Bo']);
		say(one, { ...bo, on: false });
		expect(one.writers()).toEqual([]);
	});

	test('is over when the note is there, not when an old one of theirs changes', () => {
		const one = opened();
		say(one, { ...bo, on: true });
		say(one, view('session-1', 8, { from: 7, notes: [note('a', 8, { place: 7 })] }));
		expect(one.writers()).toEqual(['Bo']);
		say(one, view('session-1', 9, { from: 8, notes: [note('b', 9)] }));
		expect(one.writers()).toEqual([]);
	});

	test('is told every three seconds however fast the keys come, and once when it is over', () => {
		const { clock, latest, connection } = opened();
		const told = () => sent<ToServer & { type: 'writing' }>(latest(), 'writing').map(({ lane, on }) => [lane, on]);
		for (let key = 0; key < 70; key++) {
			connection.writing('test-1', 'team', true);
			clock.advance(100);
		}
		expect(told()).toEqual(Array(3).fill(['team', true]));
		connection.writing('test-1', 'team', false);
		connection.writing('test-1', 'team', false);
		expect(told().slice(3)).toEqual([['team', false]]);
	});

	test('is not told of a private note, and no more of one that became private', () => {
		const { latest, connection } = opened();
		const told = () => sent<ToServer & { type: 'writing' }>(latest(), 'writing').map(({ lane, on }) => [lane, on]);
		connection.writing('test-1', 'private', true);
		connection.writing('test-1', 'private', false);
		expect(told()).toEqual([]);
		connection.writing('test-1', 'team', true);
		connection.writing('test-1', 'private', true);
		expect(told()).toEqual([
			['team', true],
			['team', false],
		]);
	});
});

describe('a question', () => {
	const asksOf = (pair: Parameters<typeof sent>[0]) => sent<ToServer & { type: 'ask' }>(pair, 'ask');

	test('is answered by its own answer, and with what the answer carries [N1]', async () => {
		const { latest, connection } = tab();
		welcome(latest());
		const first = connection.ask('test-1', protect);
		const second = connection.ask('test-2', { type: 'unprotect-call' });
		const [one, two] = asksOf(latest());
		expect([one?.callId, two?.command]).toEqual(['test-1', { type: 'unprotect-call' }]);
		latest().server.send({ type: 'done', id: two?.id, seq: 5, result: { invitationPath: '/listen/x' } });
		latest().server.send({ type: 'done', id: one?.id, seq: 6 });
		latest().deliverToBrowser();
		expect(await second).toEqual({ invitationPath: '/listen/x' });
		expect(await first).toEqual({});
	});

	test('that is refused rejects with the refusal', async () => {
		const { latest, connection } = tab();
		welcome(latest());
		const asked = connection.ask('test-1', protect);
		const refusal = { code: 'call.ended', message: 'The call has ended.', retry: false };
		latest().server.send({ type: 'refused', id: asksOf(latest())[0]?.id, refusal });
		latest().deliverToBrowser();
		await expect(asked).rejects.toMatchObject({ name: 'AskRefused', refusal });
	});

	test('whose answer is lost with the link, or asked without one, says so and may be tried again', async () => {
		const { latest, connection } = tab();
		const lost = { refusal: { code: 'connection.lost', retry: true } };
		await expect(connection.ask('test-1', protect)).rejects.toMatchObject(lost);
		welcome(latest());
		const asked = connection.ask('test-1', protect);
		latest().cut();
		await expect(asked).rejects.toMatchObject(lost);
	});

	test('is not asked again by itself after a reconnect', async () => {
		const one = tab();
		welcome(one.latest());
		const asked = one.connection.ask('test-1', protect).catch(() => 'lost');
		one.latest().cut();
		reconnect(one);
		expect(asksOf(one.latest())).toEqual([]);
		expect(await asked).toBe('lost');
	});

	test('without an answer for half a minute is given up', async () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		const asked = connection.ask('test-1', protect);
		for (let n = 0; n < 31; n++) {
			clock.advance(1000);
			latest().server.send({ type: 'pong', at: clock.now(), serverMs: 0 });
			latest().deliverToBrowser();
		}
		await expect(asked).rejects.toMatchObject({ refusal: { code: 'connection.lost' } });
	});

	test('asked over and over goes out at a pace the server allows, in order, and a hundred may wait', async () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		const asked = Array.from({ length: 101 }, (_, n) => connection.ask(`test-${n}`, protect));
		await expect(asked[100]).rejects.toMatchObject({ refusal: { code: 'request.too-many' } });
		const counts: number[] = [];
		for (let second = 0; second < 11; second++) {
			counts.push(asksOf(latest()).length);
			clock.advance(1000);
			latest().server.send({ type: 'pong', at: clock.now(), serverMs: 0 });
			latest().deliverToBrowser();
		}
		expect(counts[0]).toBe(20);
		counts.forEach((count, second) => {
			expect(count).toBeLessThanOrEqual(20 + 20 * second);
		});
		expect(asksOf(latest()).map((one) => one.callId)).toEqual(Array.from({ length: 100 }, (_, n) => `test-${n}`));
		for (const one of asksOf(latest())) latest().server.send({ type: 'done', id: one.id, seq: 1 });
		latest().deliverToBrowser();
		expect((await Promise.all(asked.slice(0, 100))).length).toBe(100);
	});

	test('nothing is left running after close', () => {
		const { clock, latest, connection } = tab();
		welcome(latest());
		looking(connection);
		connection.ask('test-1', protect).catch(() => {});
		connection.close();
		expect(clock.alarms).toBe(0);
		expect(connection.link.get().at).toBe('closed');
	});
});
