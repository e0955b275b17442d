import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Recorded } from '#server/journal/journal.ts';
import { markOf, matchOf, type SearchTerms } from '#server/projections/search-query.ts';
import { tagsOf } from '#shared/note-text.ts';
import type { Person } from '#shared/people.ts';
import type { FoundNote, FoundNotes } from '#shared/rest.ts';

/** Notes that one search gives at once. */
export const pageLength = 50;
/** Up to so many sessions of an executive narrow a search down beforehand; of more, each note is looked at. */
const maxCallMarks = 500;

/** What a search needs to know of every note, and who sits in which session. All of it follows from the journal. */
export const searchSchema = `
	CREATE TABLE call (
		id INTEGER PRIMARY KEY,
		call_id TEXT NOT NULL UNIQUE,
		agent_id TEXT NOT NULL,
		team TEXT NOT NULL,
		label TEXT NOT NULL,
		started_at_ms REAL NOT NULL
	) STRICT;
	CREATE TABLE seat (
		call INTEGER NOT NULL,
		listening_id TEXT NOT NULL,
		person_id TEXT NOT NULL,
		is_in INTEGER NOT NULL,
		PRIMARY KEY (call, listening_id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX seat_of_person ON seat (person_id, call) WHERE is_in;
	CREATE TABLE note (
		place INTEGER PRIMARY KEY,
		call INTEGER NOT NULL,
		note_id TEXT NOT NULL,
		kind TEXT NOT NULL,
		lane TEXT NOT NULL,
		author_id TEXT NOT NULL,
		author_name TEXT NOT NULL,
		anchor_ms INTEGER NOT NULL,
		written_at_ms REAL NOT NULL,
		UNIQUE (call, note_id)
	) STRICT;
	CREATE VIRTUAL TABLE words USING fts5(text, marks, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
	INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
`;

/** Whether a session is this person's and a note for them, as `isIn` and `maySeeLane` say. [V2] [N4] */
const isMine = {
	agent: 'call.agent_id = :person',
	supervisor: 'call.team = :team',
	executive: 'EXISTS (SELECT 1 FROM seat WHERE seat.person_id = :person AND seat.call = call.id AND seat.is_in)',
};
const isForMe = {
	agent: "(note.lane = 'team' OR note.author_id = :person)",
	supervisor: "(note.lane <> 'private' OR note.author_id = :person)",
	executive: "(note.lane <> 'private' OR note.author_id = :person)",
};

/** What is searched, as one thread has it at hand. */
export interface SearchTables {
	/** Takes one record in; inside whatever transaction is open. */
	fold(record: Recorded): void;
	find(person: Person, terms: SearchTerms, callId: string | undefined, before: number | undefined): FoundNotes;
}

export function searchTables(database: DatabaseSync): SearchTables {
	const sql = (text: string): StatementSync => database.prepare(text);
	const addCall = sql(
		'INSERT OR IGNORE INTO call (call_id, agent_id, team, label, started_at_ms) VALUES (?, ?, ?, ?, ?)',
	);
	const findCall = sql('SELECT id, agent_id, team FROM call WHERE call_id = ?');
	const sit = sql('INSERT OR REPLACE INTO seat (call, listening_id, person_id, is_in) VALUES (?, ?, ?, 1)');
	const rise = sql('UPDATE seat SET is_in = 0 WHERE call = ? AND listening_id = ?');
	const addNote = sql('INSERT OR IGNORE INTO note VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
	const findNote = sql('SELECT place, kind FROM note WHERE call = ? AND note_id = ?');
	const setKind = sql('UPDATE note SET kind = ? WHERE place = ?');
	const setLane = sql('UPDATE note SET lane = ? WHERE call = ? AND note_id = ?');
	const dropNote = sql('DELETE FROM note WHERE place = ?');
	const addWords = sql('INSERT INTO words (rowid, text, marks) VALUES (?, ?, ?)');
	const setWords = sql('UPDATE words SET text = ?, marks = ? WHERE rowid = ?');
	const dropWords = sql('DELETE FROM words WHERE rowid = ?');
	const erase = [
		'DELETE FROM words WHERE rowid IN (SELECT place FROM note WHERE call = ?)',
		'DELETE FROM note WHERE call = ?',
		'DELETE FROM seat WHERE call = ?',
		'DELETE FROM call WHERE id = ?',
	].map(sql);
	const callsOf = sql(
		`SELECT DISTINCT call.call_id FROM seat JOIN call ON call.id = seat.call WHERE seat.person_id = ? AND seat.is_in LIMIT ${maxCallMarks + 1}`,
	);
	const finds = Object.fromEntries(
		(['agent', 'supervisor', 'executive'] as const).map((role) => [
			role,
			sql(`
				SELECT call.call_id AS callId, call.label AS callLabel, call.started_at_ms AS callStartedAtMs,
					note.note_id AS noteId, note.place, note.kind, note.lane, words.text, note.anchor_ms AS anchorMs,
					note.author_id AS authorId, note.author_name AS authorName, note.written_at_ms AS writtenAtMs
				FROM words CROSS JOIN note ON note.place = words.rowid CROSS JOIN call ON call.id = note.call
				WHERE words MATCH :match AND words.rowid < :before AND ${isMine[role]} AND ${isForMe[role]}
				ORDER BY words.rowid DESC LIMIT ${pageLength + 1}
			`),
		]),
	);
	for (const find of Object.values(finds)) find.setAllowUnknownNamedParameters(true);

	type Call = { id: number; agent_id: string; team: string };
	const marksOf = (callId: string, call: Call, kind: string, text: string) =>
		[
			markOf('call', callId),
			markOf('agent', call.agent_id),
			markOf('team', call.team),
			markOf('kind', kind),
			...tagsOf(text).map((tag) => markOf('tag', tag)),
		].join(' ');

	function fold({ event, stream, seq, atMs }: Recorded) {
		if (event.type === 'call-started') {
			const { agentId, team, label } = event.facts;
			addCall.run(stream, agentId, team, label, atMs);
			return;
		}
		const call = findCall.get(stream) as Call | undefined;
		if (!call) return;
		if (event.type === 'call-erased') {
			for (const one of erase) one.run(call.id);
			return;
		}
		const noteHere = (noteId: string) => findNote.get(call.id, noteId) as { place: number; kind: string } | undefined;
		switch (event.type) {
			case 'invited':
			case 'joined':
				sit.run(call.id, event.listeningId, event.listener.id);
				return;
			case 'invitation-withdrawn':
			case 'listener-removed':
				rise.run(call.id, event.listeningId);
				return;
			case 'note-written': {
				const { noteId, kind, lane, author, anchorMs, text } = event;
				if (noteHere(noteId)) return;
				addNote.run(seq, call.id, noteId, kind, lane, author.id, author.name, anchorMs, atMs);
				addWords.run(seq, text, marksOf(stream, call, kind, text));
				return;
			}
			case 'note-edited': {
				const note = noteHere(event.noteId);
				if (!note) return;
				setKind.run(event.kind, note.place);
				setWords.run(event.text, marksOf(stream, call, event.kind, event.text), note.place);
				return;
			}
			case 'note-deleted': {
				const note = noteHere(event.noteId);
				if (!note) return;
				dropWords.run(note.place);
				dropNote.run(note.place);
				return;
			}
			case 'note-widened':
				setLane.run(event.lane, call.id, event.noteId);
				return;
		}
	}

	/** What leaves most of what this person may not see out of the search, for speed alone. */
	function ownMarks(person: Person): string[] {
		if (person.role === 'agent') return [markOf('agent', person.id)];
		if (person.role === 'supervisor') return [markOf('team', person.team)];
		const calls = callsOf.all(person.id);
		return calls.length > maxCallMarks ? [] : calls.map((call) => markOf('call', String(call.call_id)));
	}

	return {
		fold,
		find(person, { words, tag, kind }, callId, before) {
			const own = ownMarks(person);
			if (own.length === 0 && !callsOf.get(person.id)) return { notes: [], more: false };
			const marks = [own];
			if (callId !== undefined) marks.push([markOf('call', callId)]);
			if (tag !== undefined) marks.push([markOf('tag', tag)]);
			if (kind !== undefined) marks.push([markOf('kind', kind)]);
			const match = matchOf(
				words,
				marks.filter((either) => either.length > 0),
			);
			// Someone whose sessions are too many to name, and who asks for nothing that was written: cannot be, see `searchTerms`.
			const found = finds[person.role]?.all({
				match,
				before: before ?? Number.MAX_SAFE_INTEGER,
				person: person.id,
				team: person.team,
			}) as unknown as Omit<FoundNote, 'tags'>[];
			const notes = found.slice(0, pageLength).map((one) => ({ ...one, tags: tagsOf(one.text) }));
			return { notes, more: found.length > pageLength };
		},
	};
}
