import type { Segment } from '#server/domain/handoff.ts';
import type { SessionView } from '#server/projections/session-view.ts';
import type { SegmentView } from '#shared/survey.ts';

/** What a row tells that the state tells too, in one form. */
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

/** The last segment as its row tells it, and as the state that the rules are asked of does. They must be equal. [V1] */
export function toldTwice({ segments, state }: SessionView) {
	const row = [...segments.values()].at(-1);
	return { byRow: row && toldByRow(row), byState: toldByState(state.segment) };
}
