import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recorded } from '#server/journal/journal.ts';
import { searchTerms } from '#server/projections/search-query.ts';
import { pageLength, searchSchema, searchTables } from '#server/projections/search-tables.ts';
import { foldSession, maySeeNote, maySeeSession, type SessionView } from '#server/projections/session-view.ts';
import { noteKinds } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import type { FoundNote, NoteSearch } from '#shared/rest.ts';
import { cast, randomHistory, vocabulary } from '#tests/support/random-history.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

function tablesOf(records: readonly Recorded[]) {
	const database = new DatabaseSync(':memory:');
	database.exec(searchSchema);
	const tables = searchTables(database);
	for (const record of records) tables.fold(record);
	/** Every page, one after the other. */
	const all = (person: Person, search: NoteSearch): FoundNote[] => {
		const terms = searchTerms(search);
		if (!terms) throw new Error('an empty search');
		const found: FoundNote[] = [];
		for (;;) {
			const { notes, more } = tables.find(person, terms, search.callId, found.at(-1)?.place);
			found.push(...notes);
			expect(notes.length).toBe(more ? pageLength : notes.length);
			if (!more) return found;
		}
	};
	return { database, tables, all };
}

/** What the live views show this person of all sessions, newest first. */
function shownTo(person: Person, records: readonly Recorded[]) {
	const views = new Map<string, SessionView>();
	for (const record of records) {
		const change = foldSession(views.get(record.stream), record);
		if (change) views.set(record.stream, change.session);
	}
	return [...views.values()]
		.filter((session) => maySeeSession(person, session))
		.flatMap((session) => [...session.notes].map((note) => ({ ...note, callId: session.callId })))
		.filter((note) => note.deletedAtMs === undefined && maySeeNote(person, note))
		.sort((one, other) => other.place - one.place);
}

const plain = (text: string) =>
	text
		.normalize('NFD')
		.replace(/\p{Mn}/gu, '')
		.toLowerCase();
const holds = (text: string, word: string) =>
	plain(text)
		.split(/[^\p{L}\p{N}]+/u)
		.some((one) => one.startsWith(plain(word)));

describe('the search', () => {
	test('[V2] [N4] finds for everybody what the live views show them and nothing else, whatever happened', () => {
		const seed = seedFor('search and views');
		let found = 0;
		for (let round = 0; round < 6; round++) {
			const records = randomHistory(randomNumbers(seed + round), 12, 900);
			const { all } = tablesOf(records);
			for (const person of cast) {
				const shown = shownTo(person, records);
				found += shown.length;
				const idsOf = (search: NoteSearch) => all(person, search).map(({ noteId }) => noteId);
				for (const word of vocabulary.filter((one) => !one.startsWith('#')))
					for (const q of [word, word.slice(0, 2), plain(word).toUpperCase()])
						expect(idsOf({ q }), `${person.id} ${q}`).toEqual(
							shown.filter(({ text }) => holds(text, q)).map(({ noteId }) => noteId),
						);
				for (const kind of noteKinds)
					expect(idsOf({ kind })).toEqual(shown.filter((one) => one.kind === kind).map((one) => one.noteId));
				for (const tag of ['urgent', '#Follow-Up'])
					expect(idsOf({ tag })).toEqual(
						shown.filter(({ tags }) => tags.includes(tag.replace('#', '').toLowerCase())).map((one) => one.noteId),
					);
				expect(idsOf({ kind: 'praise', tag: 'urgent', q: 'refund caf', callId: 'test-3' })).toEqual(
					shown
						.filter(
							({ callId, kind, tags, text }) =>
								callId === 'test-3' &&
								kind === 'praise' &&
								tags.includes('urgent') &&
								holds(text, 'refund') &&
								holds(text, 'café'),
						)
						.map((one) => one.noteId),
				);
			}
		}
		expect(found).toBeGreaterThan(500);
	});

	test('any input at all is a search or asks for nothing, and is never an error', () => {
		const { tables } = tablesOf(randomHistory(randomNumbers(7), 4, 200));
		const nasty = fc.array(
			fc.constantFrom(
				'"',
				"'",
				'*',
				'^',
				':',
				'(',
				')',
				'-',
				'+',
				' ',
				'AND',
				'OR',
				'NOT',
				'NEAR',
				'text',
				'{',
				'}',
				'ß',
				'\0',
				'é',
			),
			{ maxLength: 60 },
		);
		const input = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 200 }),
			fc.string({ unit: 'grapheme', maxLength: 60 }),
			nasty.map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(input, input, fc.constantFrom(...cast), (q, tag, person) => {
				for (const search of [{ q }, { tag }, { q, tag }]) {
					const terms = searchTerms(search);
					if (terms) expect(tables.find(person, terms, undefined, undefined).more).toBeTypeOf('boolean');
				}
			}),
			{ seed: seedFor('search input'), numRuns: 400 },
		);
	});

	test.each([[{}], [{ q: '' }], [{ q: ' " * ( ' }], [{ tag: '#' }], [{ q: 'word', tag: '!' }]])(
		'%j asks for nothing',
		(search) => expect(searchTerms(search)).toBeUndefined(),
	);

	test('[V2] of an erased call nothing is found and no row is left', () => {
		const records = randomHistory(randomNumbers(3), 3, 400);
		const { database, tables, all } = tablesOf(records);
		for (const [n, stream] of ['test-0', 'test-1', 'test-2'].entries()) {
			const event = { type: 'call-erased' } as unknown as Recorded['event'];
			tables.fold({ seq: records.length + 1 + n, stream, version: 9999, by: 'ycord', atMs: 0, event });
		}
		for (const person of cast) expect(all(person, { q: 'refund' })).toEqual([]);
		for (const table of ['call', 'seat', 'note', 'words_content'])
			expect(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).toEqual({ rows: 0 });
	});
});
