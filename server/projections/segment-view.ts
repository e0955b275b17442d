import type { SegmentEvent } from '#server/domain/handoff.ts';
import type { Recorded } from '#server/journal/journal.ts';
import type { SegmentView } from '#shared/survey.ts';

export type SegmentRecord = Recorded & { event: SegmentEvent };

/** Folds one record into its segment, which begins with `survey-offered`. */
export function foldSegment(before: SegmentView | undefined, record: SegmentRecord): SegmentView {
	const { event, seq, atMs, stream } = record;
	if (event.type === 'survey-offered' || !before) return offered(record, stream);
	const changed = { ...before, seq };
	const moved = (at: SegmentView['at']) => ({ ...changed, at, sinceMs: atMs });
	const over = (at: SegmentView['at'], how: NonNullable<SegmentView['over']>['how']) => ({
		...moved(at),
		over: { how, atMs },
	});
	switch (event.type) {
		case 'survey-asked': {
			const { script, identity, wording, who, executive } = event.asked;
			const { askedBy: by } = event.asked;
			return {
				...moved('asked'),
				asked: { atMs, by, script, identity, wording, who, ...(executive ? { executive } : {}) },
			};
		}
		case 'consent-recorded':
			return { ...moved(event.answer), consent: { answer: event.answer, atMs, by: event.recordedBy } };
		case 'consent-withdrawn':
			return over('withdrawn', 'withdrawn');
		case 'line-taken': {
			const { executive, by } = event.taken;
			// Taken again by the same executive, whose connection broke: they have had it since the first time.
			if (before.taken) return changed;
			return { ...moved('ready'), taken: { executive, by, atMs } };
		}
		case 'survey-live':
			return { ...moved('live'), live: { atMs, limitMs: event.limitMs } };
		case 'survey-finished':
			return over('finished', event.how);
		case 'line-lost':
			return over('lost', event.how);
		case 'customer-returned':
			return { ...moved('returned'), returnedTo: event.to };
		case 'question-answered': {
			const { questionId, value } = event;
			return { ...changed, answers: withAnswer(before.answers, questionId, value) };
		}
		case 'identity-told':
			return { ...changed, identityTold: before.identityTold + 1 };
	}
}

function offered({ event, seq, atMs }: SegmentRecord, callId: string): SegmentView {
	const offer = event.type === 'survey-offered' ? event.offer : { how: 'quota' as const };
	return {
		segmentId: event.segmentId,
		seq,
		callId,
		at: 'offered',
		sinceMs: atMs,
		offeredBy: offer.how === 'quota' ? { how: 'quota' } : { how: offer.how, person: offer.person },
		answers: [],
		identityTold: 0,
	};
}

/** The call is over, and with it what had not come to its own end. */
export function endedSegment(segment: SegmentView, seq: number, atMs: number): SegmentView {
	const { at, taken } = segment;
	if (at === 'declined' || at === 'not-now' || at === 'returned' || at === 'ended') return segment;
	if (at === 'withdrawn' && !taken) return segment;
	const over = segment.over ?? (taken && { how: 'call-ended' as const, atMs });
	return { ...segment, seq, at: 'ended', sinceMs: atMs, ...(over ? { over } : {}) };
}

/** The answers with one more, one changed in its place, or, by an empty one, one less. */
function withAnswer(answers: SegmentView['answers'], questionId: string, value: string): SegmentView['answers'] {
	const isNew = value !== '' && answers.every((one) => one.questionId !== questionId);
	if (isNew) return [...answers, { questionId, value }];
	return answers
		.filter((one) => value !== '' || one.questionId !== questionId)
		.map((one) => (one.questionId === questionId ? { questionId, value } : one));
}
