import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import type { CallView } from '#shared/call.ts';
import type { SegmentAt, SegmentView } from '#shared/survey.ts';

export const robin = { id: 'robin', name: 'Robin Reyes' };
export const ann = { id: 'ann', name: 'Ann Agent' };
export const call: CallView = {
	callId: 'test-1',
	seq: 1,
	at: 'live',
	protected: false,
	gateway: 'test',
	rehearsal: false,
	label: 'A test call',
	agentId: ann.id,
	agentName: ann.name,
	team: 'Orders',
	disclosure: 'notice',
	abilities: ['survey', 'returnToAgent'],
	startedAtMs: 0,
	sinceMs: 0,
};

const wasAsked: readonly SegmentAt[] = ['asked', 'agreed', 'declined', 'not-now'];
const wasLive: readonly SegmentAt[] = ['live', 'finished', 'lost', 'withdrawn', 'returned', 'ended'];
const wasOver: readonly SegmentAt[] = ['finished', 'lost', 'withdrawn', 'returned', 'ended'];

/** A segment that came to this state by the usual way: offered by Robin, asked by Ann, held on the line for 5 minutes at most. */
export function segmentAt(at: SegmentAt, more: Partial<SegmentView> = {}): SegmentView {
	const [script] = shippedScripts;
	if (!script) throw new Error('no script is shipped');
	const isLive = wasLive.includes(at);
	const isAsked = isLive || at === 'ready' || wasAsked.includes(at);
	const answer = at === 'declined' || at === 'not-now' ? at : 'agreed';
	return {
		segmentId: 'segment-1',
		seq: 2,
		callId: call.callId,
		at,
		sinceMs: 0,
		offeredBy: { how: 'executive', person: robin },
		...(isAsked
			? { asked: { atMs: 0, by: ann, script, identity: 'role', wording: 'May we?', who: 'It is the company.' } }
			: {}),
		...(isAsked && at !== 'asked' ? { consent: { answer, atMs: 1000, by: ann } } : {}),
		...(isLive || at === 'ready' ? { taken: { executive: robin, by: 'line', atMs: 2000 } } : {}),
		...(isLive ? { live: { atMs: 10_000, limitMs: 300_000 } } : {}),
		...(wasOver.includes(at) ? { over: { how: at === 'withdrawn' ? 'withdrawn' : 'executive', atMs: 90_000 } } : {}),
		...(at === 'returned' ? { returnedTo: 'agent' } : {}),
		answers: [],
		identityTold: 0,
		...more,
	};
}

/** Withdrawn before anybody came on the line. */
export function withdrawnEarly(): SegmentView {
	const { taken: _, live: __, ...rest } = segmentAt('withdrawn');
	return rest;
}
