import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Recorded } from '#server/journal/journal.ts';
import { openRecord } from '#server/record.ts';
import { handClock } from '#tests/support/clock.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { foldedPlain } from '#tests/support/folded-plain.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** Journals of every age, with their hash: one that was written again would prove nothing. tests/fixtures/README.md */
const fixtures = [
	{
		name: 'journal-schema-1',
		hash: 'd9ba3c6d68f97eb118a8bebbb580447aab7230afc21b56ddbcafb6c6e554e0b4',
	},
	{
		name: 'journal-0.1',
		hash: '349869f7305010546fd6f2fcdcda5dd8674436bd45d533fe81447ad55d85075a',
	},
];
const folderOf = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

describe.each(fixtures)('[J7] the journal of $name', ({ name, hash }) => {
	const { records, sessions } = JSON.parse(readFileSync(join(folderOf(name), 'expected.json'), 'utf8')) as {
		records: Recorded[];
		sessions: Record<string, Record<string, object>>;
	};

	/** A copy, opened as a server of today opens it. */
	async function opened() {
		const { path, remove } = await temporaryFolder();
		cpSync(folderOf(name), path, { recursive: true });
		const record = await openRecord({ data: path, site: 'ycord', dev: false }, handClock());
		onTestFinished(async () => {
			await record.close();
			await remove();
		});
		return record;
	}

	async function everything() {
		const { journal } = await opened();
		const last = await journal.last();
		const read: Recorded[] = [];
		for await (const one of journal.follow(0, new AbortController().signal)) if (read.push(one) === last) break;
		return read;
	}

	test('was never written again', () => {
		const bytes = readFileSync(join(folderOf(name), 'journal.sqlite'));
		expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
	});

	test('reads: every event, who, when and where', async () => {
		const read = await everything();
		expect(read).toHaveLength(records.length);
		expect(read).toMatchObject(records);
	});

	test('reads stream by stream as well', async () => {
		const { journal } = await opened();
		for (const callId of Object.keys(sessions))
			expect(await journal.read(callId)).toMatchObject(records.filter(({ stream }) => stream === callId));
	});

	test('folds to the sessions it was', async () => {
		const folded = foldedPlain(await everything()) as typeof sessions;
		expect(Object.keys(folded)).toEqual(Object.keys(sessions));
		expect(folded).toMatchObject(sessions);
		for (const [callId, { notes = {}, listenings = {} }] of Object.entries(sessions)) {
			expect(Object.keys(folded[callId]?.notes ?? {})).toEqual(Object.keys(notes));
			expect(Object.keys(folded[callId]?.listenings ?? {})).toEqual(Object.keys(listenings));
		}
	});

	test('goes on: what is appended today stands behind it', async () => {
		const { journal } = await opened();
		const facts = { gateway: 'test', rehearsal: false, label: 'New', agentId: 'ann', agentName: 'Ann', team: 'Orders' };
		const event = { type: 'call-started', facts: { ...facts, disclosure: 'notice' } } as const;
		await journal.append('test-new', 0, entriesOf([event], 'gateway:test', 1));
		expect(await journal.read('test-new')).toMatchObject([{ seq: records.length + 1, event }]);
	});
});

test('[L3] of an erased call in an old journal everything reads but its words', async () => {
	const { records } = JSON.parse(readFileSync(join(folderOf('journal-0.1'), 'expected.json'), 'utf8'));
	const erased = (records as Recorded[]).filter(({ stream }) => stream === 'twilio-CA02');
	expect(erased.map(({ event }) => event.type)).toEqual(['call-started', 'note-written', 'call-ended', 'call-erased']);
	expect(erased[1]?.event).toMatchObject({ type: 'note-written', text: '' });
});
