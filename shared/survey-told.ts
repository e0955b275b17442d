import type { Ending, Identity, Question, SegmentView } from '#shared/survey.ts';

/** What the customer was told of who comes on the line, in words. */
export const identityWords: Record<Identity, string> = {
	named: 'by name',
	role: 'by role only',
	company: 'as the company only',
};

const endingWords: Record<Ending, string> = {
	executive: 'the executive was done',
	'taken-back': 'the customer was taken back',
	'time-limit': 'the time was up',
	protected: 'the call was protected',
	removed: 'the executive was removed',
	withdrawn: 'consent was withdrawn',
	'executive-lost': 'the executive’s connection was lost',
	'agent-lost': 'the agent’s page was lost',
	'gateway-lost': 'the connection to the phone platform was lost',
	'call-ended': 'the call ended',
};

/** Who had the idea of a segment. */
export const offerWords = ({ offeredBy: { how, person } }: Pick<SegmentView, 'offeredBy'>) =>
	how === 'quota' ? 'by the draw' : `by ${person?.name ?? `the ${how}`}`;

/** What became of a segment, in words. */
export function outcomeWords({ asked, consent, live, over, at }: SegmentView): string {
	if (!asked) return 'The customer was not asked.';
	if (!consent) return 'What the customer said is not on record.';
	if (consent.answer === 'declined') return 'The customer declined.';
	if (consent.answer === 'not-now') return 'The customer put it off.';
	if (!live) {
		if (over) return `Agreed, and not held: ${endingWords[over.how]}.`;
		return at === 'ended' ? 'Agreed, and not held: nobody took the line.' : 'Agreed, and not begun yet.';
	}
	return over ? `Held; ${endingWords[over.how]}.` : 'Goes on now.';
}

/** How long executive and customer spoke; undefined if they did not, or still do. */
export const liveMsOf = ({ live, over }: Pick<SegmentView, 'live' | 'over'>) =>
	live && over ? Math.max(0, over.atMs - live.atMs) : undefined;

/** An answer as people read it: a choice in its words, a key as it is. */
export const answerWords = (question: Question, value: string) =>
	question.choices?.find(({ id }) => id === value)?.text ?? value;

/** A question that was answered, with its answer in words. */
export interface AnswerTold {
	questionId: string;
	question: string;
	answer: string;
	isOpen: boolean;
}

/** The answers of a segment in the order of the script. */
export const answersTold = ({ asked, answers }: Pick<SegmentView, 'asked' | 'answers'>): AnswerTold[] =>
	(asked?.script.questions ?? []).flatMap((question) => {
		const value = answers.find(({ questionId }) => questionId === question.id)?.value;
		if (value === undefined) return [];
		const answer = answerWords(question, value);
		return [{ questionId: question.id, question: question.text, answer, isOpen: question.kind === 'open' }];
	});
