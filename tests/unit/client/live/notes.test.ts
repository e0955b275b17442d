import { describe, expect, test } from 'vitest';
import { noteQueues } from '#client/live/note-queues.ts';
import type { KeptNote } from '#client/live/note-store.ts';
import { mostPending } from '#client/live/notes.ts';
import { uuidV7Pattern } from '#shared/ids.ts';
import type { ToServer } from '#shared/live.ts';
import type { WriteNote } from '#shared/note.ts';
import { dialledConnection } from '#tests/support/dialled-connection.ts';
import { ada, sent, welcome } from '#tests/support/live-server.ts';
import { noteDisk } from '#tests/support/note-store.ts';
import type { SocketPair } from '#tests/support/socket-pair.ts';

function tab({ disk = noteDisk(), greeted = true, looked = true } = {}) {
	const { clock, dialler, connection } = dialledConnection();
	if (greeted) welcome(dialler.latest());
	const queues = noteQueues(connection, { clock, noteStore: disk.tab() });
	const { queue, leave } = queues.take('test-1');
	if (!looked) leave();
	const pending = () => queue.pending.get().map(({ text, at }) => [text, at]);
	const reconnect = (more = {}) => {
		clock.advance(10_000);
		welcome(dialler.latest(), more);
	};
	return { clock, ...dialler, connection, queues, queue, leave, disk, pending, reconnect };
}
const draft = (text: string) => ({ kind: 'pinhole', lane: 'leadership', text, anchorMs: 12_345.6 }) as const;
const asked = (pair: SocketPair) => sent<ToServer & { type: 'ask'; command: WriteNote }>(pair, 'ask');
/** Lets what was promised come through. */
const settle = () => new Promise<void>((done) => setImmediate(done));
const answer = async (pair: SocketPair, place: number, message: object = { type: 'done', seq: 1 }) => {
	pair.server.send({ ...message, id: asked(pair)[place]?.id });
	pair.deliverToBrowser();
	await settle();
};
const refused = (code: string, message: string, retry: boolean) => ({
	type: 'refused',
	refusal: { code, message, retry },
});
/** The session's view shows these notes of ours. */
const show = (pair: SocketPair, ...noteIds: (string | undefined)[]) => {
	const notes = noteIds.map((noteId, n) => ({ noteId, seq: n + 1, place: n + 1 }));
	const watch = sent<{ type: 'watch'; watch: string }>(pair, 'watch').at(-1)?.watch;
	pair.server.send({ type: 'view', watch, from: 0, seq: 9, full: true, calls: [], listenings: [], notes });
	pair.deliverToBrowser();
};

describe('a note', () => {
	test('goes out at once under a name of its own, with the second at which typing began [N3]', () => {
		const { queue, latest, pending } = tab();
		expect(queue.write(draft('a hole'))).toBe(true);
		const [one] = asked(latest());
		expect(one?.callId).toBe('test-1');
		expect(one?.command).toEqual({
			type: 'write-note',
			...draft('a hole'),
			anchorMs: 12_346,
			noteId: expect.stringMatching(uuidV7Pattern),
		});
		expect(pending()).toEqual([['a hole', 'saving']]);
	});

	test('stays on screen until the session shows it, then leaves: never there twice, never gone in between', async () => {
		const { queue, latest, pending } = tab();
		queue.write(draft('a'));
		await answer(latest(), 0);
		expect(pending()).toEqual([['a', 'saving']]);
		show(latest(), asked(latest())[0]?.command.noteId);
		expect(pending()).toEqual([]);
	});

	test('that is on record leaves also if the session never shows it', async () => {
		const { clock, queue, latest, pending, disk } = tab();
		queue.write(draft('a'));
		await answer(latest(), 0);
		expect(disk.notes.size).toBe(0);
		clock.advance(3100);
		expect(pending()).toEqual([]);
	});

	test('follows the one before it: they come in the order they were written [N2]', async () => {
		const { queue, latest } = tab();
		for (const text of ['a', 'b', 'c']) queue.write(draft(text));
		expect(asked(latest()).map((one) => one.command.text)).toEqual(['a']);
		await answer(latest(), 0);
		await answer(latest(), 1);
		expect(asked(latest()).map((one) => one.command.text)).toEqual(['a', 'b', 'c']);
	});

	test('written while the link is lost waits here, says so, and is sent when it is back [N5]', async () => {
		const { queue, latest, pending, reconnect } = tab();
		latest().cut();
		queue.write(draft('a'));
		queue.write(draft('b'));
		expect(pending()).toEqual([
			['a', 'waiting'],
			['b', 'waiting'],
		]);
		expect(queue.pending.get()[0]?.message).toMatch(/offline/i);
		reconnect();
		expect(pending()).toEqual([
			['a', 'saving'],
			['b', 'saving'],
		]);
		await answer(latest(), 0);
		expect(asked(latest()).map((one) => one.command.text)).toEqual(['a', 'b']);
	});

	test('whose answer was lost is sent again under the same name, so that it is there once [N3] [N5]', async () => {
		const { queue, latest, pairs, pending, reconnect } = tab();
		queue.write(draft('a'));
		const first = asked(latest())[0]?.command;
		latest().cut();
		await settle();
		expect(pending()).toEqual([['a', 'waiting']]);
		reconnect();
		expect(pairs.length).toBe(2);
		expect(asked(latest()).map((one) => one.command)).toEqual([first]);
	});

	test('that arrived although its answer was lost is not sent again once the session shows it', async () => {
		const { queue, latest, pending, connection, clock } = tab();
		queue.write(draft('a'));
		const noteId = asked(latest())[0]?.command.noteId;
		latest().cut();
		await settle();
		clock.advance(10_000);
		connection.watch({ view: 'session', callId: 'test-1' });
		welcome(latest());
		show(latest(), noteId);
		expect(pending()).toEqual([]);
	});

	test('that is refused waits for its author with the reason, and lets the next one pass', async () => {
		const { queue, latest, pending } = tab();
		queue.write(draft('4111 1111 1111 1111'));
		queue.write(draft('b'));
		await answer(latest(), 0, refused('note.card-number', 'Take the digits out.', false));
		expect(pending()).toEqual([
			['4111 1111 1111 1111', 'refused'],
			['b', 'saving'],
		]);
		expect(queue.pending.get()[0]?.message).toBe('Take the digits out.');
		await answer(latest(), 1);
		const noteId = queue.pending.get()[0]?.noteId as string;
		queue.retry(noteId);
		expect(asked(latest())[2]?.command.noteId).toBe(noteId);
		await answer(latest(), 2, refused('note.card-number', 'Take the digits out.', false));
		queue.discard(noteId);
		expect(pending()).toEqual([['b', 'saving']]);
	});

	test('that may be taken later is sent again after a moment, a few times, then waits for its author', async () => {
		const { clock, queue, latest, pending } = tab();
		queue.write(draft('a'));
		for (let n = 0; n < 5; n++) {
			expect(asked(latest()).length).toBe(n + 1);
			await answer(latest(), n, refused('journal.conflict', 'Somebody else was first.', true));
			if (n < 4) expect(pending()).toEqual([['a', 'waiting']]);
			clock.advance(2100);
		}
		expect(pending()).toEqual([['a', 'refused']]);
		expect(new Set(asked(latest()).map((one) => one.command.noteId)).size).toBe(1);
	});

	test('that was refused for a reason that passes is sent again with the next link; for good, it is not', async () => {
		const { clock, queue, latest, pending, reconnect } = tab();
		queue.write(draft('a'));
		for (let n = 0; n < 5; n++) {
			await answer(latest(), n, refused('journal.unavailable', 'The disk is full.', true));
			clock.advance(2100);
		}
		queue.write(draft('b'));
		await answer(latest(), 5, refused('note.lane', 'Not yours.', false));
		expect(pending()).toEqual([
			['a', 'refused'],
			['b', 'refused'],
		]);
		latest().cut();
		reconnect();
		expect(pending()).toEqual([
			['a', 'saving'],
			['b', 'refused'],
		]);
		expect(asked(latest()).map((one) => one.command.text)).toEqual(['a']);
	});

	test('discarded while it is on its way stops nothing', async () => {
		const { queue, latest, pending } = tab();
		queue.write(draft('a'));
		queue.write(draft('b'));
		queue.discard(queue.pending.get()[0]?.noteId as string);
		await answer(latest(), 0);
		expect(pending()).toEqual([['b', 'saving']]);
		expect(asked(latest()).length).toBe(2);
	});

	test('is not taken when 500 wait already', () => {
		const { queue, latest } = tab();
		latest().cut();
		for (let n = 0; n < mostPending; n++) expect(queue.write(draft(`${n}`))).toBe(true);
		expect(queue.write(draft('one more'))).toBe(false);
		expect(queue.pending.get().length).toBe(mostPending);
	});
});

describe('the page loaded again', () => {
	test('has what was not on record yet, refused ones with their reason, and sends the rest under the same names [N5]', async () => {
		const before = tab();
		before.queue.write(draft('a'));
		before.queue.write(draft('b'));
		await answer(before.latest(), 0, refused('note.lane', 'Not yours.', false));
		const names = before.queue.pending.get().map((note) => note.noteId);
		before.queues.stop();

		const after = tab({ disk: before.disk });
		expect(after.queue.pending.get().map((note) => note.noteId)).toEqual(names);
		expect(after.pending()).toEqual([
			['a', 'refused'],
			['b', 'saving'],
		]);
		expect(asked(after.latest()).map((one) => one.command.noteId)).toEqual([names[1]]);
		await answer(after.latest(), 0);
		after.queue.discard(names[0] as string);
		expect(after.disk.notes.size).toBe(0);
	});

	test('by somebody else has none of them, and sends none of them', () => {
		const before = tab();
		before.latest().cut();
		before.queue.write(draft('a'));
		const after = tab({ disk: before.disk, greeted: false });
		welcome(after.latest(), { person: { ...ada, id: 'bo' } });
		expect(after.pending()).toEqual([]);
		expect(asked(after.latest())).toEqual([]);
	});

	test('by another tab of the same person takes over what a tab that died has left, under the same names [N3]', async () => {
		const { queue, latest, pending, disk } = tab();
		queue.write(draft('mine'));
		const left = { ...draft('of the dead tab'), noteId: '00000000-0000-7000-8000-000000000001', callId: 'test-1' };
		disk.inherit([{ ...left, personId: 'ada' }]);
		expect(pending()).toEqual([
			['of the dead tab', 'saving'],
			['mine', 'saving'],
		]);
		await answer(latest(), 0);
		expect(asked(latest())[1]?.command.noteId).toBe(left.noteId);
	});

	test('waits with new notes until it is known what was kept from before: the older go first [N2]', async () => {
		const early: { taken?: (notes: KeptNote[]) => void } = {};
		const disk = noteDisk();
		const store = disk.tab();
		disk.tab = () => ({
			...store,
			follow(_, taken) {
				early.taken = taken;
				return () => {};
			},
		});
		const { queue, latest, pending } = tab({ disk });
		queue.write(draft('new'));
		await settle();
		expect([pending(), asked(latest())]).toEqual([[['new', 'saving']], []]);
		const kept = { ...draft('old'), noteId: '00000000-0000-7000-8000-000000000001', callId: 'test-1', personId: 'ada' };
		early.taken?.([kept]);
		await answer(latest(), 0);
		expect(asked(latest()).map(({ command }) => command.text)).toEqual(['old', 'new']);
	});
});

describe('whether a note is safe', () => {
	test('is said of each: kept on this device or not, and of all together until they are on record', async () => {
		const { queue, queues, latest, disk } = tab();
		const kept = () => queue.pending.get().map((note) => note.kept);
		expect(queues.unsafe.get()).toEqual({ count: 0, kept: true });
		queue.write(draft('a'));
		expect([kept(), queues.unsafe.get()]).toEqual([[false], { count: 1, kept: false }]);
		await settle();
		expect([kept(), queues.unsafe.get()]).toEqual([[true], { count: 1, kept: true }]);
		disk.full = true;
		latest().cut();
		queue.write(draft('b'));
		await settle();
		expect([kept(), queues.unsafe.get()]).toEqual([[true, false], { count: 2, kept: false }]);
		expect(queue.pending.get().map(({ message }) => message)).toEqual([
			expect.stringMatching(/kept here/),
			expect.stringMatching(/leave this page open/),
		]);
	});

	test('counts what was refused, and in sessions that nobody looks at', async () => {
		const before = tab();
		before.queue.write(draft('a'));
		await answer(before.latest(), 0, refused('note.lane', 'Not yours.', false));
		before.queues.stop();
		const { queues, latest } = tab({ disk: before.disk, looked: false });
		expect(queues.unsafe.get()).toEqual({ count: 1, kept: true });
		expect(queues.isWaiting('test-1')).toBe(true);
		expect(asked(latest())).toEqual([]);
		const { queue } = queues.take('test-1');
		queue.discard(queue.pending.get()[0]?.noteId as string);
		expect([queues.unsafe.get().count, before.disk.notes.size]).toEqual([0, 0]);
	});

	test('on record is safe, also while it waits for its place on the screen', async () => {
		const { queue, queues, latest, pending } = tab();
		queue.write(draft('a'));
		await answer(latest(), 0);
		expect([pending(), queues.unsafe.get().count]).toEqual([[['a', 'saving']], 0]);
	});

	test('that cannot be stored at all is sent all the same', () => {
		const disk = noteDisk();
		disk.full = true;
		const { queue, pending, latest } = tab({ disk });
		queue.write(draft('a'));
		expect(pending()).toEqual([['a', 'saving']]);
		expect(asked(latest()).length).toBe(1);
	});
});

test('after somebody else signed in, in the same tab, what the first one wrote waits', () => {
	const { queue, latest, pending, reconnect } = tab();
	latest().cut();
	queue.write(draft('a'));
	reconnect({ person: { ...ada, id: 'bo' } });
	expect(asked(latest())).toEqual([]);
	expect(pending()).toEqual([['a', 'waiting']]);
	expect(queue.pending.get()[0]?.message).toMatch(/somebody else/);
});

test('a queue that was stopped sends nothing and leaves nothing running', () => {
	const { clock, connection, queue, queues, latest } = tab();
	queue.write(draft('a'));
	expect(asked(latest()).length).toBe(1);
	queues.stop();
	queue.write(draft('b'));
	expect(asked(latest()).length).toBe(1);
	connection.close();
	clock.advance(60_000);
	expect(clock.alarms).toBe(0);
});
