import type { PendingAnswer } from '#client/live/answers.ts';
import type { Question, Script, SegmentView } from '#shared/survey.ts';
import { path } from '#shared/survey-order.ts';

/** What was answered as far as this tab knows: what is on record, under what is on its way there. */
export function answersHere(
	{ answers }: Pick<SegmentView, 'answers'>,
	pending: ReadonlyMap<string, PendingAnswer>,
): ReadonlyMap<string, string> {
	const all = new Map(answers.map(({ questionId, value }) => [questionId, value]));
	for (const [questionId, { value }] of pending) {
		if (value === '') all.delete(questionId);
		else all.set(questionId, value);
	}
	return all;
}

/** Which question stands on the screen, and what is before and after it; `question` is absent once all were passed. */
export interface Place {
	asked: readonly Question[];
	index: number;
	question: Question | undefined;
}

/** The place of a question in view of the answers; of one that was skipped over meanwhile, the first without an answer. */
export function placeOf(script: Pick<Script, 'questions'>, answers: ReadonlyMap<string, string>, at?: string): Place {
	const asked = path(script, answers);
	const known = at === undefined ? -1 : at === atEnd ? asked.length : asked.findIndex(({ id }) => id === at);
	const open = asked.findIndex(({ id }) => !answers.has(id));
	const index = known >= 0 ? known : open >= 0 ? open : asked.length;
	return { asked, index, question: asked[index] };
}

/** Stands for the place after the last question. No question can be called so. */
export const atEnd = '(end)';

/** The question that comes `by` places on, or the end. */
export const stepFrom = ({ asked, index }: Place, by: 1 | -1): string => asked[Math.max(0, index + by)]?.id ?? atEnd;

/** The place where what is typed to an open question waits on this device. */
export const draftOf = (segmentId: string, questionId: string) => `${segmentId} ${questionId}`;
