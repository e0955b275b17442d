import { Refusal } from '#shared/refusals.ts';
import type { Question, Script } from '#shared/survey.ts';
import { fits } from '#shared/survey-order.ts';

/** What a customer answered, by question. */
export type Answers = ReadonlyMap<string, string>;

/** The answer as it is recorded; refuses a question that is not in the script and an answer that does not fit it. */
export function checkedAnswer(script: Script, questionId: string, value: string): string {
	const question = script.questions.find(({ id }) => id === questionId);
	if (!question) throw new Refusal('survey.question-unknown');
	const text = value.trim();
	if (text !== '' && !fits(question, text)) throw new Refusal('survey.answer', expected(question));
	return text;
}

/** The answers with one more, one changed, or, by an empty one, one less. */
export function withAnswer(answers: Answers, questionId: string, value: string): Answers {
	const all = new Map(answers);
	if (value === '') all.delete(questionId);
	else all.set(questionId, value);
	return all;
}

function expected(question: Question): string {
	switch (question.kind) {
		case 'scale-10':
			return '0 to 10';
		case 'scale-5':
			return '1 to 5';
		case 'yes-no':
			return 'yes or no';
		case 'choice':
			return 'one of the choices';
		case 'open':
			return 'some text';
	}
}
