import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, JournalEngine, Recorded } from '#server/journal/journal.ts';
import { noteKinds } from '#shared/note.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { seedFor } from '#tests/support/seed.ts';

/** Where one journal of an engine lives, empty at first: opened, closed and opened again it is the same journal. */
export interface JournalPlace {
	open(): Promise<JournalEngine>;
	remove(): Promise<void>;
}

/** What every journal engine must do, whatever it is made of. */
export function journalContract(engine: string, makePlace: () => Promise<JournalPlace>): void {
	describe(`journal on ${engine}`, () => {
		let place: JournalPlace;
		let journal: Journal;
		const opened = async () => eventJournal(await place.open());
		beforeEach(async () => {
			place = await makePlace();
			journal = await opened();
		});
		afterEach(async () => {
			await journal.close();
			await place.remove();
		});
		const append = (stream: string, expected: number, ...events: SessionEvent[]) =>
			journal.append(stream, expected, entriesOf(events, 'eva', 1_700_000_000_000));

		test('[J1] every event of an append is on record, in the order given', async () => {
			const events = [note('one'), note('two'), note('three')];
			await append('twilio-1', 0, ...events);
			expect((await journal.read('twilio-1')).map((one) => one.event)).toEqual(events);
		});

		test('[J1] a refused append leaves nothing behind, and no hole in the order', async () => {
			await append('twilio-1', 0, note('first'));
			await expect(append('twilio-1', 0, note('late'), note('later'))).rejects.toMatchObject(conflict);
			await append('twilio-1', 1, note('second'));
			expect(texts(await journal.read('twilio-1'))).toEqual(['first', 'second']);
			expect((await taken(journal, 0, 2)).map((one) => one.seq)).toEqual([1, 2]);
		});

		test('[J1] appends of several events never mix, however many race for a stream', async () => {
			const racers = Array.from({ length: 30 }, (_, racer) =>
				untilRecorded(journal, 'twilio-1', () => [note(`${racer} a`), note(`${racer} b`), note(`${racer} c`)]),
			);
			await Promise.all(racers);
			const seen = texts(await journal.read('twilio-1'));
			expect(seen).toHaveLength(90);
			for (let first = 0; first < seen.length; first += 3) {
				const racer = seen[first]?.split(' ')[0];
				expect(seen.slice(first, first + 3)).toEqual([`${racer} a`, `${racer} b`, `${racer} c`]);
			}
		});

		test.each([0, 1, 3, 99])('[J2] a stream of two refuses who expects %i', async (expected) => {
			await append('twilio-1', 0, note('one'), note('two'));
			await expect(append('twilio-1', expected, note('three'))).rejects.toMatchObject(conflict);
			expect(await journal.last()).toBe(2);
		});

		test('[J2] a stream that is not there yet stands at 0', async () => {
			await expect(append('twilio-1', 1, note('one'))).rejects.toMatchObject(conflict);
			expect(await journal.read('twilio-1')).toEqual([]);
			expect(await append('twilio-1', 0, note('one'))).toHaveLength(1);
		});

		test('[J2] an append of nothing records nothing, and still tells who was beaten', async () => {
			await append('twilio-1', 0, note('one'));
			expect(await append('twilio-1', 1)).toEqual([]);
			await expect(append('twilio-1', 0)).rejects.toMatchObject(conflict);
			expect(await journal.last()).toBe(1);
		});

		test('[J2] of appends that come together each sees the one before, and a beaten one undoes no other', async () => {
			const outcomes = await Promise.allSettled([
				append('twilio-1', 0, note('one')),
				append('twilio-2', 0, note('elsewhere')),
				append('twilio-1', 0, note('beaten')),
				append('twilio-1', 1, note('two'), note('three')),
				append('twilio-2', 7, note('far ahead')),
				append('twilio-1', 3, note('four')),
			]);
			expect(outcomes.map((one) => one.status === 'fulfilled')).toEqual([true, true, false, true, false, true]);
			expect(texts(await journal.read('twilio-1'))).toEqual(['one', 'two', 'three', 'four']);
			expect(texts(await journal.read('twilio-2'))).toEqual(['elsewhere']);
		});

		test('[J2] of 64 writers that want the same place in a stream exactly one gets it, each time', async () => {
			for (let version = 0; version < 20; version++) {
				const writers = Array.from({ length: 64 }, (_, writer) => append('twilio-1', version, note(`by ${writer}`)));
				const outcomes = await Promise.allSettled(writers);
				expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
				for (const one of outcomes)
					if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'journal.conflict' });
			}
			expect(await journal.last()).toBe(20);
		});

		test('[J1] [J4] 64 writers to 64 streams are all acknowledged, in one order without holes', async () => {
			const each = 20;
			const acknowledged = await Promise.all(
				Array.from({ length: 64 }, async (_, writer) => {
					const mine: Recorded[] = [];
					for (let version = 0; version < each; version++)
						mine.push(...(await append(`twilio-${writer}`, version, note(`${version}`))));
					return mine;
				}),
			);
			const order = await taken(journal, 0, 64 * each);
			expect(order.map((one) => one.seq)).toEqual(upTo(64 * each));
			expect(acknowledged.flat().sort(bySeq)).toEqual(order);
			for (const mine of acknowledged) {
				expect(mine.map((one) => one.version)).toEqual(upTo(each));
				expect(mine.toSorted(bySeq)).toEqual(mine);
			}
		});

		test('[J3] who follows gets what is on record, then what comes', async () => {
			await append('twilio-1', 0, note('before'));
			const hold = new AbortController();
			const following = journal.follow(0, hold.signal)[Symbol.asyncIterator]();
			expect((await following.next()).value).toMatchObject({ seq: 1, event: { text: 'before' } });
			const next = following.next();
			await append('twilio-2', 0, note('after'));
			expect((await next).value).toMatchObject({ seq: 2, stream: 'twilio-2', event: { text: 'after' } });
			hold.abort();
			expect((await following.next()).done).toBe(true);
		});

		test('[J3] followers miss nothing and get nothing twice while 8 writers append', async () => {
			const total = 8 * 100;
			const followers = [0, 0, 1, 250, 799].map((from) => taken(journal, from, total - from));
			const slow = taken(journal, 3, total - 3, () => journal.last());
			await Promise.all(
				upTo(8).map(async (writer) => {
					for (let version = 0; version < 100; version++) await append(`twilio-${writer}`, version, note('x'));
				}),
			);
			const late = taken(journal, 500, total - 500);
			for (const following of [...followers, slow, late]) {
				const seqs = (await following).map((one) => one.seq);
				expect(seqs).toEqual(upTo(total).slice(total - seqs.length));
			}
		});

		test('[J3] who stops for a long while and then reads on has missed nothing', async () => {
			await append('twilio-1', 0, note('first'));
			const hold = new AbortController();
			const following = journal.follow(0, hold.signal)[Symbol.asyncIterator]();
			await following.next();
			for (let version = 1; version < 4000; version += 100)
				await append('twilio-1', version, ...upTo(100).map((n) => note(`${n}`)));
			const seqs: number[] = [];
			while (seqs.length < 4000) seqs.push((await following.next()).value.seq);
			expect(seqs).toEqual(upTo(4001).slice(1));
			hold.abort();
		});

		test('[J3] following starts in the middle where one was left off', async () => {
			await append('twilio-1', 0, ...upTo(10).map((n) => note(`${n}`)));
			expect(texts(await taken(journal, 7, 3))).toEqual(['8', '9', '10']);
		});

		test('[J3] following from beyond the end waits for what comes after that', async () => {
			const following = taken(journal, 2, 1);
			await append('twilio-1', 0, note('one'), note('two'), note('three'));
			expect(texts(await following)).toEqual(['three']);
		});

		test('[J3] following ends when it is aborted: before it began, in the middle, and while it waits', async () => {
			await append('twilio-1', 0, note('one'), note('two'));
			expect(await allOf(journal.follow(0, AbortSignal.abort()))).toEqual([]);

			const inTheMiddle = new AbortController();
			const seen: number[] = [];
			for await (const one of journal.follow(0, inTheMiddle.signal)) {
				seen.push(one.seq);
				inTheMiddle.abort();
			}
			expect(seen).toEqual([1]);

			const atTheEnd = new AbortController();
			const waiting = allOf(journal.follow(2, atTheEnd.signal));
			await journal.last();
			atTheEnd.abort();
			expect(await waiting).toEqual([]);
		});

		test('[J3] following ends when the journal is closed', async () => {
			await append('twilio-1', 0, note('one'));
			const following = allOf(journal.follow(1, new AbortController().signal));
			await journal.last();
			await journal.close();
			expect(await following).toEqual([]);
		});

		test('[J4] all streams share one order from 1, and each counts its own versions from 1', async () => {
			expect(await journal.last()).toBe(0);
			const answers = [
				...(await append('twilio-1', 0, note('a'), note('b'))),
				...(await append('twilio-2', 0, note('c'))),
				...(await append('twilio-1', 2, note('d'))),
			];
			expect(answers.map(({ seq, stream, version }) => [seq, stream, version])).toEqual([
				[1, 'twilio-1', 1],
				[2, 'twilio-1', 2],
				[3, 'twilio-2', 1],
				[4, 'twilio-1', 3],
			]);
			expect(await journal.last()).toBe(4);
			expect(await taken(journal, 0, 4)).toEqual(answers);
			expect(await journal.read('twilio-1')).toEqual(answers.filter((one) => one.stream === 'twilio-1'));
		});

		test('[W3] a journal keeps its name, and no other has it', async () => {
			const { id } = journal;
			expect(id).toMatch(/^[0-9a-f-]{36}$/);
			await journal.close();
			journal = await opened();
			expect(journal.id).toBe(id);
			const other = await makePlace();
			const elsewhere = await other.open();
			expect(elsewhere.id).not.toBe(id);
			await elsewhere.close();
			await other.remove();
		});

		test('[J4] [N1] what was acknowledged is there after opening the journal again, and the counting goes on', async () => {
			const before = await append('twilio-1', 0, note('one'), note('two'));
			await journal.close();
			journal = await opened();
			expect(await journal.last()).toBe(2);
			expect(await journal.read('twilio-1')).toEqual(before);
			await expect(append('twilio-1', 0, note('beaten'))).rejects.toMatchObject(conflict);
			const after = await append('twilio-1', 2, note('three'));
			expect(after).toMatchObject([{ seq: 3, version: 3 }]);
			expect(await taken(journal, 0, 3)).toEqual([...before, ...after]);
		});

		test('[J1] what was accepted before closing is on record and acknowledged', async () => {
			const accepted = upTo(500).map((n) => append(`twilio-${n}`, 0, note(`${n}`)));
			await journal.close();
			await Promise.all(accepted);
			await expect(append('twilio-0', 0, note('too late'))).rejects.toMatchObject({ code: 'journal.unavailable' });
			journal = await opened();
			expect(await journal.last()).toBe(500);
		});

		test('[J5] a long stream is read whole', async () => {
			const events = upTo(1234).map((n) => note(`${n}`));
			await append('twilio-1', 0, ...events);
			await append('twilio-2', 0, note('other'));
			expect((await journal.read('twilio-1')).map((one) => one.event)).toEqual(events);
		});

		test('[J5] changing an event after it was given changes nothing on record', async () => {
			const event = note('as given');
			const appending = append('twilio-1', 0, event);
			event.text = 'changed since';
			const [answer] = await appending;
			expect(answer?.event).toEqual(note('as given'));
			expect(texts(await journal.read('twilio-1'))).toEqual(['as given']);
		});

		test('[J5] events come back exactly as they were given, whatever they say, also after opening again', async () => {
			const given = new Map<string, Pick<Recorded, 'event' | 'by' | 'atMs'>[]>();
			await fc.assert(
				fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), by, atMs, async (events, by, atMs) => {
					const stream = `twilio-${given.size}`;
					given.set(
						stream,
						events.map((event) => ({ event: structuredClone(event), by, atMs })),
					);
					const answer = await journal.append(stream, 0, entriesOf(events, by, atMs));
					expect(answer.map(asGiven)).toStrictEqual(given.get(stream));
					expect(await journal.read(stream)).toStrictEqual(answer);
				}),
				{ numRuns: 150, seed: seedFor(`journal on ${engine} [J5]`) },
			);
			await journal.close();
			journal = await opened();
			for (const [stream, events] of given) expect((await journal.read(stream)).map(asGiven)).toStrictEqual(events);
		});
	});
}

const conflict = { name: 'Refusal', code: 'journal.conflict' };
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const bySeq = (one: Recorded, other: Recorded) => one.seq - other.seq;
const asGiven = ({ event, by, atMs }: Recorded) => ({ event, by, atMs });
const texts = (records: readonly Recorded[]) =>
	records.map(({ event }) => (event.type === 'note-written' ? event.text : event.type));

const note = (words: string) => ({
	type: 'note-written' as const,
	noteId: '0192f0c1-2b3c-7d4e-8f50-6172839405a6',
	kind: 'observation' as const,
	lane: 'team' as const,
	text: words,
	anchorMs: 1200,
	author: { id: 'eva', name: 'Eva', role: 'executive' as const },
});

/** The next `count` events after `seq`; `pause` is waited for after each, which makes a slow follower. */
async function taken(
	journal: Journal,
	seq: number,
	count: number,
	pause?: () => Promise<unknown>,
): Promise<Recorded[]> {
	const records: Recorded[] = [];
	const enough = new AbortController();
	for await (const one of journal.follow(seq, enough.signal)) {
		records.push(one);
		if (records.length === count) enough.abort();
		await pause?.();
	}
	return records;
}

async function allOf(following: AsyncIterable<Recorded>): Promise<Recorded[]> {
	const records: Recorded[] = [];
	for await (const one of following) records.push(one);
	return records;
}

/** Reads and appends until nobody came between. */
async function untilRecorded(journal: Journal, stream: string, events: () => SessionEvent[]): Promise<void> {
	for (;;) {
		const { length } = await journal.read(stream);
		try {
			await journal.append(stream, length, entriesOf(events(), 'eva', 1));
			return;
		} catch (error) {
			expect(error).toMatchObject(conflict);
		}
	}
}

/** Any text JavaScript can hold: all of Unicode, control characters, and halves of surrogate pairs. */
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 60 }),
	fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
	fc.constantFrom(
		'',
		'\u0000',
		'"',
		'\\',
		'\u2028',
		'\ud800',
		'👩🏽‍🚒',
		'__proto__',
		'null',
		'é',
		'é'.normalize('NFD'),
	),
);
const count = fc.oneof(fc.maxSafeNat(), fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }));
const role = fc.constantFrom('executive' as const, 'supervisor' as const);
const by = fc.oneof(fc.constantFrom('eva', 'gateway:twilio', 'ycord'), fc.string({ unit: 'grapheme' }));
const atMs = fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.constant(1_763_826_000_000.25));
const listener = fc.record({ id: text, name: text, role });
const event: fc.Arbitrary<SessionEvent> = fc.oneof(
	fc.record({
		type: fc.constant('note-written' as const),
		noteId: text,
		kind: fc.constantFrom(...noteKinds),
		lane: fc.constantFrom('private' as const, 'leadership' as const, 'team' as const),
		text,
		anchorMs: count,
		author: listener,
	}),
	fc.record({
		type: fc.constant('call-started' as const),
		facts: fc.record({
			gateway: text,
			rehearsal: fc.boolean(),
			label: text,
			agentId: text,
			agentName: text,
			team: text,
			disclosure: fc.constantFrom('notice' as const, 'announced' as const, 'asked' as const),
		}),
	}),
	fc.record({ type: fc.constantFrom('call-held' as const, 'call-protected' as const, 'call-restored' as const) }),
	fc.record({
		type: fc.constant('invited' as const),
		listeningId: text,
		listener,
		secretHash: text,
		expiresAtMs: count,
	}),
	fc.record({
		type: fc.constant('listening-stopped' as const),
		listeningId: text,
		reason: fc.constantFrom('left' as const, 'sound-refused' as const),
		audibleMs: count,
		lostMs: count,
	}),
);
