import { clockTime, dayTime, linkTold, threads } from '#server/http/exports/told.ts';
import type { NoteView } from '#shared/note.ts';
import type { SessionRecord } from '#shared/rest.ts';
import type { SegmentView } from '#shared/survey.ts';
import { answersTold, identityWords, liveMsOf, offerWords, outcomeWords } from '#shared/survey-told.ts';

/** A session's record as Markdown (CommonMark with the tables of GFM), part by part. */
export function* markdown(record: SessionRecord): Generator<string> {
	const { call, notes, exportedAtMs } = record;
	yield `# ${inLine(call.label) || 'A call'}\n\n`;
	yield `${[
		`- Call: ${inLine(call.callId)}${call.rehearsal ? ' (rehearsal)' : ''}`,
		`- Agent: ${inLine(call.agentName)}, ${inLine(call.team)}`,
		`- Started: ${dayTime(call.startedAtMs)}`,
		call.endedAtMs === undefined
			? '- Still on the line'
			: `- Ended: ${dayTime(call.endedAtMs)}, ${inLine(call.endReason ?? '')}`,
		`- Disclosure: ${call.disclosure}`,
		`- Exported: ${dayTime(exportedAtMs)}`,
	].join('\n')}\n\n`;
	yield* timelinePart(record);
	if (record.segments.length > 0) yield '## Survey\n\n';
	for (const segment of record.segments) yield segmentPart(segment, call.startedAtMs, record.segments.length > 1);
	yield '## Notes\n\n';
	if (notes.length === 0) yield 'None.\n';
	const link = linkTold(record);
	for (const { note, answers } of threads(notes)) {
		yield notePart('###', note.replyTo === undefined ? '' : 'Answer, ', note, link);
		for (const answer of answers) yield notePart('####', 'Answer, ', answer, link);
	}
}

function* timelinePart({ timeline, listenings }: SessionRecord): Generator<string> {
	yield '## Timeline\n\n';
	if (timeline.length === 0) yield 'None.\n\n';
	else {
		yield '| From | Until | What | Who |\n| --- | --- | --- | --- |\n';
		for (const { fromMs, untilMs, what, personName } of timeline)
			yield `| ${clockTime(fromMs)} | ${untilMs === undefined ? '' : clockTime(untilMs)} | ${what} | ${inLine(personName ?? '')} |\n`;
		yield '\n';
	}
	if (listenings.length === 0) return;
	yield '## Listened\n\n| Who | Role | Now | Seconds heard | Seconds lost |\n| --- | --- | --- | --- | --- |\n';
	for (const { personName, personRole, at, audibleMs, lostMs } of listenings)
		yield `| ${inLine(personName)} | ${personRole} | ${at} | ${Math.round(audibleMs / 1000)} | ${Math.round(lostMs / 1000)} |\n`;
	yield '\n';
}

function segmentPart(segment: SegmentView, startedAtMs: number, isOneOfMany: boolean): string {
	const { asked, consent, taken, over } = segment;
	const at = (atMs: number) => clockTime(Math.max(0, atMs - startedAtMs));
	const liveMs = liveMsOf(segment);
	const facts = [
		`Offered ${inLine(offerWords(segment))}`,
		asked &&
			`Asked at ${at(asked.atMs)} by ${inLine(asked.by.name)}, script ${asked.script.id} version ${asked.script.version} (${asked.script.language})`,
		asked && `Told of who comes: ${identityWords[asked.identity]}`,
		consent && `Consent: ${consent.answer}, recorded at ${at(consent.atMs)} by ${inLine(consent.by.name)}`,
		taken && `Taken by ${inLine(taken.executive.name)}${taken.by === 'phone' ? ', by phone' : ''}`,
		liveMs !== undefined && over && `Lasted ${Math.round(liveMs / 1000)} s, until ${at(over.atMs)}`,
		`Outcome: ${outcomeWords(segment)}`,
	].filter((fact) => typeof fact === 'string');
	const answers = answersTold(segment).map(
		({ question, answer }) => `**${inLine(question)}**\n\n${quoted(answer)}\n\n`,
	);
	return [
		isOneOfMany ? `### ${outcomeWords(segment)}\n\n` : '',
		facts.map((fact) => `- ${fact}\n`).join(''),
		'\n',
		asked ? `Read out:\n\n${quoted(asked.wording)}\n\n` : '',
		...answers,
	].join('');
}

function notePart(
	heading: string,
	before: string,
	note: NoteView,
	link: (link: NoteView['links'][number]) => string,
): string {
	const title = `${heading} ${before}${clockTime(note.anchorMs)} · ${note.kind} · ${note.lane} · ${inLine(note.authorName)}`;
	const more = [
		note.tags.length > 0 ? `tags: ${note.tags.map(inLine).join(', ')}` : '',
		note.heardBy.length > 0 ? `heard by: ${note.heardBy.map(({ name }) => inLine(name)).join(', ')}` : '',
		note.links.length > 0 ? `links: ${note.links.map((one) => inLine(link(one))).join('; ')}` : '',
		note.edits > 0 ? `edited ${dayTime(note.editedAtMs)}` : '',
	].filter(Boolean);
	const body = note.deletedAtMs === undefined ? quoted(note.text) : `> *deleted ${dayTime(note.deletedAtMs)}*`;
	return `${title}\n\n${body}\n\n${more.length > 0 ? `${more.join(' · ')}\n\n` : ''}`;
}

const quoted = (text: string) =>
	text
		.split(/\r\n|[\r\n\u2028\u2029]/)
		.map((line) => `> ${inLine(line)}`.trimEnd())
		// Two spaces keep a line's end where it was written.
		.join('  \n');

/** Any text as one line that says itself and nothing else: no heading, list, table cell, link, markup or HTML comes of it. */
export const inLine = (text: string) =>
	text
		// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.trim()
		.replace(/[\\`*_{}[\]<>|~&$]|#(?=#*$)/g, '\\$&')
		.replace(/^[#+=:-]|(?<=^\d{1,9})[.)]/, '\\$&');
