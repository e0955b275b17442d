import { describe, expect, test } from 'vitest';
import { answerQueue } from '#client/live/answers.ts';
import { AskRefused } from '#client/live/ask-refused.ts';
import type { LinkState } from '#client/live/link.ts';
import { connectionLost } from '#client/live/refused-here.ts';
import { store } from '#client/live/store.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';

const settled = () => new Promise<void>((done) => setImmediate(done));

function asked() {
	const clock = handClock();
	const link = store<LinkState>({ at: 'open' });
	const sent: { questionId: string; value: string; done: () => void; refuse: (refusal: RefusalAnswer) => void }[] = [];
	const saved: string[] = [];
	const queue = answerQueue({
		link,
		clock,
		saved: (questionId, value) => saved.push(`${questionId}=${value}`),
		ask: (questionId, value) =>
			new Promise<void>((resolve, reject) => {
				const refuse = (refusal: RefusalAnswer) => reject(new AskRefused(refusal));
				sent.push({ questionId, value, done: resolve, refuse });
			}),
	});
	return { clock, link, sent, saved, queue, pending: () => Object.fromEntries(queue.pending.get()) };
}

describe('answers on their way to the record', () => {
	test('are there at once, and pending until they are on record', async () => {
		const { queue, sent, saved, pending } = asked();
		queue.answer('solved', 'yes');
		expect(pending()).toEqual({ solved: { value: 'yes', at: 'saving' } });
		sent[0]?.done();
		await settled();
		expect([pending(), saved]).toEqual([{}, ['solved=yes']]);
	});

	test('changed before the first was on record, the last one is the answer, sent after it', async () => {
		const { queue, sent, pending } = asked();
		queue.answer('recommend', '3');
		queue.answer('recommend', '4');
		queue.answer('recommend', '9');
		expect(sent.map(({ value }) => value)).toEqual(['3']);
		sent[0]?.done();
		await settled();
		expect(sent.map(({ value }) => value)).toEqual(['3', '9']);
		sent[1]?.done();
		await settled();
		expect(pending()).toEqual({});
	});

	test('wait for the connection, and go when it is back [N5]', async () => {
		const { queue, sent, link, pending, clock } = asked();
		queue.answer('one-thing', 'a number');
		link.set({ at: 'waiting', attempt: 1, retryAtMs: 0 });
		sent[0]?.refuse(connectionLost);
		await settled();
		expect(pending()['one-thing']).toMatchObject({ value: 'a number', at: 'waiting' });
		clock.advance(60_000);
		expect(sent.length).toBe(1);
		link.set({ at: 'open' });
		expect(sent.length).toBe(2);
		sent[1]?.done();
		await settled();
		expect(pending()).toEqual({});
	});

	test('are tried again when the server could not take them just then', async () => {
		const { queue, sent, clock } = asked();
		queue.answer('solved', 'no');
		sent[0]?.refuse({ code: 'journal.unavailable', message: 'try again', retry: true });
		await settled();
		clock.advance(2000);
		expect(sent.length).toBe(2);
	});

	test('refused for good they stay, with the reason, until they are changed', async () => {
		const { queue, sent, pending, clock } = asked();
		queue.answer('solved', 'maybe');
		sent[0]?.refuse({ code: 'survey.answer', message: 'expected yes or no', retry: false });
		await settled();
		clock.advance(60_000);
		expect(pending()).toEqual({ solved: { value: 'maybe', at: 'refused', message: 'expected yes or no' } });
		expect(sent.length).toBe(1);
		queue.answer('solved', 'no');
		expect(sent.length).toBe(2);
	});

	test('stopped, nothing runs on', () => {
		const { queue, clock, link, sent } = asked();
		queue.answer('solved', 'no');
		queue.stop();
		link.set({ at: 'connecting' });
		link.set({ at: 'open' });
		expect([clock.alarms, sent.length]).toEqual([0, 1]);
	});
});
