import type { AnsweredSegment } from '#server/projections/survey-answers.ts';
import { type CountedCall, reachOf, type SegmentReach } from '#server/projections/survey-counts.ts';
import type { ConsentAnswer, Ending, Identity, Script } from '#shared/survey.ts';
import { isComplete } from '#shared/survey-order.ts';

/** One segment with all that results tell of it. */
export interface SegmentRow {
	/** Its place in the journal's order: the next page begins after it. */
	place: number;
	callId: string;
	startedAtMs: number;
	queue: string;
	agentId: string;
	agentName: string;
	rehearsal: boolean;
	segmentId: string;
	offeredHow: 'executive' | 'agent' | 'quota';
	offeredBy: string;
	script: { id: string; version: number; language: string } | undefined;
	identity: Identity | undefined;
	consent: ConsentAnswer | undefined;
	executiveName: string;
	takenBy: 'line' | 'phone' | undefined;
	liveMs: number | undefined;
	ending: Ending | undefined;
	returnedTo: string | undefined;
	reach: SegmentReach;
	/** By question; those in own words are left out where this person may not read them. */
	answers: Record<string, string>;
}

/** A call with one of its segments, or none. */
export interface CallRow {
	id: number;
	queue: string;
	agent_id: string;
	agent_name: string;
	rehearsal: number;
	was_heard: number;
	erased: number;
	script: number | null;
	consent: ConsentAnswer | null;
	asked_at_ms: number | null;
	live_at_ms: number | null;
	over_at_ms: number | null;
	answers: string | null;
}

/** How far a segment came, and its answers where it was held and nothing was erased. */
function segmentOf(
	row: Pick<CallRow, 'script' | 'consent' | 'live_at_ms' | 'over_at_ms' | 'erased' | 'answers'>,
	scriptOf: (id: number) => Script,
) {
	const script = row.script === null ? undefined : scriptOf(row.script);
	const stays = row.live_at_ms !== null && row.erased === 0;
	const answers = new Map<string, string>(stays && row.answers !== null ? Object.entries(JSON.parse(row.answers)) : []);
	const reach = reachOf({
		wasAsked: script !== undefined,
		consent: row.consent ?? undefined,
		wasLive: row.live_at_ms !== null,
		isOver: row.over_at_ms !== null,
		isComplete: stays && script ? isComplete(script, answers) : undefined,
	});
	return { script, answers, reach, stays };
}

/** Rows of calls and segments, as calls with their segments; what was answered is put aside on the way. */
export function* countedCalls(
	rows: Iterable<CallRow>,
	scriptOf: (id: number) => Script,
	answered: AnsweredSegment[],
): Generator<CountedCall> {
	let call: (CountedCall & { id: number; segments: SegmentReach[] }) | undefined;
	for (const row of rows) {
		if (call?.id !== row.id) {
			if (call) yield call;
			call = {
				id: row.id,
				queue: row.queue,
				agentId: row.agent_id,
				agentName: row.agent_name,
				rehearsal: row.rehearsal === 1,
				wasHeard: row.was_heard === 1,
				segments: [],
			};
		}
		const { script, answers, reach, stays } = segmentOf(row, scriptOf);
		if (script) call.segments.push(reach);
		if (script && stays && row.over_at_ms !== null) answered.push({ script, askedAtMs: row.asked_at_ms ?? 0, answers });
	}
	if (call) yield call;
}

/** A segment as it lies in the tables, with whether the reader may read what was said in own words. */
export type FoundSegment = Omit<CallRow, 'id'> & {
	place: number;
	call_id: string;
	started_at_ms: number;
	segment_id: string;
	offered_how: SegmentRow['offeredHow'];
	offered_by: string;
	identity: Identity | null;
	executive_name: string | null;
	taken_by: 'line' | 'phone' | null;
	ending: Ending | null;
	returned_to: string | null;
	may_read: number;
};

/** A segment as it is told to whoever asked. */
export function segmentRow(row: FoundSegment, scriptOf: (id: number) => Script): SegmentRow {
	const { script, answers, reach } = segmentOf(row, scriptOf);
	const isOpen = new Set(script?.questions.filter(({ kind }) => kind === 'open').map(({ id }) => id));
	const shown = [...answers].filter(([questionId]) => row.may_read === 1 || !isOpen.has(questionId));
	const isOver = row.live_at_ms !== null && row.over_at_ms !== null;
	return {
		place: row.place,
		callId: row.call_id,
		startedAtMs: row.started_at_ms,
		queue: row.queue,
		agentId: row.agent_id,
		agentName: row.agent_name,
		rehearsal: row.rehearsal === 1,
		segmentId: row.segment_id,
		offeredHow: row.offered_how,
		offeredBy: row.offered_by,
		script: script && { id: script.id, version: script.version, language: script.language },
		identity: row.identity ?? undefined,
		consent: row.consent ?? undefined,
		executiveName: row.executive_name ?? '',
		takenBy: row.taken_by ?? undefined,
		liveMs: isOver ? Math.max(0, (row.over_at_ms ?? 0) - (row.live_at_ms ?? 0)) : undefined,
		ending: row.ending ?? undefined,
		returnedTo: row.returned_to ?? undefined,
		reach,
		answers: Object.fromEntries(shown),
	};
}
