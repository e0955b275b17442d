import { useId, useState } from 'react';
import { Link } from 'wouter';
import { Columns, IntervalLine, PartBar, TableTwin, type Tone } from '#client/pages/results/charts.tsx';
import {
	answersWords,
	counted,
	intervalWords,
	percentWords,
	scoreWords,
	versionsWords,
} from '#client/pages/results/result-words.ts';
import { recordPath } from '#client/rest/ways.ts';
import { Icon } from '#client/ui/icon.tsx';
import { dayOf, timeOfDay } from '#client/ui/times.ts';
import type { Role } from '#shared/people.ts';
import { maxSaid } from '#shared/result-limits.ts';
import type { QuestionResult } from '#shared/survey-results.ts';

interface CardNeeds {
	question: QuestionResult;
	as: Role;
	/** Whether the survey holds several versions, so that each question says which it is of. */
	isMixed: boolean;
}

/** One question: what was measured, how the answers lie, in words and as a table. */
export function QuestionCard({ question, as, isMixed }: CardNeeds) {
	const id = useId();
	const { kind, text, answers, unanswered, skipped, versions } = question;
	const asides = [
		unanswered > 0 && `${unanswered} did not answer`,
		skipped > 0 && `${skipped} ${skipped === 1 ? 'was' : 'were'} not asked it: an answer before led past it`,
		isMixed && `in ${versionsWords(versions)}`,
	].filter((aside) => typeof aside === 'string');
	return (
		<figure className={kind === 'open' ? 'card padded question across' : 'card padded question'} aria-labelledby={id}>
			<h3 id={id}>{text}</h3>
			{answers > 0 && question.nps && <Score question={question} nps={question.nps} />}
			{answers > 0 && question.csat && <Satisfied question={question} csat={question.csat} />}
			{kind === 'open' ? (
				<Said question={question} as={as} />
			) : (
				answers > 0 && (kind === 'scale-10' ? <Scale question={question} /> : <Rows question={question} />)
			)}
			<p className="question-words">
				{kind === 'open' && answers > 0 ? `${counted(answers, 'answer')}.` : answersWords(answers)}
				{asides.length > 0 && <span className="faint"> {asides.join(' · ')}.</span>}
			</p>
			{answers > 0 && kind !== 'open' && (
				<TableTwin caption={text} head={['Answer', 'Count', 'Share']}>
					{question.choices.map(({ value, text, count }) => (
						<tr key={value}>
							<th scope="row">{labelOf(question, value, text)}</th>
							<td>{count}</td>
							<td>{percentWords(count, answers)}</td>
						</tr>
					))}
				</TableTwin>
			)}
		</figure>
	);
}

/** An answer as people read it: the ends of a scale with what they mean. */
function labelOf({ kind, choices, lowMeans, highMeans }: QuestionResult, value: string, text: string): string {
	if (kind === 'yes-no') return value === 'yes' ? 'Yes' : 'No';
	if (kind === 'choice') return text;
	if (value === choices[0]?.value && lowMeans) return `${value} – ${lowMeans}`;
	if (value === choices.at(-1)?.value && highMeans) return `${value} – ${highMeans}`;
	return value;
}

function Score({ question, nps }: { question: QuestionResult; nps: NonNullable<QuestionResult['nps']> }) {
	const { measured, promoters, passives, detractors } = nps;
	const { answers } = question;
	return (
		<div className="metric">
			<p className="metric-value">
				<b className="numerals">{scoreWords(measured.value)}</b> NPS
				<span className="metric-interval soft"> {intervalWords(measured, 'nps')}</span>
			</p>
			<IntervalLine measured={measured} least={-1} bars={{ left: detractors / answers, right: promoters / answers }} />
			<p className="metric-ends faint numerals" aria-hidden="true">
				<span>−100</span>
				<span>0</span>
				<span>+100</span>
			</p>
			<ul className="metric-parts">
				<Part tone="bad" word="detractors, 0–6" count={detractors} of={answers} />
				<Part tone="middle" word="passive, 7–8" count={passives} of={answers} />
				<Part tone="good" word="promoters, 9–10" count={promoters} of={answers} />
			</ul>
		</div>
	);
}

const Part = ({ tone, word, count, of }: { tone: Tone; word: string; count: number; of: number }) => (
	<li>
		<svg className="part-key" aria-hidden="true">
			<rect className={`part ${tone}`} width="100%" height="100%" rx="2" />
		</svg>
		<span>
			<b className="numerals">{percentWords(count, of)}</b> {word} <span className="faint numerals">({count})</span>
		</span>
	</li>
);

function Satisfied({ question, csat }: { question: QuestionResult; csat: NonNullable<QuestionResult['csat']> }) {
	const { measured, satisfied } = csat;
	return (
		<div className="metric">
			<p className="metric-value">
				<b className="numerals">{percentWords(satisfied, question.answers)}</b> satisfied
				<span className="metric-interval soft"> {intervalWords(measured, 'csat')}</span>
			</p>
			<IntervalLine measured={measured} least={0} />
			<p className="metric-ends faint numerals" aria-hidden="true">
				<span>0 %</span>
				<span>CSAT: 4 or 5 of 5</span>
				<span>100 %</span>
			</p>
		</div>
	);
}

const npsTone = (value: string): Tone => (Number(value) >= 9 ? 'good' : Number(value) >= 7 ? 'middle' : 'bad');

const Scale = ({ question }: { question: QuestionResult }) => (
	<div>
		<Columns choices={question.choices} toneOf={question.nps ? npsTone : () => 'plain'} />
		{(question.lowMeans || question.highMeans) && (
			<p className="metric-ends faint">
				<span>{question.lowMeans}</span>
				<span>{question.highMeans}</span>
			</p>
		)}
	</div>
);

/** A bar for each answer, with its word, its count and its share. */
const Rows = ({ question }: { question: QuestionResult }) => (
	<ul className="answer-rows">
		{question.choices.map(({ value, text, count }) => (
			<li key={value} className="answer-row">
				<span className="answer-word">{labelOf(question, value, text)}</span>
				<span className="numerals answer-count">
					{count} <span className="faint">{percentWords(count, question.answers)}</span>
				</span>
				<PartBar part={count / question.answers} tone={rowTone(question, value)} />
			</li>
		))}
	</ul>
);

function rowTone({ csat }: QuestionResult, value: string): Tone {
	if (!csat) return 'plain';
	return Number(value) >= 4 ? 'good' : Number(value) === 3 ? 'middle' : 'bad';
}

/** How many open answers are shown before somebody asks for the rest. */
const firstShown = 8;

/** What customers said in own words, the newest first, each with the call it was said in. */
function Said({ question: { said, answers }, as }: { question: QuestionResult; as: Role }) {
	const [showsAll, setShowsAll] = useState(false);
	const shown = showsAll ? said : said.slice(0, firstShown);
	const hidden = answers - said.length;
	return (
		<>
			{said.length > 0 && (
				<ol className="said">
					{shown.map(({ callId, callStartedAtMs, agentName, queue, rehearsal, text }) => (
						<li key={callId} className="said-one">
							<blockquote>{text}</blockquote>
							<p className="faint">
								<Link href={recordPath(callId, as)} state={{ within: true }}>
									{dayOf(callStartedAtMs)}, {timeOfDay(callStartedAtMs)}
								</Link>{' '}
								· {agentName}, {queue}
								{rehearsal && ' · rehearsal'}
							</p>
						</li>
					))}
				</ol>
			)}
			{said.length > shown.length && (
				<button type="button" className="button small" onClick={() => setShowsAll(true)}>
					Show all {said.length}
				</button>
			)}
			{hidden > 0 && (
				<p className="said-hidden soft">
					<Icon name="onlyMe" />
					{said.length >= maxSaid
						? `The newest ${maxSaid} are here; the CSV file holds all you may read.`
						: `${counted(hidden, 'answer')} in own words ${hidden === 1 ? 'is' : 'are'} from calls you did not sit in on: ${hidden === 1 ? 'it is' : 'they are'} counted, not shown.`}
				</p>
			)}
		</>
	);
}
