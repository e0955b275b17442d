import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Recorded } from '#server/journal/journal.ts';
import {
	markAt,
	type NextCheckpoint,
	nowhere,
	type Position,
	type SessionsCheckpoint,
} from '#server/projections/position.ts';
import { type RetentionTable, retentionSchema, retentionTable } from '#server/projections/retention-table.ts';
import type { SearchTerms } from '#server/projections/search-query.ts';
import { type SearchTables, searchSchema, searchTables } from '#server/projections/search-tables.ts';
import { surveySchema } from '#server/projections/survey-fold.ts';
import type { SegmentRow } from '#server/projections/survey-rows.ts';
import { type ResultsFilter, type SurveyTables, surveyTables } from '#server/projections/survey-tables.ts';
import { type Lifetime, type Operations, ownerOf, serve } from '#server/sqlite/serve.ts';
import type { Person } from '#shared/people.ts';
import type { FoundNotes } from '#shared/rest.ts';
import type { SurveyResults } from '#shared/survey-results.ts';

/** What the file of the views says of itself. */
export interface ViewsOpened {
	/** The journal that it was folded from; empty for a new file. */
	journal: string;
	search: Position;
	sessions: SessionsCheckpoint;
	/** Every call that was erased up to there. */
	erased: string[];
	/** Why an older file was thrown away at the opening. */
	discarded: 'shape' | 'damaged' | undefined;
}

/** What the thread of the views can be asked to do. */
export interface ViewsOperations extends Operations, Lifetime {
	opened(): ViewsOpened;
	/** Says which journal these views are of. */
	name(journal: string): void;
	/** Throws everything away and begins again, for this journal. */
	anew(journal: string): void;
	/**
	 * Folds the next records into search and results, with the place of the last one, in one transaction. Fails when the search does
	 * not stand at `after`: it was thrown away meanwhile.
	 */
	fold(asked: { after: number; records: readonly Recorded[] }): void;
	/** Keeps which sessions are in memory, and at which position. */
	keep(checkpoint: NextCheckpoint): void;
	find(asked: {
		person: Person;
		terms: SearchTerms;
		callId: string | undefined;
		before: number | undefined;
	}): FoundNotes;
	/** What came of surveys, counted. */
	results(asked: { person: Person; filter: ResultsFilter }): SurveyResults;
	/** A page of the segments those counts are of. */
	segments(asked: { person: Person; filter: ResultsFilter; after: number }): { rows: SegmentRow[]; more: boolean };
	/** The questions that those segments answer. */
	questions(asked: { person: Person; filter: ResultsFilter }): { scriptId: string; questionId: string }[];
	/** Calls that by their policy are to be erased by now. */
	due(asked: { nowMs: number; most: number }): string[];
}

/** The shape of the file, in `PRAGMA user_version`: a file of any other is thrown away and folded again. */
const shape = 3;
const schema = `
	CREATE TABLE journal (id TEXT NOT NULL) STRICT;
	CREATE TABLE checkpoint (of TEXT PRIMARY KEY, seq INTEGER NOT NULL, mark TEXT NOT NULL, held TEXT NOT NULL) STRICT;
	CREATE TABLE erased (call_id TEXT PRIMARY KEY) STRICT;
	${searchSchema}
	${surveySchema}
	${retentionSchema}
	PRAGMA user_version = ${shape};
`;

/** What SQLite says of a file that cannot be trusted. */
const isDamage = (error: unknown) => {
	const code = (error as { errcode?: number }).errcode;
	// SQLITE_CORRUPT and SQLITE_NOTADB, and what they are told more exactly as.
	return code !== undefined && ((code & 0xff) === 11 || (code & 0xff) === 26);
};

function viewsDatabase(path: string): ViewsOperations {
	const release = ownerOf(path, 'views');
	let discarded: ViewsOpened['discarded'];
	let database: DatabaseSync;
	let tables: SearchTables;
	let surveys: SurveyTables;
	let retained: RetentionTable;
	/** The journal these views are of. */
	let journal = '';
	try {
		try {
			open();
		} catch (error) {
			if (!isDamage(error)) throw error;
			startAnew('damaged');
		}
	} catch (error) {
		release();
		throw error;
	}

	function open() {
		// What was written is for few eyes; the files SQLite puts beside this one are like it.
		if (path !== ':memory:' && !existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
		if (path !== ':memory:') chmodSync(path, 0o600);
		database = new DatabaseSync(path, { timeout: 5000 });
		database.exec(
			// NORMAL: what a power cut takes is folded again. secure_delete: what was deleted is not in the file any more.
			'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384',
		);
		const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
		const isEmpty = database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined;
		if (isEmpty) database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
		else if (found !== shape) return startAnew('shape');
		journal = String(database.prepare('SELECT id FROM journal').get()?.id ?? '');
		tables = searchTables(database);
		surveys = surveyTables(database);
		retained = retentionTable(database);
	}

	function startAnew(why?: ViewsOpened['discarded']) {
		discarded = why;
		try {
			database?.close();
		} catch {
			// It was not open.
		}
		for (const end of ['', '-wal', '-shm']) if (path !== ':memory:') rmSync(`${path}${end}`, { force: true });
		const id = journal;
		open();
		name(id);
	}

	function name(id: string) {
		database.exec('DELETE FROM journal');
		database.prepare('INSERT INTO journal (id) VALUES (?)').run(id);
		journal = id;
	}

	const checkpoint = (of: 'search' | 'sessions', { seq, mark }: Position, held: readonly string[] = []) =>
		database.prepare('INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?)').run(of, seq, mark, JSON.stringify(held));
	const checkpointOf = (of: 'search' | 'sessions'): SessionsCheckpoint => {
		const row = database.prepare('SELECT seq, mark, held FROM checkpoint WHERE of = ?').get(of);
		if (!row) return { ...nowhere, held: [] };
		return { seq: Number(row.seq), mark: String(row.mark), held: JSON.parse(String(row.held)) };
	};
	const erased = () =>
		database
			.prepare('SELECT call_id FROM erased')
			.all()
			.map((row) => String(row.call_id));
	/** A file that turns out damaged while it is used is thrown away; whoever asked is told, and looks how far it is now. */
	const guarded = <T>(work: () => T): T => {
		try {
			return work();
		} catch (error) {
			if (!isDamage(error)) throw error;
			startAnew('damaged');
			throw error;
		}
	};

	return {
		opened: () => ({
			journal,
			search: checkpointOf('search'),
			sessions: checkpointOf('sessions'),
			erased: erased(),
			discarded,
		}),
		name,
		anew(id) {
			startAnew();
			name(id);
		},
		fold: ({ after, records }) =>
			guarded(() => {
				const last = records.at(-1);
				if (!last) return;
				if (checkpointOf('search').seq !== after) throw new Error('the search stands elsewhere');
				database.exec('BEGIN IMMEDIATE');
				try {
					for (const record of records) {
						tables.fold(record);
						surveys.fold(record);
						retained.fold(record);
					}
					checkpoint('search', markAt(last));
					database.exec('COMMIT');
				} catch (error) {
					if (database.isTransaction) database.exec('ROLLBACK');
					throw error;
				}
				// What was erased is not to lie in the log that SQLite writes first either.
				if (records.some(({ event }) => event.type === 'call-erased' || event.type === 'note-deleted'))
					database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
			}),
		keep: ({ held, erased, ...position }) =>
			guarded(() => {
				const add = database.prepare('INSERT OR IGNORE INTO erased VALUES (?)');
				// Before the checkpoint, which says that they are all there.
				for (const callId of erased) add.run(callId);
				checkpoint('sessions', position, held);
			}),
		find: ({ person, terms, callId, before }) => guarded(() => tables.find(person, terms, callId, before)),
		results: ({ person, filter }) => guarded(() => surveys.results(person, filter)),
		segments: ({ person, filter, after }) => guarded(() => surveys.segments(person, filter, after)),
		questions: ({ person, filter }) => guarded(() => surveys.questions(person, filter)),
		due: ({ nowMs, most }) => guarded(() => retained.due(nowMs, most)),
		close() {
			database.close();
			release();
		},
	};
}

serve('views', viewsDatabase);
