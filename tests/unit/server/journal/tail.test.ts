import { describe, expect, test } from 'vitest';
import type { RecordedText } from '#server/journal/journal.ts';
import { maxKept, tail } from '#server/journal/tail.ts';

const records = (from: number, to: number): RecordedText[] =>
	Array.from({ length: to - from + 1 }, (_, index) => ({
		seq: from + index,
		stream: 'twilio-1',
		version: from + index,
		by: 'eva',
		atMs: 1,
		event: { type: 'call-held', typeVersion: 1, body: '{}' },
	}));
const seqs = (page: readonly RecordedText[] | undefined) => page?.map((one) => one.seq);
const never = new AbortController().signal;

describe('the newest end of a journal', () => {
	test('gives what comes after a position, and nothing to who is at the end', () => {
		const newest = tail(0);
		newest.add(records(1, 5));
		expect(seqs(newest.after(0))).toEqual([1, 2, 3, 4, 5]);
		expect(seqs(newest.after(3))).toEqual([4, 5]);
		expect(newest.after(5)).toEqual([]);
		expect(newest.after(9)).toEqual([]);
		expect(newest.last).toBe(5);
	});

	test('sends who wants what was there before it was opened to where that rests', () => {
		const newest = tail(7);
		expect(newest.after(6)).toBeUndefined();
		expect(newest.after(7)).toEqual([]);
		newest.add(records(8, 9));
		expect(newest.after(6)).toBeUndefined();
		expect(seqs(newest.after(7))).toEqual([8, 9]);
	});

	test('[B1] keeps no more than its limit, and who fell further behind is sent to where the rest is', () => {
		const newest = tail(0);
		for (let from = 1; from < 10 * maxKept; from += 10) newest.add(records(from, from + 9));
		const last = 10 * maxKept;
		expect(newest.after(last - 2 * maxKept - 1)).toBeUndefined();
		let at = last - maxKept;
		for (let page = newest.after(at); page && page.length > 0; page = newest.after(at)) {
			expect(page[0]?.seq).toBe(at + 1);
			at = page.at(-1)?.seq ?? at;
		}
		expect(at).toBe(last);
	});

	test('forgets what it kept when the order has moved on without it, rather than skip anything', () => {
		const newest = tail(0);
		newest.add(records(1, 3));
		newest.add(records(6, 7));
		expect(newest.after(2)).toBeUndefined();
		expect(seqs(newest.after(5))).toEqual([6, 7]);
	});

	test('wakes who waits when something comes, and at once when it is already there', async () => {
		const newest = tail(0);
		let woken = false;
		const waiting = newest.moreThan(0, never).then(() => {
			woken = true;
		});
		newest.add([]);
		await new Promise(setImmediate);
		expect(woken).toBe(false);
		newest.add(records(1, 1));
		await waiting;
		await newest.moreThan(0, never);
	});

	test('wakes who waits when they abort, and everybody when the journal ends', async () => {
		const newest = tail(0);
		const hold = new AbortController();
		const aborted = newest.moreThan(0, hold.signal);
		hold.abort();
		await aborted;
		const waiting = [newest.moreThan(0, never), newest.moreThan(0, never)];
		newest.end();
		await Promise.all([...waiting, newest.moreThan(0, never)]);
		expect(newest.ended).toBe(true);
	});
});
