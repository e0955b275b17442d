import { describe, expect, test } from 'vitest';
import type { Recorded } from '#server/journal/journal.ts';
import { sessionsSince } from '#server/projections/checkpoint.ts';
import { isStillThere, markAt } from '#server/projections/position.ts';
import { type Sessions, sessions } from '#server/projections/sessions.ts';
import { callStarted } from '#tests/support/given.ts';
import { journalOf, randomHistory } from '#tests/support/random-history.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const shot = (of: Sessions, hashes: readonly string[]) => ({
	seq: of.seq,
	sessions: [...of.all()].map(({ callId, call, listenings, notes, state }) => ({
		callId,
		call,
		listenings: [...listenings],
		notes: [...notes],
		state: { ...state, notes: [...notes].map(({ noteId }) => [noteId, state.notes.get(noteId)]) },
	})),
	invitations: hashes.map((hash) => of.invitation(hash)?.session.callId),
});

function fromZero(records: readonly Recorded[], upTo = records.length) {
	const all = sessions({ read: journalOf(records).read });
	for (const record of records.slice(0, upTo)) all.fold(record);
	return all;
}

describe('sessions in memory', () => {
	test('[V1] going on from a checkpoint, wherever it was made, is the same as folding from zero', async () => {
		const seed = seedFor('checkpoint');
		const random = randomNumbers(seed);
		for (let round = 0; round < 8; round++) {
			const records = randomHistory(randomNumbers(seed + round), 20, 800);
			const hashes = records.flatMap(({ event }) => (event.type === 'invited' ? [event.secretHash] : []));
			const at = random(records.length);
			const held = [...fromZero(records, at).all()].map(({ callId }) => callId);
			const position = at === 0 ? { seq: 0, mark: '' } : markAt(records[at - 1] as Recorded);
			const again = await sessionsSince({ ...position, held }, journalOf(records));
			expect(shot(again, hashes)).toEqual(shot(fromZero(records, at), hashes));
			for (const record of records.slice(at)) again.fold(record);
			expect(shot(again, hashes)).toEqual(shot(fromZero(records), hashes));
		}
	});

	test('[V1] the same sessions fall out of memory after a start as without it', async () => {
		const records: Recorded[] = [];
		const add = (stream: string, version: number, event: Recorded['event']) =>
			records.push({ seq: records.length + 1, stream, version, by: 'test', atMs: records.length, event });
		// They end in another order than they began.
		for (let n = 0; n < 700; n++) add(`test-${n}`, 1, callStarted);
		for (let n = 0; n < 690; n++) add(`test-${(n * 7) % 690}`, 2, { type: 'call-ended', reason: 'hung-up' });
		for (const at of [1, 700, 1100, 1250, 1390]) {
			const held = [...fromZero(records, at).all()].map(({ callId }) => callId);
			const again = await sessionsSince({ ...markAt(records[at - 1] as Recorded), held }, journalOf(records));
			for (const record of records.slice(at)) again.fold(record);
			expect(shot(again, [])).toEqual(shot(fromZero(records), []));
		}
	});

	test('[V3] a position is only good in the journal it was made of', async () => {
		const records = randomHistory(randomNumbers(1), 3, 300);
		const position = markAt(records[40] as Recorded);
		expect(await isStillThere(journalOf(records), position)).toBe(true);
		expect(await isStillThere(journalOf(records.slice(0, 40)), position)).toBe(false);
		const another = records.map((record) => (record.seq === 41 ? { ...record, atMs: 1 } : record));
		expect(await isStillThere(journalOf(another), position)).toBe(false);
	});

	test('[V5] what happens while a session is read again is in it, once', async () => {
		const records = randomHistory(randomNumbers(5), 1, 300);
		for (const [folded, read] of [
			[100, 100],
			[100, 140],
			[140, 100],
			[60, 200],
		] as const) {
			const reading = Promise.withResolvers<Recorded[]>();
			const all = sessions({ read: () => reading.promise, seq: folded });
			const recalled = all.recall('test-0');
			for (const record of records.slice(folded, 150)) all.fold(record);
			reading.resolve(records.slice(0, read));
			const session = await recalled;
			for (const record of records.slice(150)) all.fold(record);
			expect([...(session?.notes ?? [])]).toEqual([...(fromZero(records).get('test-0')?.notes ?? [])]);
			expect(session?.call).toEqual(fromZero(records).get('test-0')?.call);
		}
	});
});
