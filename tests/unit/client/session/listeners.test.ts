import { describe, expect, test } from 'vitest';
import { cameAndWent, listeningNow, notListening, seatOf } from '#client/session/listeners.ts';
import type { ListeningAt, ListeningView } from '#shared/call.ts';

const one = (
	listeningId: string,
	personId: string,
	at: ListeningAt,
	sinceMs: number,
	callId = 'c-1',
): ListeningView => ({
	listeningId,
	seq: sinceMs,
	callId,
	at,
	personId,
	personName: personId,
	personRole: 'executive',
	sinceMs,
	audibleMs: 0,
	lostMs: 0,
});

describe('who listens', () => {
	test('[C0] everyone who hears this call is in the list, longest first, and nobody else', () => {
		const all = [one('3', 'sara', 'listening', 30), one('1', 'omar', 'listening', 10), one('2', 'li', 'left', 20)];
		const elsewhere = one('4', 'mei', 'listening', 5, 'c-2');
		expect(listeningNow([...all, elsewhere], 'c-1').map((view) => view.personId)).toEqual(['omar', 'sara']);
	});

	test('an invitation is one row a person, the latest, and gone from the list once they hear', () => {
		const all = [
			one('1', 'sara', 'withdrawn', 10),
			one('2', 'sara', 'invited', 20),
			one('3', 'omar', 'declined', 15),
			one('4', 'li', 'left', 5),
			one('5', 'li', 'listening', 25),
		];
		expect(notListening(all, 'c-1').map((view) => [view.personId, view.at])).toEqual([
			['omar', 'declined'],
			['sara', 'invited'],
		]);
	});

	test('a seat can be taken again after a reload or a lost connection, not after being shut out', () => {
		const seat = (at: ListeningAt) => seatOf([one('1', 'mei', at, 10)], 'c-1', 'mei')?.listeningId;
		expect((['admitted', 'listening', 'left'] as const).map(seat)).toEqual(['1', '1', '1']);
		expect((['invited', 'declined', 'withdrawn', 'removed'] as const).map(seat)).toEqual(Array(4).fill(undefined));
		expect(seatOf([one('1', 'mei', 'left', 10)], 'c-1', 'omar')).toBeUndefined();
	});

	test('[C0] who came and who went is told by person: another seat of the same person is no news', () => {
		const before = [one('1', 'sara', 'listening', 10), one('2', 'omar', 'listening', 20)];
		const now = [one('3', 'sara', 'listening', 30), one('4', 'li', 'listening', 40)];
		const { came, went } = cameAndWent(before, now);
		expect(came.map((view) => view.personId)).toEqual(['li']);
		expect(went.map((view) => view.personId)).toEqual(['omar']);
	});
});
