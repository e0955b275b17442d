import { describe, expect, test } from 'vitest';
import { type Followed, following } from '#client/live/following.ts';
import type { News } from '#client/live/news.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { ViewMessage, Watch } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import { dialledConnection } from '#tests/support/dialled-connection.ts';
import { sent, welcome } from '#tests/support/live-server.ts';

function program(followed: Followed = { callId: 'test-1' }) {
	const { clock, dialler, connection } = dialledConnection('supervisor');
	welcome(dialler.latest());
	const told: News[] = [];
	const refusals: string[] = [];
	const stop = following(connection, followed, {
		tell: (news) => told.push(news),
		refused: ({ code }) => refusals.push(code),
	});
	const watched = () =>
		sent<Watch & { type: 'watch' }>(dialler.latest(), 'watch').map((one) =>
			one.view === 'session' ? one.callId : one.view,
		);
	const watchOf = (callId: string) =>
		sent<Watch & { type: 'watch' }>(dialler.latest(), 'watch').findLast(
			(one) => one.view === 'session' && one.callId === callId,
		)?.watch ?? 'board-1';
	const say = (watch: string, seq: number, more: Partial<ViewMessage>) => {
		const rows = { calls: [], listenings: [], notes: [] };
		dialler.latest().server.send({ type: 'view', watch, from: 0, seq, full: false, ...rows, ...more });
		dialler.latest().deliverToBrowser();
	};
	const reconnect = () => {
		dialler.latest().cut();
		clock.advance(10_000);
		welcome(dialler.latest());
	};
	/** What was told since the last time, in short. */
	const news = () =>
		told.splice(0).map((one) => {
			if (one.type === 'call') return `call ${one.at}`;
			if (one.type === 'listener') return `${one.personName} ${one.at}`;
			return `${one.type} ${one.text}`;
		});
	return { ...dialler, clock, connection, stop, watched, watchOf, say, reconnect, news, told, refusals };
}
const call = (seq: number, more: Partial<CallView> = {}) =>
	({
		callId: 'test-1',
		seq,
		at: 'live',
		protected: false,
		label: 'Order',
		startedAtMs: 1000,
		sinceMs: 1000,
		...more,
	}) as CallView;
const eve = (seq: number, at: ListeningView['at']) =>
	({ listeningId: 'l', seq, at, personName: 'Eve', personRole: 'executive', sinceMs: 61_000 }) as ListeningView;
const note = (seq: number, text: string, more: Partial<NoteView> = {}) =>
	({ noteId: 'n', seq, place: 5, anchorMs: 7, lane: 'team', text, edits: 0, heardBy: [], ...more }) as NoteView;

describe('following a session', () => {
	test('tells what is there in the order it happened, then each change once', () => {
		const { say, watchOf, news, told } = program();
		const watch = watchOf('test-1');
		say(watch, 6, { full: true, calls: [call(4)], listenings: [eve(6, 'listening')], notes: [note(5, 'a')] });
		expect(told.map(({ atMs }) => atMs)).toEqual([0, 7, 60_000]);
		expect(news()).toEqual(['call live', 'note a', 'Eve listening']);
		say(watch, 7, { from: 6, notes: [note(7, 'b', { edits: 1 })] });
		say(watch, 8, { from: 7, notes: [note(8, 'b', { edits: 1, heardBy: [{ id: 'ann', name: 'Ann' }] })] });
		say(watch, 9, { from: 8, calls: [call(9, { protected: true })] });
		say(watch, 10, {
			from: 9,
			notes: [note(10, '', { edits: 1, deletedAtMs: 1, heardBy: [{ id: 'ann', name: 'Ann' }] })],
		});
		expect(news()).toEqual(['edited b', 'heard b', 'call protected', 'deleted ']);
	});

	test('repeats nothing after a lost link, also when all of it is sent again [N5]', () => {
		const { say, watchOf, news, reconnect } = program();
		const all = { full: true, calls: [call(4)], notes: [note(5, 'a')] };
		say(watchOf('test-1'), 5, all);
		expect(news().length).toBe(2);
		reconnect();
		say(watchOf('test-1'), 6, { ...all, notes: [...all.notes, note(6, 'b', { noteId: 'm' })] });
		expect(news()).toEqual(['note b']);
	});

	test('says once that it is not shown, not while it may be shown later', () => {
		const { latest, refusals } = program();
		const refuse = (retry: boolean) => {
			const refusal = { code: retry ? 'journal.unavailable' : 'call.unknown', message: '', retry };
			latest().server.send({ type: 'refused', watch: 'session-1', refusal });
			latest().deliverToBrowser();
		};
		refuse(true);
		expect(refusals).toEqual([]);
		refuse(false);
		expect(refusals).toEqual(['call.unknown']);
	});
});

describe('following a board', () => {
	test('follows each call on it, and at most 14: those that are on first, the latest before the rest', () => {
		const { say, watched, watchOf, latest, connection, stop, clock } = program({ view: 'board' });
		const one = (n: number, at: CallView['at'] = 'live') => call(n, { callId: `test-${n}`, at, startedAtMs: n });
		say('board-1', 3, { full: true, calls: [one(1), one(2, 'ended')] });
		expect(watched()).toEqual(['board', 'test-1', 'test-2']);
		say('board-1', 20, { from: 3, calls: Array.from({ length: 13 }, (_, n) => one(n + 3)) });
		clock.advance(5001);
		expect(new Set(watched()).size).toBe(1 + 15);
		expect(sent(latest(), 'unwatch')).toEqual([{ type: 'unwatch', watch: watchOf('test-2') }]);
		stop();
		connection.close();
		expect(clock.alarms).toBe(0);
	});
});
