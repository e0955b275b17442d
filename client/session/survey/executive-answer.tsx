import { answerKeys, keysWords } from '#client/session/survey/executive-words.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Question } from '#shared/survey.ts';

interface ChoiceNeeds {
	labelledBy: string;
	language: string;
	question: Question;
	chosen: string | undefined;
	/** Whether keys answer. */
	keys: boolean;
	choose: (value: string) => void;
	takeBack: () => void;
}

/** An answer by one key, or by one press. The digits are the question's: those it does not take do nothing. */
export function AnswerChoice({ labelledBy, language, question, chosen, keys, choose, takeBack }: ChoiceNeeds) {
	const all = answerKeys(question);
	useShortcuts(
		keys
			? [
					...all.map(({ key, word, value }) => ({ keys: [key], says: `Answer: ${word}`, does: () => choose(value) })),
					...otherDigits(all.map(({ key }) => key)),
				]
			: [],
		{ first: true },
	);
	return (
		<div className="stack">
			<fieldset className={`answer-keys ${question.kind}`} aria-labelledby={labelledBy}>
				{all.map(({ value, word, key }) => (
					<button
						key={value}
						type="button"
						className="answer-key"
						aria-pressed={chosen === value}
						onClick={() => choose(value)}
					>
						<span lang={question.kind === 'choice' ? language : undefined}>{word}</span>
						{key !== word && (
							<span className="key" aria-hidden="true">
								{key.toUpperCase()}
							</span>
						)}
					</button>
				))}
			</fieldset>
			{(question.low || question.high) && (
				<p className="scale-ends faint" lang={language}>
					<span>{question.low}</span>
					<span>{question.high}</span>
				</p>
			)}
			<p className="faint row answer-hint">
				{keys && <span className="keys-words">{keysWords(question)} Notes keep their letters.</span>}
				{chosen !== undefined && (
					<button type="button" className="button plain small" onClick={takeBack}>
						Take the answer back
					</button>
				)}
			</p>
		</div>
	);
}

const digits = '0123456789'.split('');
/** While a question has the keys a digit is never a kind of note: it does nothing, rather than something else. */
export const otherDigits = (taken: readonly string[]) => {
	const keys = digits.filter((digit) => !taken.includes(digit));
	return keys.length > 0 ? [{ keys, says: 'Nothing: the digits are for the question', does: () => {} }] : [];
};
