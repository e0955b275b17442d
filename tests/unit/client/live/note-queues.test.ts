import { describe, expect, test } from 'vitest';
import { noteQueues } from '#client/live/note-queues.ts';
import type { ToServer } from '#shared/live.ts';
import type { WriteNote } from '#shared/note.ts';
import { dialledConnection } from '#tests/support/dialled-connection.ts';
import { sent, welcome } from '#tests/support/live-server.ts';
import { noteDisk } from '#tests/support/note-store.ts';

const draft = (text: string) => ({ kind: 'pinhole', lane: 'team', text, anchorMs: 0 }) as const;

function tab(disk = noteDisk()) {
	const { clock, dialler, connection } = dialledConnection();
	welcome(dialler.latest());
	const texts = () =>
		sent<ToServer & { type: 'ask'; command: WriteNote }>(dialler.latest(), 'ask').map((ask) => ask.command.text);
	const answer = async (place: number) => {
		const id = sent<ToServer & { type: 'ask' }>(dialler.latest(), 'ask')[place]?.id;
		dialler.latest().server.send({ type: 'done', seq: 1, id });
		dialler.latest().deliverToBrowser();
		await new Promise<void>((done) => setImmediate(done));
	};
	const reconnect = () => {
		clock.advance(10_000);
		welcome(dialler.latest());
	};
	return {
		clock,
		disk,
		...dialler,
		connection,
		queues: noteQueues(connection, { clock, noteStore: disk.tab() }),
		texts,
		answer,
		reconnect,
	};
}

describe('notes of a call that the page has left', () => {
	test('are sent when the connection is back, though the page shows the next call by then [N5]', async () => {
		const { queues, latest, texts, answer, reconnect, clock, disk } = tab();
		const notes = queues.take('ended');
		latest().cut();
		notes.queue.write(draft('one'));
		notes.queue.write(draft('two'));
		notes.leave();
		reconnect();
		expect(texts()).toEqual(['one']);
		await answer(0);
		await answer(1);
		expect(texts()).toEqual(['one', 'two']);
		clock.advance(5_000);
		expect(disk.notes.size).toBe(0);
		// Nothing waits any more: who looks again gets a queue of their own.
		expect(queues.take('ended').queue).not.toBe(notes.queue);
	});

	test('are sent from before a reload too, without anybody opening the call [N5]', async () => {
		const before = tab();
		const notes = before.queues.take('ended');
		before.latest().cut();
		notes.queue.write(draft('kept'));
		before.queues.stop();
		const after = tab(before.disk);
		expect(after.texts()).toEqual(['kept']);
		await after.answer(0);
		after.clock.advance(5_000);
		expect(after.disk.notes.size).toBe(0);
	});

	test('that wait have one queue, however many look at it', () => {
		const { queues, texts } = tab();
		const one = queues.take('call');
		const two = queues.take('call');
		expect(two.queue).toBe(one.queue);
		one.leave();
		two.queue.write(draft('still here'));
		expect(texts()).toEqual(['still here']);
	});
});
