import type { Question, Script } from '#shared/survey.ts';

/** The answers that a question takes with a key; open ones take any text. */
export function answersTo(question: Question): string[] {
	switch (question.kind) {
		case 'scale-10':
			return Array.from({ length: 11 }, (_, value) => String(value));
		case 'scale-5':
			return ['1', '2', '3', '4', '5'];
		case 'yes-no':
			return ['yes', 'no'];
		case 'choice':
			return (question.choices ?? []).map(({ id }) => id);
		case 'open':
			return [];
	}
}

/** Whether this is an answer to that question. */
export const fits = (question: Question, value: string): boolean =>
	question.kind === 'open' ? value.trim() !== '' : answersTo(question).includes(value);

/**
 * The questions that are to be asked in view of what was answered so far, in order: a question that was not answered is
 * followed by the next one. Skip rules lead forward only, so this always ends.
 */
export function path(script: Pick<Script, 'questions'>, answers: ReadonlyMap<string, string>): Question[] {
	const asked: Question[] = [];
	let place = 0;
	while (place < script.questions.length) {
		const question = script.questions[place] as Question;
		asked.push(question);
		const answer = answers.get(question.id);
		const rule = answer === undefined ? undefined : question.skips?.find(({ when }) => when.includes(answer));
		if (rule?.to === 'end') break;
		const to = rule ? script.questions.findIndex(({ id }) => id === rule.to) : -1;
		place = to > place ? to : place + 1;
	}
	return asked;
}

/** Whether every question that was to be asked has an answer; otherwise the answers count as partial. */
export const isComplete = (script: Pick<Script, 'questions'>, answers: ReadonlyMap<string, string>): boolean =>
	path(script, answers).every(({ id }) => answers.has(id));
