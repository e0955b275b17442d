import { stringify } from 'csv-stringify/sync';
import { clockTime, dayTime, linkTold, threads } from '#server/http/exports/told.ts';
import type { NoteView } from '#shared/note.ts';
import type { SessionRecord } from '#shared/rest.ts';
import type { SegmentView } from '#shared/survey.ts';
import { answersTold, offerWords } from '#shared/survey-told.ts';

const columns = [
	'row',
	'from',
	'until',
	'kind',
	'lane',
	'who',
	'text',
	'tags',
	'heard by',
	'links',
	'edited',
	'written',
	'id',
	'answers',
] as const;
type Cells = Partial<Record<(typeof columns)[number], string>>;

/**
 * A session's record as CSV (RFC 4180), part by part: one table, where `row` says what a line is. Begins with a byte order
 * mark, so that spreadsheets read UTF-8; a cell that a spreadsheet would calculate begins with an apostrophe.
 */
export function* csv(record: SessionRecord): Generator<string> {
	const { call, listenings, timeline, segments, notes, exportedAtMs } = record;
	yield `\uFEFF${line([...columns])}`;
	yield row({
		row: 'call',
		from: clockTime(0),
		until: call.endedAtMs === undefined ? '' : clockTime(call.endedAtMs - call.startedAtMs),
		kind: call.at,
		who: call.agentName,
		text: call.label,
		written: dayTime(call.startedAtMs),
		id: call.callId,
	});
	yield row({ row: 'exported', written: dayTime(exportedAtMs) });
	for (const { what, fromMs, untilMs, personName = '' } of timeline)
		yield row({
			row: what,
			from: clockTime(fromMs),
			until: untilMs === undefined ? '' : clockTime(untilMs),
			who: personName,
		});
	for (const { personName, at, audibleMs, lostMs, listeningId } of listenings) {
		const heard = `${Math.round(audibleMs / 1000)} s heard, ${Math.round(lostMs / 1000)} s lost`;
		yield row({ row: 'listener', kind: at, who: personName, text: heard, id: listeningId });
	}
	for (const segment of segments) yield segmentRows(segment, call.startedAtMs);
	const link = linkTold(record);
	const noteRow = (note: NoteView) =>
		row({
			row: note.replyTo === undefined ? 'note' : 'answer',
			from: clockTime(note.anchorMs),
			kind: note.kind,
			lane: note.lane,
			who: note.authorName,
			text: note.deletedAtMs === undefined ? note.text : '(deleted)',
			tags: note.tags.join(' '),
			'heard by': note.heardBy.map(({ name }) => name).join(', '),
			links: note.links.map(link).join('; '),
			edited: note.edits > 0 ? dayTime(note.editedAtMs) : '',
			written: dayTime(note.writtenAtMs),
			id: note.noteId,
			answers: note.replyTo ?? '',
		});
	for (const { note, answers } of threads(notes)) yield [note, ...answers].map(noteRow).join('');
}

/** A survey segment: a row for each step that it came to, and one for each answer. */
function segmentRows(segment: SegmentView, startedAtMs: number): string {
	const { segmentId: id, offeredBy, asked, consent, taken, live, over } = segment;
	const at = (atMs: number) => clockTime(Math.max(0, atMs - startedAtMs));
	const rows: Cells[] = [
		{ row: 'survey offered', kind: offeredBy.how, who: offeredBy.person?.name ?? offerWords(segment) },
	];
	if (asked) {
		const { script, identity } = asked;
		const kind = `${script.id} ${script.version} ${script.language}`;
		rows.push({
			row: 'survey asked',
			from: at(asked.atMs),
			kind,
			lane: identity,
			who: asked.by.name,
			text: asked.wording,
		});
	}
	if (consent) rows.push({ row: 'survey consent', from: at(consent.atMs), kind: consent.answer, who: consent.by.name });
	if (live && taken)
		rows.push({
			row: 'survey held',
			from: at(live.atMs),
			until: over ? at(over.atMs) : '',
			kind: over?.how ?? '',
			lane: taken.by,
			who: taken.executive.name,
		});
	for (const { questionId, question, answer } of answersTold(segment))
		rows.push({ row: 'survey answer', kind: questionId, text: answer, links: question });
	return rows.map((cells) => row({ ...cells, id })).join('');
}

const row = (cells: Cells) => line(columns.map((column) => cells[column] ?? ''));
/**
 * A line of CSV as every export writes it: no cell is a formula. A lone end of line within a cell would end the row for many
 * readers: such cells stand in quotes too.
 */
export const line = (cells: string[]) =>
	stringify([cells], { escape_formulas: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ });
