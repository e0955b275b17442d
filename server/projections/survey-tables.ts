import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Recorded } from '#server/journal/journal.ts';
import { type AnsweredSegment, surveyAnswers } from '#server/projections/survey-answers.ts';
import { tally } from '#server/projections/survey-counts.ts';
import { surveyFold } from '#server/projections/survey-fold.ts';
import {
	type CallRow,
	countedCalls,
	type FoundSegment,
	type SegmentRow,
	segmentRow,
} from '#server/projections/survey-rows.ts';
import type { Person } from '#shared/people.ts';
import { maxSaid } from '#shared/result-limits.ts';
import type { Identity, Script } from '#shared/survey.ts';
import type { SaidAnswer, SurveyResults } from '#shared/survey-results.ts';

/** What results are narrowed down to, as it was asked for. */
export interface ResultsFilter {
	queue: string | undefined;
	agent: string | undefined;
	script: string | undefined;
	/** `all`: the versions of a script together. */
	version: number | 'all' | undefined;
	identity: Identity | undefined;
	fromMs: number | undefined;
	toMs: number | undefined;
	rehearsal: boolean;
}

/** Segments that one page of them holds. [B1] */
export const segmentsInPage = 500;

/** Which calls this person may count: a supervisor the team's, an executive every one. [V6] */
const inScope = (person: Person) => (person.role === 'executive' ? '1' : 'c.queue = :team');
/** Whether this person may read what was said in a call in own words: as the live views show it. [V6] */
const mayRead = (person: Person) =>
	person.role === 'executive'
		? 'EXISTS (SELECT 1 FROM survey_seat AS s WHERE s.call = c.id AND s.person_id = :person AND s.is_in)'
		: 'c.queue = :team';

/** What is counted, as one thread has it at hand. */
export interface SurveyTables {
	/** Takes one record in; inside whatever transaction is open. */
	fold(record: Recorded): void;
	results(person: Person, filter: ResultsFilter): SurveyResults;
	/** The next segments after `place`, in the journal's order. */
	segments(person: Person, filter: ResultsFilter, after: number): { rows: SegmentRow[]; more: boolean };
	/** The questions of every script that the filter leaves, each once: what a table of segments has columns for. */
	questions(person: Person, filter: ResultsFilter): { scriptId: string; questionId: string }[];
}

export function surveyTables(database: DatabaseSync): SurveyTables {
	const sql = (text: string): StatementSync => {
		const statement = database.prepare(text);
		statement.setAllowUnknownNamedParameters(true);
		return statement;
	};
	const fold = surveyFold(sql);
	/** Scripts are few, and each is read once. */
	const scripts = new Map<number, Script>();
	const readScript = sql('SELECT body FROM survey_script WHERE id = ?');
	const scriptOf = (id: number): Script => {
		const known = scripts.get(id) ?? (JSON.parse(String(readScript.get(id)?.body)) as Script);
		scripts.set(id, known);
		return known;
	};

	const asked = (person: Person, { queue, agent, script, version, identity, fromMs, toMs }: ResultsFilter) => ({
		person: person.id,
		team: person.team,
		queue: queue ?? null,
		agent: agent ?? null,
		script: script ?? null,
		version: typeof version === 'number' ? version : null,
		identity: identity ?? null,
		from: fromMs ?? null,
		to: toMs ?? null,
	});
	const calls = (person: Person, { rehearsal }: Pick<ResultsFilter, 'rehearsal'>) =>
		`${inScope(person)} AND ${rehearsal ? '1' : 'NOT c.rehearsal'}`;
	const narrowed = (person: Person, filter: ResultsFilter) => `${calls(person, filter)}
		AND (:queue IS NULL OR c.queue = :queue) AND (:agent IS NULL OR c.agent_id = :agent)
		AND (:from IS NULL OR c.started_at_ms >= :from) AND (:to IS NULL OR c.started_at_ms < :to)`;
	const segmentFits = `(:identity IS NULL OR g.identity = :identity) AND (:script IS NULL OR p.script_id = :script)
		AND (:version IS NULL OR p.version = :version)`;
	const answersOf = '(SELECT json_group_object(question_id, value) FROM survey_answer WHERE segment = g.place)';

	return {
		fold,
		results(person, filter) {
			const all = filter.script === undefined && filter.identity === undefined;
			const rows = sql(`
				SELECT c.id, c.queue, c.agent_id, c.agent_name, c.rehearsal, c.was_heard, c.erased, g.script, g.consent,
					g.asked_at_ms, g.live_at_ms, g.over_at_ms, CASE WHEN g.live_at_ms IS NULL THEN NULL ELSE ${answersOf} END AS answers
				FROM survey_call AS c LEFT JOIN (survey_segment AS g LEFT JOIN survey_script AS p ON p.id = g.script)
					ON g.call = c.id AND ${segmentFits}
				WHERE ${narrowed(person, filter)} ORDER BY c.id
			`).iterate(asked(person, filter)) as Iterable<unknown> as Iterable<CallRow>;
			const answered: AnsweredSegment[] = [];
			const counted = tally(countedCalls(rows, scriptOf, answered), all);
			const surveys = surveyAnswers(answered, filter.version === 'all');
			for (const { scriptId, versions, questions } of surveys)
				for (const question of questions)
					if (question.kind === 'open') question.said = said(person, filter, scriptId, versions, question.questionId);
			return { rehearsal: filter.rehearsal, choices: choicesOf(person, filter), ...counted, surveys };
		},
		segments(person, filter, after) {
			const found = sql(`
				SELECT g.*, c.call_id, c.started_at_ms, c.queue, c.agent_id, c.agent_name, c.rehearsal, c.erased,
					${answersOf} AS answers, ${mayRead(person)} AS may_read
				FROM survey_segment AS g JOIN survey_call AS c ON c.id = g.call LEFT JOIN survey_script AS p ON p.id = g.script
				WHERE g.place > :after AND ${narrowed(person, filter)} AND ${segmentFits}
				ORDER BY g.place LIMIT ${segmentsInPage + 1}
			`).all({ ...asked(person, filter), after }) as unknown as FoundSegment[];
			return {
				rows: found.slice(0, segmentsInPage).map((row) => segmentRow(row, scriptOf)),
				more: found.length > segmentsInPage,
			};
		},
		questions(person, filter) {
			const found = sql(`
				SELECT DISTINCT g.script FROM survey_segment AS g JOIN survey_call AS c ON c.id = g.call
					JOIN survey_script AS p ON p.id = g.script
				WHERE ${narrowed(person, filter)} AND ${segmentFits} ORDER BY p.script_id, p.version, g.script
			`).all(asked(person, filter));
			const columns = new Map<string, { scriptId: string; questionId: string }>();
			for (const { script } of found) {
				const { id: scriptId, questions } = scriptOf(Number(script));
				for (const { id: questionId } of questions) columns.set(`${scriptId} ${questionId}`, { scriptId, questionId });
			}
			return [...columns.values()];
		},
	};

	/** The newest answers to an open question that this person may read. */
	function said(
		person: Person,
		filter: ResultsFilter,
		scriptId: string,
		versions: readonly number[],
		questionId: string,
	): SaidAnswer[] {
		const found = sql(`
			SELECT c.call_id AS callId, c.started_at_ms AS callStartedAtMs, c.agent_name AS agentName, c.queue, c.rehearsal,
				a.value AS text
			FROM survey_answer AS a JOIN survey_segment AS g ON g.place = a.segment JOIN survey_call AS c ON c.id = g.call
				JOIN survey_script AS p ON p.id = g.script
			WHERE a.question_id = :question AND p.script_id = :ofScript
				AND p.version IN (SELECT value FROM json_each(:versions))
				AND ${narrowed(person, filter)} AND ${segmentFits} AND ${mayRead(person)}
			ORDER BY g.place DESC LIMIT ${maxSaid}
		`).all({
			...asked(person, filter),
			question: questionId,
			ofScript: scriptId,
			versions: JSON.stringify(versions),
		}) as unknown as (Omit<SaidAnswer, 'rehearsal'> & { rehearsal: number })[];
		return found.map((one) => ({ ...one, rehearsal: one.rehearsal === 1 }));
	}

	function choicesOf(person: Person, filter: ResultsFilter): SurveyResults['choices'] {
		const within = { team: person.team };
		const agents = sql(
			`SELECT c.agent_id AS id, max(c.agent_name) AS name, c.queue FROM survey_call AS c WHERE ${calls(person, filter)}
				AND (c.was_heard OR EXISTS (SELECT 1 FROM survey_segment AS g WHERE g.call = c.id AND g.script IS NOT NULL))
				GROUP BY c.queue, c.agent_id ORDER BY name, c.queue`,
		).all(within) as unknown as SurveyResults['choices']['agents'];
		const found = sql(
			`SELECT DISTINCT g.script FROM survey_segment AS g JOIN survey_call AS c ON c.id = g.call
				WHERE g.script IS NOT NULL AND ${calls(person, filter)}`,
		).all(within);
		const known = new Map<string, { id: string; title: string; versions: number[] }>();
		const used = found.map(({ script }) => scriptOf(Number(script)));
		for (const { id, title, version } of used.sort((one, other) => one.version - other.version)) {
			const versions = new Set([...(known.get(id)?.versions ?? []), version]);
			known.set(id, { id, title, versions: [...versions] });
		}
		return {
			queues: [...new Set(agents.map(({ queue }) => queue))].sort((one, other) => one.localeCompare(other)),
			agents: agents.map(({ id, name, queue }) => ({ id, name, queue })),
			scripts: [...known.values()].sort((one, other) => one.title.localeCompare(other.title)),
		};
	}
}
