import { useEffect, useId, useState } from 'react';
import { type AnswerQueue, answerQueue, type PendingAnswer } from '#client/live/answers.ts';
import { useStore } from '#client/live/use-store.ts';
import { keepDraft } from '#client/session/drafts.ts';
import { useLive } from '#client/session/live-page.tsx';
import { AnswerChoice } from '#client/session/survey/executive-answer.tsx';
import { OpenAnswer } from '#client/session/survey/executive-open-answer.tsx';
import { answersHere, draftOf, placeOf, stepFrom } from '#client/session/survey/executive-order.ts';
import { answerWord } from '#client/session/survey/executive-words.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Question, Script, SegmentView } from '#shared/survey.ts';

/** The answers of one segment on their way to the record. What is left of a draft goes once it is there. */
function useAnswers(callId: string, segmentId: string): AnswerQueue | undefined {
	const { connection, me } = useLive();
	const [queue, setQueue] = useState<AnswerQueue>();
	useEffect(() => {
		const made = answerQueue({
			link: connection.link,
			ask: (questionId, value) => connection.ask(callId, { type: 'answer-question', segmentId, questionId, value }),
			saved: (questionId) =>
				keepDraft(callId, me.id, { text: '', kind: 'observation', lane: 'private' }, draftOf(segmentId, questionId)),
		});
		setQueue(made);
		return made.stop;
	}, [connection, callId, segmentId, me.id]);
	return queue;
}

interface QuestionsNeeds {
	segment: SegmentView;
	script: Script;
	/** Whether the keys are the questions': while the customer is there. */
	keys: boolean;
}

/** The questions, one at a time; answers go on record as they are given. */
export function Questions({ segment, script, keys }: QuestionsNeeds) {
	const queue = useAnswers(segment.callId, segment.segmentId);
	return queue ? <Asked key={segment.segmentId} segment={segment} script={script} keys={keys} queue={queue} /> : null;
}

function Asked({ segment, script, keys, queue }: QuestionsNeeds & { queue: AnswerQueue }) {
	const pending = useStore(queue.pending);
	const [at, setAt] = useState<string>();
	const answers = answersHere(segment, pending);
	const place = placeOf(script, answers, at);
	const { asked, index, question } = place;
	const heading = useId();
	const back = () => setAt(stepFrom(place, -1));
	const next = () => setAt(stepFrom(place, 1));
	const answer = (one: Question, value: string) => {
		queue.answer(one.id, value);
		const answered = new Map(answers).set(one.id, value);
		// By the rules of the script as this answer makes them: it may be what leads past the next question.
		setAt(stepFrom(placeOf(script, answered, one.id), 1));
		announce(`${answerWord(one, value)}, recorded`);
	};
	useShortcuts(
		keys
			? [
					{ keys: ['ArrowLeft'], says: 'The question before', does: back },
					{ keys: ['ArrowRight'], says: 'The next question, without an answer', does: next },
				]
			: [],
		{ first: true },
	);
	return (
		<div className="questions stack">
			<div className="heading-row">
				<p className="faint numerals">
					{question ? `Question ${index + 1} of ${asked.length}` : 'All questions'} · {script.title}
				</p>
				<Progress asked={asked} answers={answers} index={index} go={(id) => setAt(id)} />
			</div>
			{question ? (
				<div className="question" key={question.id}>
					<h3 id={heading} lang={script.language}>
						{question.text}
					</h3>
					{question.kind === 'open' ? (
						<OpenAnswer
							labelledBy={heading}
							segment={segment}
							question={question}
							recorded={answers.get(question.id) ?? ''}
							keys={keys}
							record={(text) => queue.answer(question.id, text)}
							next={next}
						/>
					) : (
						<AnswerChoice
							labelledBy={heading}
							language={script.language}
							question={question}
							chosen={answers.get(question.id)}
							keys={keys}
							choose={(value) => answer(question, value)}
							takeBack={() => queue.answer(question.id, '')}
						/>
					)}
				</div>
			) : (
				<AllAsked asked={asked} answers={answers} keys={keys} go={setAt} />
			)}
			<div className="row question-steps">
				<button type="button" className="button" onClick={back} disabled={index === 0}>
					<Icon name="back" /> Back {keys && <kbd>←</kbd>}
				</button>
				<button type="button" className="button" onClick={next} disabled={!question}>
					{question && !answers.has(question.id) ? 'Skip' : 'Next'} {keys && <kbd>→</kbd>}
				</button>
				<Safety pending={pending} asked={script.questions} />
			</div>
		</div>
	);
}

/** Which questions have an answer; each leads there. */
function Progress({ asked, answers, index, go }: ProgressNeeds) {
	return (
		<ol className="question-dots">
			{asked.map((one, place) => (
				<li key={one.id}>
					<button
						type="button"
						className={answers.has(one.id) ? 'question-dot answered' : 'question-dot'}
						aria-current={place === index ? 'step' : undefined}
						onClick={() => go(one.id)}
					>
						<span className="unseen">
							Question {place + 1}, {answers.has(one.id) ? 'answered' : 'open'}
						</span>
					</button>
				</li>
			))}
		</ol>
	);
}
interface ProgressNeeds {
	asked: readonly Question[];
	answers: ReadonlyMap<string, string>;
	index: number;
	go: (questionId: string) => void;
}

/** After the last question: everything that was said, to be read over and put right. */
function AllAsked({ asked, answers, keys, go }: Omit<ProgressNeeds, 'index'> & { keys: boolean }) {
	const open = asked.filter(({ id }) => !answers.has(id)).length;
	return (
		<div className="stack">
			<h3>{open === 0 ? 'Every question is answered' : `${open} of ${asked.length} without an answer`}</h3>
			<p className="soft">{keys ? 'Thank the customer, then hand back: press B twice.' : 'Thank you.'}</p>
			<ul className="answers-given">
				{asked.map((one) => {
					const value = answers.get(one.id);
					return (
						<li key={one.id}>
							<span className="soft">{one.text}</span>
							<b>{value === undefined ? '–' : answerWord(one, value)}</b>
							<button type="button" className="button plain small" onClick={() => go(one.id)}>
								{value === undefined ? 'Answer' : 'Change'}
								<span className="unseen">: {one.text}</span>
							</button>
						</li>
					);
				})}
			</ul>
		</div>
	);
}

/** Whether everything is on record, in words; what is not is kept and sent again. */
function Safety({ pending, asked }: { pending: ReadonlyMap<string, PendingAnswer>; asked: readonly Question[] }) {
	const all = [...pending.values()];
	const refused = all.find(({ at }) => at === 'refused');
	const waiting = all.filter(({ at }) => at === 'waiting').length;
	const which = [...pending.keys()].map((id) => asked.findIndex((one) => one.id === id) + 1).join(', ');
	return (
		<span role="status" className={refused ? 'fault' : waiting ? 'answers-waiting' : 'faint'}>
			{refused
				? `Question ${which}: ${refused.message}`
				: waiting
					? `Question ${which}: not on record yet. It is kept here and sent again.`
					: all.length > 0
						? 'Saving…'
						: 'On record as you answer'}
		</span>
	);
}
