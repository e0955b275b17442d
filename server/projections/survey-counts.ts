import type { ConsentAnswer } from '#shared/survey.ts';
import type { SurveyCounts } from '#shared/survey-results.ts';

/** How far one segment came. */
export type SegmentReach = 'offered' | 'no-answer' | 'not-now' | 'declined' | 'not-held' | Held;
type Held = 'erased' | 'partial' | 'complete' | 'going-on';

/** From the least to the most: a call counts by the furthest that one of its segments came. */
const order: readonly SegmentReach[] = [
	'offered',
	'no-answer',
	'not-now',
	'declined',
	'not-held',
	'erased',
	'partial',
	'complete',
	'going-on',
];

/** What is known of a segment when it is counted. */
export interface CountedSegment {
	wasAsked: boolean;
	consent: ConsentAnswer | undefined;
	wasLive: boolean;
	isOver: boolean;
	/** Whether every question that was to be asked has an answer; undefined where the call was erased. */
	isComplete: boolean | undefined;
}

export function reachOf({ wasAsked, consent, wasLive, isOver, isComplete }: CountedSegment): SegmentReach {
	if (!wasAsked) return 'offered';
	if (consent === undefined) return 'no-answer';
	if (consent !== 'agreed') return consent;
	if (!wasLive) return 'not-held';
	if (!isOver) return 'going-on';
	if (isComplete === undefined) return 'erased';
	return isComplete ? 'complete' : 'partial';
}

/** A call that is counted: who was on it, and how far each of its segments came. */
export interface CountedCall {
	queue: string;
	agentId: string;
	agentName: string;
	rehearsal: boolean;
	/** Whether an executive listened to it. */
	wasHeard: boolean;
	segments: readonly SegmentReach[];
}

const furthest = (segments: readonly SegmentReach[]): SegmentReach =>
	segments.reduce<SegmentReach>((far, one) => (order.indexOf(one) > order.indexOf(far) ? one : far), 'offered');

/**
 * Adds a call to counts. `all` says whether calls in which nobody was asked are looked at: where only one script or
 * identity is, they have none, and neither count is told.
 */
function add(counts: SurveyCounts, { segments, rehearsal, wasHeard }: CountedCall, all: boolean) {
	const reach = furthest(segments);
	if (reach === 'offered') {
		if (!all || !wasHeard) return;
		counts.notAsked = (counts.notAsked ?? 0) + 1;
	} else counts.asked += 1;
	if (all) counts.possible = (counts.possible ?? 0) + 1;
	if (rehearsal) counts.rehearsals += 1;
	switch (reach) {
		case 'offered':
			return;
		case 'no-answer':
			counts.noAnswer += 1;
			return;
		case 'not-now':
			counts.notNow += 1;
			return;
		case 'declined':
			counts.declined += 1;
			return;
	}
	counts.agreed += 1;
	if (reach === 'not-held') {
		counts.notHeld += 1;
		return;
	}
	counts.held += 1;
	counts[reach === 'going-on' ? 'goingOn' : reach] += 1;
}

const none = (all: boolean): SurveyCounts => ({
	...(all ? { possible: 0, notAsked: 0 } : {}),
	...{ asked: 0, noAnswer: 0, declined: 0, notNow: 0, agreed: 0, notHeld: 0 },
	...{ held: 0, complete: 0, partial: 0, goingOn: 0, erased: 0, rehearsals: 0 },
});

/** Calls counted, all together, by queue and by agent, each list by its name. */
export interface Tally {
	counts: SurveyCounts;
	byQueue: { queue: string; counts: SurveyCounts }[];
	byAgent: { agentId: string; agentName: string; queue: string; counts: SurveyCounts }[];
}

export function tally(calls: Iterable<CountedCall>, all: boolean): Tally {
	const counts = none(all);
	const queues = new Map<string, Tally['byQueue'][number]>();
	const agents = new Map<string, Tally['byAgent'][number]>();
	for (const call of calls) {
		if (furthest(call.segments) === 'offered' && !(all && call.wasHeard)) continue;
		const { queue, agentId, agentName } = call;
		const ofQueue = queues.get(queue) ?? { queue, counts: none(all) };
		// Whoever changed teams is counted in each.
		const agentKey = JSON.stringify([queue, agentId]);
		const ofAgent = agents.get(agentKey) ?? { agentId, agentName, queue, counts: none(all) };
		queues.set(queue, ofQueue);
		agents.set(agentKey, ofAgent);
		for (const each of [counts, ofQueue.counts, ofAgent.counts]) add(each, call, all);
	}
	return {
		counts,
		byQueue: [...queues.values()].sort((one, other) => one.queue.localeCompare(other.queue)),
		byAgent: [...agents.values()].sort(
			(one, other) => one.agentName.localeCompare(other.agentName) || one.queue.localeCompare(other.queue),
		),
	};
}
