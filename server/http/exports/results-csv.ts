import { line } from '#server/http/exports/csv.ts';
import { dayTime } from '#server/http/exports/told.ts';
import type { SegmentRow } from '#server/projections/survey-rows.ts';

/** A question that a column stands for. */
export interface QuestionColumn {
	scriptId: string;
	questionId: string;
}

const columns: Record<string, (row: SegmentRow) => string> = {
	call: ({ callId }) => callId,
	'call began': ({ startedAtMs }) => dayTime(startedAtMs),
	rehearsal: ({ rehearsal }) => (rehearsal ? 'yes' : 'no'),
	queue: ({ queue }) => queue,
	'agent id': ({ agentId }) => agentId,
	agent: ({ agentName }) => agentName,
	segment: ({ segmentId }) => segmentId,
	'idea of': ({ offeredHow }) => offeredHow,
	'offered by': ({ offeredBy }) => offeredBy,
	script: ({ script }) => script?.id ?? '',
	version: ({ script }) => String(script?.version ?? ''),
	language: ({ script }) => script?.language ?? '',
	identity: ({ identity }) => identity ?? '',
	consent: ({ consent }) => consent ?? '',
	executive: ({ executiveName }) => executiveName,
	'taken by': ({ takenBy }) => takenBy ?? '',
	'live seconds': ({ liveMs }) => (liveMs === undefined ? '' : String(Math.round(liveMs / 1000))),
	ending: ({ ending }) => ending ?? '',
	'customer went to': ({ returnedTo }) => returnedTo ?? '',
	outcome: ({ reach }) => reach,
};

/**
 * Survey segments as CSV (RFC 4180), page by page: a line each, then a column for each question of each script. As the
 * record's: a byte order mark first, and no cell that a spreadsheet would calculate.
 */
export function resultsCsv(questions: readonly QuestionColumn[]) {
	return {
		head: () =>
			`\uFEFF${line([...Object.keys(columns), ...questions.map(({ scriptId, questionId }) => `${scriptId}: ${questionId}`)])}`,
		row: (row: SegmentRow) =>
			line([
				...Object.values(columns).map((cell) => cell(row)),
				...questions.map(({ scriptId, questionId }) =>
					row.script?.id === scriptId ? (row.answers[questionId] ?? '') : '',
				),
			]),
	};
}
