import { describe, expect, test } from 'vitest';
import type { Segment } from '#server/domain/handoff.ts';
import { decide, evolve, noSession, type SessionEvent } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { foldSession, type SessionView, segmentFor, sessionOf } from '#server/projections/session-view.ts';
import { Refusal } from '#shared/refusals.ts';
import { type SegmentView, segmentStates } from '#shared/survey.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import {
	ann,
	another,
	answered,
	asked,
	askedFor,
	callAt,
	callBegan,
	callEnded,
	commands,
	eve,
	finished,
	hears,
	lineLost,
	live,
	offered,
	ofSegment,
	returned,
	said,
	segmentId,
	taken,
	withdrawn,
} from '#tests/support/segment-story.ts';

const startMs = 1_000_000;
const recorded = (events: readonly SessionEvent[]): Recorded[] =>
	events.map((event, at) => ({
		seq: at + 1,
		stream: 'test-1',
		version: at + 1,
		by: 'someone',
		atMs: startMs + at * 1000,
		event,
	}));
function rowAfter(events: readonly SessionEvent[], id = segmentId): SegmentView {
	const row = sessionOf(recorded(events))?.segments.get(id);
	if (!row) throw new Error('there is no such row');
	return row;
}

/** What row and state both tell, in one form. */
const toldByRow = ({ segmentId, at, asked, taken, over, returnedTo, answers }: SegmentView) => ({
	id: segmentId,
	at,
	wording: asked?.wording,
	by: taken?.executive.id,
	how: over?.how,
	to: returnedTo,
	answers: answers.map(({ questionId, value }) => [questionId, value]),
});
function toldByState(segment: Segment) {
	if (segment.at === 'none') return undefined;
	return {
		id: segment.id,
		at: segment.at,
		wording: 'asked' in segment ? segment.asked?.wording : undefined,
		by: 'taken' in segment ? segment.taken?.executive.id : undefined,
		how: 'how' in segment ? segment.how : undefined,
		to: 'to' in segment ? segment.to : undefined,
		answers: 'answers' in segment ? [...(segment.answers ?? [])] : [],
	};
}
/** A row for each segment, and the last of them tells what the rules are asked of. [V1] */
function mustAgree(view: SessionView) {
	const row = [...view.segments.values()].at(-1);
	expect(row && toldByRow(row)).toEqual(toldByState(view.state.segment));
}

describe('[W13] the row of a segment', () => {
	test.each(segmentStates)('that is %s', (at) => expect(rowAfter(callAt(at))).toMatchObject({ segmentId, at }));
	test('names who had the idea, what was read out, what the customer said, who took the line, how it ended and where the customer is', () => {
		const events = [...callAt('live'), answered('recommend', '9'), finished(), returned()];
		const at = (type: SessionEvent['type']) => startMs + events.findIndex((one) => one.type === type) * 1000;
		const { script, identity, wording, who } = askedFor();
		expect(rowAfter(events)).toEqual({
			segmentId,
			seq: events.length,
			callId: 'test-1',
			at: 'returned',
			sinceMs: at('customer-returned'),
			offeredBy: { how: 'executive', person: eve },
			asked: { atMs: at('survey-asked'), by: ann, script, identity, wording, who },
			consent: { answer: 'agreed', atMs: at('consent-recorded'), by: ann },
			taken: { executive: eve, by: 'line', atMs: at('line-taken') },
			live: { atMs: at('survey-live'), limitMs: 300_000 },
			over: { how: 'executive', atMs: at('survey-finished') },
			returnedTo: 'agent',
			answers: [{ questionId: 'recommend', value: '9' }],
			identityTold: 0,
		});
	});
	test('names no secret of the executive’s connection', () =>
		expect(JSON.stringify(rowAfter(callAt('live')))).not.toContain('first'));
	test.each(['ready', 'live'] as const)(
		'that is %s stands since it was so, also when the line is taken again',
		(at) => {
			const before = rowAfter(callAt(at));
			const { seq, ...after } = rowAfter([...callAt(at), taken(undefined, eve, 'second')]);
			expect(after).toEqual({ ...before, seq: undefined });
			expect(seq).toBe(before.seq + 1);
		},
	);
	test('counts how often “who is this?” was answered', () => {
		const told = { type: 'identity-told', segmentId, sentence: 'It is us.' } as const;
		expect(rowAfter([...callAt('live'), told, told]).identityTold).toBe(2);
	});
	test('keeps answers in the order of the questions they were first given to', () => {
		const all = [
			answered('recommend', '3'),
			answered('solved', 'no'),
			answered('recommend', '9'),
			answered('solved', ''),
		];
		expect(rowAfter([...callAt('live'), ...all]).answers).toEqual([{ questionId: 'recommend', value: '9' }]);
	});
	test('of an earlier segment stays as it was when the next one is offered, and when the call ends', () => {
		const first = [...callAt('live'), lineLost(), returned()];
		const before = rowAfter(first);
		expect(rowAfter([...first, offered(another), asked(another), callEnded])).toEqual(before);
		expect(rowAfter([...first, offered(another), asked(another), callEnded], another).at).toBe('ended');
	});
	test('in a call that ended while it was live says so, and afterwards where the customer went', () => {
		expect(rowAfter([...callAt('live'), callEnded])).toMatchObject({ at: 'ended', over: { how: 'call-ended' } });
		expect(rowAfter([...callAt('live'), callEnded, returned('hung-up')])).toMatchObject({
			at: 'returned',
			over: { how: 'call-ended' },
			returnedTo: 'hung-up',
		});
	});
	test('that nobody took ends without a turn to have ended', () => {
		expect(rowAfter([...callAt('agreed'), callEnded]).over).toBeUndefined();
		expect(rowAfter([...callAt('agreed'), withdrawn, callEnded]).at).toBe('withdrawn');
	});
	test('reaches agents without what the customer answered', () => {
		const row = rowAfter([...callAt('live'), answered('recommend', '3')]);
		const as = (role: 'agent' | 'executive' | 'supervisor') => segmentFor({ id: 'x', name: 'X', role, team: '' }, row);
		expect(as('agent')).toEqual({ ...row, answers: [] });
		expect([as('executive'), as('supervisor')]).toEqual([row, row]);
	});
	test('[L3] of an erased call has no answers', () => {
		const heard = {
			type: 'listening-stopped',
			listeningId: `seat of ${eve.id}`,
			reason: 'left',
			audibleMs: 1,
			lostMs: 0,
		} as const;
		const past = [...callAt('live'), answered('one-thing', 'Carla'), callEnded, heard];
		expect(rowAfter(past).answers).toHaveLength(1);
		expect(rowAfter([...past, { type: 'call-erased' }])).toMatchObject({ at: 'ended', answers: [] });
	});
});

test('[V1] after every event of random histories, rows and the state that rules are asked of tell the same', () => {
	const random = randomNumbers(seedFor('segment rows and state'));
	const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;
	const reached = new Set<string>();
	for (let history = 0; history < 150; history++) {
		let session = noSession;
		let view: SessionView | undefined;
		let seq = 0;
		const happens = (events: readonly SessionEvent[]) => {
			for (const event of events) {
				session = evolve(session, event, 'someone');
				view =
					foldSession(view, { seq: ++seq, stream: 'test-1', version: seq, by: 'someone', atMs: seq, event })?.session ??
					view;
				if (view) mustAgree(view);
				reached.add(session.segment.at);
			}
		};
		happens([callBegan, ...hears(eve)]);
		const known = () => (session.segment.at === 'none' ? segmentId : session.segment.id);
		for (let step = 0; step < 60; step++) {
			const command = { ...one(Object.values(commands)), segmentId: known() };
			if (command.type === 'offer-survey') command.segmentId = `segment ${step}`;
			if (command.type === 'record-consent')
				Object.assign(command, { answer: one(['agreed', 'agreed', 'declined', 'not-now']) });
			if (command.type === 'answer-question') Object.assign(command, { value: one(['', '0', '7', '10']) });
			if (command.type === 'customer-returned') Object.assign(command, { to: one(['agent', 'agent', 'queue']) });
			const ofCall = one([
				'hold-call',
				'resume-call',
				'lose-call',
				'restore-call',
				'protect-call',
				'unprotect-call',
			] as const);
			const end = { of: 'call', command: { type: 'end-call', reason: 'hung-up' } } as const;
			try {
				const otherwise = random(40) === 0 ? end : ({ of: 'call', command: { type: ofCall } } as const);
				happens(decide(session, random(6) === 0 ? otherwise : ofSegment(command)));
			} catch (error) {
				if (!(error instanceof Refusal)) throw error;
			}
		}
	}
	expect([...reached].sort()).toEqual(['none', ...segmentStates].sort());
});
test('a record of a segment that was never offered does not break the fold', () => {
	expect(() => sessionOf(recorded([callBegan, live('stray'), said('agreed', 'stray'), callEnded]))).not.toThrow();
});
