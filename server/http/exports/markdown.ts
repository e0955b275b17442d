import { clockTime, dayTime, linkTold, threads } from '#server/http/exports/told.ts';
import type { NoteView } from '#shared/note.ts';
import type { SessionRecord } from '#shared/rest.ts';

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
