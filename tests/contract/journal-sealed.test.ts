import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, JournalEngine, Recorded } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { masterKey } from '#server/keys/master-key.ts';
import { type Sealing, sealing } from '#server/keys/sealing.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { keysInMemory } from '#tests/support/keys-in-memory.ts';
import { oneCall, surveyedCalls } from '#tests/support/story-of-every-event.ts';

const master = masterKey(Buffer.alloc(32, 1).toString('base64'));
const ofSurveys = surveyedCalls.filter(({ event }) => 'segmentId' in event);
const events = [...oneCall, ...ofSurveys].map(({ event }) => event);

/** The first `count` records, as somebody who begins now follows them. */
async function taken(journal: Journal, count: number): Promise<Recorded[]> {
	const records: Recorded[] = [];
	for await (const one of journal.follow(0, new AbortController().signal)) if (records.push(one) === count) break;
	return records;
}

describe('a journal that seals', () => {
	let engine: JournalEngine;
	let store: ReturnType<typeof keysInMemory>;
	let keys: Sealing;
	let journal: Journal;
	beforeEach(async () => {
		engine = await sqliteJournal(':memory:');
		onTestFinished(() => engine.close());
		store = keysInMemory();
		keys = sealing(store, master);
		journal = eventJournal(engine, keys);
	});

	test('[J5] [X1] gives back every type of event as it was, and its engine sees nothing personal', async () => {
		await journal.append('twilio-1', 0, entriesOf(events, 'eve', 1));
		const another = eventJournal(engine, sealing(store, master));
		for (const one of [journal, another]) {
			expect((await one.read('twilio-1')).map(({ event }) => event)).toEqual(events);
			expect((await taken(one, events.length)).map(({ event }) => event)).toEqual(events);
		}
		const seen = (await engine.read('twilio-1')).map(({ event }) => event.body).join();
		for (const words of ['Order enquiry', 'hold for minutes', 'gelöst', 'Schneller']) expect(seen).not.toContain(words);
		expect(seen).toContain('Ann Agent');
	});

	test('[L3] after its key is destroyed a call is read without its words, by who read them before too', async () => {
		await journal.append('twilio-1', 0, entriesOf(events, 'eve', 1));
		await journal.append('twilio-1', events.length, entriesOf([{ type: 'call-erased' }], 'operator', 2));
		await keys.destroy('twilio-1');
		const count = events.length + 1;
		for (const one of [journal, eventJournal(engine, sealing(store, master))])
			for (const records of [await one.read('twilio-1'), await taken(one, count)]) {
				expect(records.map(({ event }) => event.type)).toEqual([...events.map(({ type }) => type), 'call-erased']);
				expect(JSON.stringify(records)).not.toMatch(/Order enquiry|hold for minutes|gelöst|Schneller/);
			}
	});

	test('[L3] nothing personal of a call without a key can be put on record; the rest can', async () => {
		await journal.append('twilio-1', 0, entriesOf(events, 'eve', 1));
		await keys.destroy('twilio-1');
		const note = events.find(({ type }) => type === 'note-written') as SessionEvent;
		await expect(journal.append('twilio-1', events.length, entriesOf([note], 'eve', 1))).rejects.toMatchObject({
			code: 'call.erased',
		});
		await journal.append('twilio-1', events.length, entriesOf([{ type: 'call-erased' }], 'operator', 1));
		expect(await journal.read('twilio-1')).toHaveLength(events.length + 1);
	});

	test('what is sealed opens at its own place only', async () => {
		await journal.append('twilio-1', 0, entriesOf(events, 'eve', 1));
		const [first] = await engine.read('twilio-1');
		if (!first) throw new Error('nothing was recorded');
		await engine.append('twilio-1', events.length, entriesOf([first.event], 'mallory', 1));
		await expect(eventJournal(engine, keys).read('twilio-1')).rejects.toThrow();
	});

	test('[J2] appends that wait for a key are put to their stream in the order they were asked', async () => {
		const asked = events.map((event, version) => journal.append('twilio-1', version, entriesOf([event], 'eve', 1)));
		expect((await Promise.all(asked)).flat().map(({ version }) => version)).toEqual(events.map((_, n) => n + 1));
		expect((await journal.read('twilio-1')).map(({ event }) => event)).toEqual(events);
	});

	test('[J1] when the key cannot be had, nothing is on record, and it goes on once it can', async () => {
		const find = store.find;
		store.find = () => Promise.reject(Object.assign(new Error(), { code: 'journal.unavailable' }));
		await expect(journal.append('twilio-1', 0, entriesOf(events, 'eve', 1))).rejects.toMatchObject({
			code: 'journal.unavailable',
		});
		expect(await engine.last()).toBe(0);
		store.find = find;
		await journal.append('twilio-1', 0, entriesOf(events, 'eve', 1));
	});
});
