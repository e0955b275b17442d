import type { StatementSync } from 'node:sqlite';
import type { SegmentEvent } from '#server/domain/handoff.ts';
import type { Recorded } from '#server/journal/journal.ts';

/** Every call in which a survey was possible, and what came of it. Only `survey_answer` holds anything personal. */
export const surveySchema = `
	CREATE TABLE survey_call (
		id INTEGER PRIMARY KEY,
		call_id TEXT NOT NULL UNIQUE,
		queue TEXT NOT NULL,
		agent_id TEXT NOT NULL,
		agent_name TEXT NOT NULL,
		rehearsal INTEGER NOT NULL,
		started_at_ms REAL NOT NULL,
		was_heard INTEGER NOT NULL DEFAULT 0,
		erased INTEGER NOT NULL DEFAULT 0
	) STRICT;
	CREATE INDEX survey_call_of_queue ON survey_call (queue, started_at_ms);
	CREATE TABLE survey_seat (
		call INTEGER NOT NULL,
		listening_id TEXT NOT NULL,
		person_id TEXT NOT NULL,
		is_executive INTEGER NOT NULL,
		is_in INTEGER NOT NULL DEFAULT 1,
		PRIMARY KEY (call, listening_id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE survey_script (
		id INTEGER PRIMARY KEY,
		script_id TEXT NOT NULL,
		version INTEGER NOT NULL,
		language TEXT NOT NULL,
		body TEXT NOT NULL UNIQUE
	) STRICT;
	CREATE TABLE survey_segment (
		place INTEGER PRIMARY KEY,
		call INTEGER NOT NULL,
		segment_id TEXT NOT NULL,
		offered_how TEXT NOT NULL,
		offered_by TEXT NOT NULL,
		script INTEGER,
		identity TEXT,
		asked_at_ms REAL,
		consent TEXT,
		executive_name TEXT,
		taken_by TEXT,
		live_at_ms REAL,
		over_at_ms REAL,
		ending TEXT,
		returned_to TEXT,
		UNIQUE (call, segment_id)
	) STRICT;
	CREATE TABLE survey_answer (
		segment INTEGER NOT NULL,
		question_id TEXT NOT NULL,
		value TEXT NOT NULL,
		PRIMARY KEY (segment, question_id)
	) STRICT, WITHOUT ROWID;
`;

/** Keeps the tables as the journal tells: takes one record in, inside whatever transaction is open. */
export function surveyFold(sql: (text: string) => StatementSync): (record: Recorded) => void {
	const addCall = sql(
		'INSERT OR IGNORE INTO survey_call (call_id, queue, agent_id, agent_name, rehearsal, started_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
	);
	const findCall = sql('SELECT id FROM survey_call WHERE call_id = ?');
	const sit = sql(
		'INSERT OR REPLACE INTO survey_seat (call, listening_id, person_id, is_executive) VALUES (?, ?, ?, ?)',
	);
	const rise = sql('UPDATE survey_seat SET is_in = 0 WHERE call = ? AND listening_id = ?');
	const hear = sql(
		'UPDATE survey_call SET was_heard = 1 WHERE id = ? AND EXISTS (SELECT 1 FROM survey_seat WHERE call = survey_call.id AND listening_id = ? AND is_executive)',
	);
	const addScript = sql('INSERT OR IGNORE INTO survey_script (script_id, version, language, body) VALUES (?, ?, ?, ?)');
	const findScript = sql('SELECT id FROM survey_script WHERE body = ?');
	const offer = sql(
		'INSERT OR IGNORE INTO survey_segment (place, call, segment_id, offered_how, offered_by) VALUES (?, ?, ?, ?, ?)',
	);
	const findSegment = sql('SELECT place FROM survey_segment WHERE call = ? AND segment_id = ?');
	const ask = sql('UPDATE survey_segment SET script = ?, identity = ?, asked_at_ms = ? WHERE place = ?');
	const consent = sql('UPDATE survey_segment SET consent = ? WHERE place = ?');
	// Who has the line for a second time, after a broken connection, is the same person by the same way.
	const take = sql('UPDATE survey_segment SET executive_name = ?, taken_by = ? WHERE place = ? AND taken_by IS NULL');
	const goLive = sql('UPDATE survey_segment SET live_at_ms = ? WHERE place = ?');
	const end = sql('UPDATE survey_segment SET ending = ?, over_at_ms = ? WHERE place = ?');
	const bringBack = sql('UPDATE survey_segment SET returned_to = ? WHERE place = ?');
	const endAll = sql(
		"UPDATE survey_segment SET ending = 'call-ended', over_at_ms = ? WHERE call = ? AND taken_by IS NOT NULL AND ending IS NULL",
	);
	const answer = sql('INSERT OR REPLACE INTO survey_answer (segment, question_id, value) VALUES (?, ?, ?)');
	const unanswer = sql('DELETE FROM survey_answer WHERE segment = ? AND question_id = ?');
	const eraseAnswers = sql(
		'DELETE FROM survey_answer WHERE segment IN (SELECT place FROM survey_segment WHERE call = ?)',
	);
	const eraseCall = sql('UPDATE survey_call SET erased = 1 WHERE id = ?');

	function foldSegment(call: number, event: SegmentEvent, { seq, atMs }: Recorded) {
		if (event.type === 'survey-offered') {
			const { offer: by } = event;
			offer.run(seq, call, event.segmentId, by.how, by.how === 'quota' ? '' : by.person.name);
			return;
		}
		const place = findSegment.get(call, event.segmentId)?.place as number | undefined;
		if (place === undefined) return;
		switch (event.type) {
			case 'survey-asked': {
				const { script, identity } = event.asked;
				const body = JSON.stringify(script);
				addScript.run(script.id, script.version, script.language, body);
				ask.run(Number(findScript.get(body)?.id), identity, atMs, place);
				return;
			}
			case 'consent-recorded':
				consent.run(event.answer, place);
				return;
			case 'line-taken':
				take.run(event.taken.executive.name, event.taken.by, place);
				return;
			case 'survey-live':
				goLive.run(atMs, place);
				return;
			case 'survey-finished':
			case 'line-lost':
				end.run(event.how, atMs, place);
				return;
			case 'consent-withdrawn':
				end.run('withdrawn', atMs, place);
				return;
			case 'customer-returned':
				bringBack.run(event.to, place);
				return;
			case 'question-answered':
				if (event.value === '') unanswer.run(place, event.questionId);
				else answer.run(place, event.questionId, event.value);
				return;
		}
	}

	return (record) => {
		const { event, stream, atMs } = record;
		if (event.type === 'call-started') {
			const { team, agentId, agentName, rehearsal } = event.facts;
			addCall.run(stream, team, agentId, agentName, rehearsal ? 1 : 0, atMs);
			return;
		}
		const isOurs = 'segmentId' in event || 'listeningId' in event;
		if (!isOurs && event.type !== 'call-ended' && event.type !== 'call-erased') return;
		const call = findCall.get(stream)?.id as number | undefined;
		if (call === undefined) return;
		if ('segmentId' in event) return foldSegment(call, event, record);
		switch (event.type) {
			case 'invited':
			case 'joined':
				sit.run(call, event.listeningId, event.listener.id, event.listener.role === 'executive' ? 1 : 0);
				return;
			case 'invitation-withdrawn':
			case 'listener-removed':
				rise.run(call, event.listeningId);
				return;
			case 'listening-started':
				hear.run(call, event.listeningId);
				return;
			case 'call-ended':
				endAll.run(atMs, call);
				return;
			case 'call-erased':
				// The counts stay: nothing in them is the customer's.
				eraseAnswers.run(call);
				eraseCall.run(call);
				return;
		}
	};
}
