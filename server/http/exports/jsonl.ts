import type { SessionRecord } from '#shared/rest.ts';

/** A session's record as JSON Lines, part by part: each line is an object that says in `row` what it is. */
export function* jsonl({
	call,
	listenings,
	timeline,
	segments,
	notes,
	exportedAtMs,
}: SessionRecord): Generator<string> {
	const line = (row: string, of: object) => `${JSON.stringify({ row, ...of })}\n`;
	yield line('call', call);
	for (const span of timeline) yield line('span', span);
	for (const listening of listenings) yield line('listening', listening);
	for (const segment of segments) yield line('segment', segment);
	for (const note of notes) yield line('note', note);
	yield line('exported', { exportedAtMs });
}
