import type { Lane } from '#shared/note.ts';
import type { Role } from '#shared/people.ts';

/** A note as its writer knows it; each writer's are in the order it wrote them. */
export interface WrittenNote {
	noteId: string;
	callId: string;
	writer: string;
	authorId: string;
	lane: Lane;
	/** The server said that it is on record. */
	acked: boolean;
}

/** The notes of one session in the order in which somebody, or the journal itself, has them. */
export interface Seen {
	callId: string;
	/** Who sees them, and how they came: `live` since before the first kill, `anew` in a whole view at the end. */
	by: { personId: string; role: Role; how: 'live' | 'anew' } | 'journal';
	noteIds: readonly string[];
}

/** What came of it: all but `acked` must be 0. */
export interface Verdict {
	acked: number;
	/** Acknowledged notes that are missing in the journal or before somebody who may see them. */
	lost: number;
	/** Notes that are somewhere more than once. */
	duplicated: number;
	/** Notes that are somewhere in another order than in the journal, or come after a later one of their writer. */
	misordered: number;
	/** The first few findings in words, and what belongs nowhere: notes nobody wrote, or before somebody who may not see them. */
	findings: string[];
}

const mostFindings = 20;

/** [N4] as product.md has it, said again here: the judge must not ask the accused. */
const maySee = ({ personId, role }: { personId: string; role: Role }, note: WrittenNote) =>
	note.authorId === personId || note.lane === 'team' || (note.lane === 'leadership' && role !== 'agent');

/** Weighs what was acknowledged against what the journal holds and what each reader sees. [N1] [N2] [N3] [N5] */
export function verdict(written: readonly WrittenNote[], seen: readonly Seen[]): Verdict {
	const findings: string[] = [];
	const find = (text: string) => {
		if (findings.length < mostFindings) findings.push(text);
	};
	const byId = new Map(written.map((note) => [note.noteId, note]));
	const placeInJournal = new Map<string, number>();
	for (const { by, noteIds } of seen)
		if (by === 'journal') for (const noteId of new Set(noteIds)) placeInJournal.set(noteId, placeInJournal.size);
	const acked = written.filter((note) => note.acked);
	const [lost, duplicated, misordered] = [new Set<string>(), new Set<string>(), new Set<string>()];

	for (const { callId, by, noteIds } of seen) {
		const where = by === 'journal' ? 'the journal' : `${by.personId} (${by.how})`;
		const here = new Set(noteIds);
		for (const note of acked)
			if (note.callId === callId && !here.has(note.noteId) && (by === 'journal' || maySee(by, note))) {
				lost.add(note.noteId);
				find(`${note.noteId} of ${note.writer} is missing in ${where}`);
			}
		const met = new Set<string>();
		let furthest = -1;
		for (const noteId of noteIds) {
			if (met.has(noteId)) {
				duplicated.add(noteId);
				find(`${noteId} is more than once in ${where}`);
				continue;
			}
			met.add(noteId);
			const note = byId.get(noteId);
			if (note?.callId !== callId || (by !== 'journal' && !maySee(by, note)))
				find(`${noteId} has no business in ${where}`);
			const place = placeInJournal.get(noteId);
			if (place === undefined) find(`${noteId} is in ${where}, and not in the journal`);
			else if (place < furthest) {
				misordered.add(noteId);
				find(`${noteId} stands too late in ${where}`);
			} else furthest = place;
		}
	}

	const last = new Map<string, number>();
	for (const { noteId, writer, callId } of written) {
		const place = placeInJournal.get(noteId);
		if (place === undefined) continue;
		const before = last.get(`${writer} ${callId}`) ?? -1;
		if (place < before) {
			misordered.add(noteId);
			find(`${noteId} of ${writer} is on record before an earlier one`);
		}
		last.set(`${writer} ${callId}`, Math.max(place, before));
	}
	return { acked: acked.length, lost: lost.size, duplicated: duplicated.size, misordered: misordered.size, findings };
}
