import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SessionEvent } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { openRecord } from '#server/record.ts';
import { handClock } from '#tests/support/clock.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { foldedPlain } from '#tests/support/folded-plain.ts';
import { erasedCall, type Line, oneCall, surveyedCalls } from '#tests/support/story-of-every-event.ts';

/**
 * Writes a journal for `tests/fixtures`, once a release: `node tests/support/write-fixture-journal.ts <folder> [schema-1]`.
 * What is there already is left alone: a fixture that is written again proves nothing.
 */
const [folder = '', schema] = process.argv.slice(2);
mkdirSync(folder);
const startMs = 1_700_000_000_000;
const lines = schema === 'schema-1' ? oneCall : [...oneCall, ...erasedCall, ...surveyedCalls];

const versions = new Map<string, number>();
const records: Recorded[] = lines.map(({ stream, by, event }, index) => {
	const version = (versions.get(stream) ?? 0) + 1;
	versions.set(stream, version);
	return { seq: index + 1, stream, version, by, atMs: startMs + index * 1000, event };
});

if (schema === 'schema-1') writeFirstShape();
else await writeToday();
const left = records.map((record) => ({
	...record,
	event: isErased(record) ? withoutWords(record.event) : record.event,
}));
const expected = { records: left, sessions: foldedPlain(left) };
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, '\t')}\n`);
rmSync(join(folder, 'journal.sqlite.lock'), { force: true });
for (const file of ['journal.sqlite', 'keys.sqlite'])
	for (const rest of ['-wal', '-shm'])
		try {
			readFileSync(join(folder, file + rest));
			throw new Error(`${file}${rest} is still there`);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		}

function isErased({ stream }: Line | Recorded): boolean {
	return lines.some((line) => line.stream === stream && line.event.type === 'call-erased');
}

function withoutWords(event: SessionEvent): SessionEvent {
	if (event.type === 'note-written' || event.type === 'note-edited') return { ...event, text: '' };
	if (event.type === 'question-answered') return { ...event, value: '' };
	return event.type === 'call-started' ? { ...event, facts: { ...event.facts, label: '' } } : event;
}

/** As this version of Ycord writes it, with keys and a master key of its own. */
async function writeToday() {
	const { journal, keys, close } = await openRecord({ data: folder, site: 'ycord', dev: false }, handClock());
	for (const { stream, version, event, by, atMs } of records) {
		await journal.append(stream, version - 1, entriesOf([event], by, atMs));
		if (event.type === 'call-erased') await keys.sealing.destroy(stream);
	}
	await close();
}

/** As Ycord wrote it before a journal had a name and anything was sealed. */
function writeFirstShape() {
	const database = new DatabaseSync(join(folder, 'journal.sqlite'));
	database.exec(`
		PRAGMA journal_mode = WAL;
		CREATE TABLE event (
			seq INTEGER PRIMARY KEY,
			stream TEXT NOT NULL,
			version INTEGER NOT NULL,
			by TEXT NOT NULL,
			at_ms REAL NOT NULL,
			type TEXT NOT NULL,
			type_version INTEGER NOT NULL,
			body TEXT NOT NULL,
			UNIQUE (stream, version)
		) STRICT;
		CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
			BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
		CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
			BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
		PRAGMA user_version = 1;
	`);
	const insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, 1, ?)');
	for (const { seq, stream, version, by, atMs, event } of records)
		insert.run(seq, stream, version, by, atMs, event.type, JSON.stringify(event));
	database.close();
}
