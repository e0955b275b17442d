import { type ReactNode, useMemo, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Filters } from '#client/pages/results/filters.tsx';
import { CountsTable, Funnel } from '#client/pages/results/funnel.tsx';
import { type Narrowed, narrowedIn, narrowedParts, notNarrowed, queryOf } from '#client/pages/results/narrowed.ts';
import { QuestionCard } from '#client/pages/results/question-card.tsx';
import { counted, languageName, versionsWords } from '#client/pages/results/result-words.ts';
import { RestRefused, surveyResults } from '#client/rest/rest.ts';
import { homeOf, inSomeRole, resultsFilePath, roleIn, searchPath } from '#client/rest/ways.ts';
import { faultWords } from '#client/session/asking.ts';
import { SignOut } from '#client/session/sign-out.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame } from '#client/ui/frame.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { dayOf, timeOfDay } from '#client/ui/times.ts';
import { usePromise } from '#client/ui/use-promise.ts';
import type { Role } from '#shared/people.ts';
import { maxSurveys } from '#shared/result-limits.ts';
import type { SurveyAnswers, SurveyResults } from '#shared/survey-results.ts';
import '#client/pages/results/results.css';
import '#client/pages/results/results-print.css';

/** What came of asking customers: how far the calls came, and what was answered. What is looked at stands in the address. */
export function ResultsPage() {
	const search = useSearch();
	const [, go] = useLocation();
	const [turn, setTurn] = useState(0);
	const narrowed = useMemo(() => narrowedIn(search), [search]);
	const asked = roleIn(search);
	const query = useMemo(() => ({ turn, ...queryOf(narrowed, Date.now()) }), [narrowed, turn]);
	const answering = useMemo(() => {
		const { turn: _, ...parts } = query;
		const results = inSomeRole(asked, (as) => surveyResults({ ...parts, as })).then((found) => ({ ...found, query }));
		// Whoever asked looks at it a moment later, when the page is built; until then nobody has missed it.
		results.catch(() => {});
		return results;
	}, [query, asked]);
	const answer = usePromise(answering);
	// While the next answer is on its way the last one stays, and what narrows it stays in hand.
	const last = useRef<{ as: Role; answer: SurveyResults; query: object }>(undefined);
	if (answer.at === 'there') last.current = answer.value;
	const there = answer.at === 'refused' ? undefined : last.current;
	const as = last.current?.as ?? asked;
	useTabTitle(() => 'Survey results');

	const change = (part: Partial<Narrowed>) => {
		const parts = new URLSearchParams([...narrowedParts({ ...narrowed, ...part }), ...(as ? [['as', as]] : [])]);
		go(`/results?${parts}`, { replace: true });
	};
	const { turn: _, ...parts } = query;
	return (
		<Frame
			title="Survey results"
			who={as && `as ${as}`}
			out={as && <SignOut as={as} />}
			keys
			search={as && { href: searchPath(as) }}
		>
			{as && (
				<Link href={homeOf[as].href} className="button plain small back-way">
					<Icon name="back" /> {homeOf[as].word}
				</Link>
			)}
			<div className="results stack" aria-busy={answer.at !== 'refused' && last.current?.query !== query}>
				<header className="results-head">
					<h1>Survey results</h1>
					{there && as && (
						<p className="row results-acts">
							<button type="button" className="button small" onClick={() => setTurn(turn + 1)}>
								Look again
							</button>
							<button type="button" className="button small" onClick={() => print()}>
								<Icon name="print" /> Print
							</button>
							<a className="button small" href={resultsFilePath({ ...parts, as })} download>
								<Icon name="save" /> CSV
							</a>
						</p>
					)}
				</header>
				{last.current && (
					<Filters
						narrowed={narrowed}
						choices={last.current.answer.choices}
						rehearsal={narrowed.rehearsal ? narrowed.rehearsal === 'yes' : last.current.answer.rehearsal}
						change={change}
					/>
				)}
				<p role="status" className="unseen">
					{answer.at === 'there' ? `${counted(answer.value.answer.counts.held, 'survey')} held` : ''}
				</p>
				{answer.at === 'refused' && <Refused error={answer.error} again={() => setTurn(turn + 1)} />}
				{there && as && <Shown results={there.answer} as={as} narrowed={narrowed} all={() => change(notNarrowed)} />}
				{!there && answer.at === 'asking' && <p className="soft">Counting…</p>}
			</div>
		</Frame>
	);
}

interface ShownNeeds {
	results: SurveyResults;
	as: Role;
	narrowed: Narrowed;
	/** Drops everything that narrows. */
	all: () => void;
}

function Shown({ results, as, narrowed, all }: ShownNeeds) {
	const { counts, surveys, byAgent, byQueue } = results;
	const { rehearsal: _, ...others } = narrowed;
	const isNarrowed = narrowedParts(others as Narrowed).length > 0;
	if ((counts.possible ?? 0) === 0 && counts.asked === 0)
		return isNarrowed ? (
			<SaidCard icon="search" title="No call fits that">
				Nothing was asked in these calls, or there are none.
				<button type="button" className="button small" onClick={all}>
					Look at all of them
				</button>
			</SaidCard>
		) : (
			<SaidCard icon="question" title="Nobody has been asked yet">
				Results begin with a call that an executive sits in on. The agent asks the customer with the words on screen; if
				the customer agrees, the executive takes the line and records the answers. Each of these steps is counted here.
				{!results.rehearsal && ' Rehearsal calls are left out: tick “With rehearsals” to see them.'}
			</SaidCard>
		);
	return (
		<>
			{counts.rehearsals > 0 && (
				<p className="results-notice">
					<Icon name="notice" />
					{counts.rehearsals === (counts.possible ?? counts.asked)
						? 'These are rehearsals: no real customer was asked.'
						: `${counted(counts.rehearsals, 'of these calls is a rehearsal', 'of these calls are rehearsals')}, without a real customer.`}
				</p>
			)}
			<div className="results-overview">
				<Funnel counts={counts} />
				<div className="stack results-by">
					<CountsTable by="queue" results={results} />
					<CountsTable by="agent" results={results} />
				</div>
			</div>
			{byQueue.length + byAgent.length > 0 && surveys.length === 0 && (
				<p className="soft">No survey was held in these calls, so there are no answers.</p>
			)}
			{surveys.map((survey) => (
				<Survey key={`${survey.scriptId} ${survey.versions}`} survey={survey} as={as} />
			))}
			{surveys.length >= maxSurveys && (
				<p className="soft">The last {maxSurveys} scripts and versions are here. Choose one above to see others.</p>
			)}
			<p className="faint results-made">
				Counted {dayOf(Date.now())}, {timeOfDay(Date.now())}. Confidence intervals: NPS by the adjusted Wald method,
				shares by Wilson’s. {location.origin}
				{location.pathname}
			</p>
		</>
	);
}

function Survey({ survey, as }: { survey: SurveyAnswers; as: Role }) {
	const { scriptId, title, versions, languages, segments, questions } = survey;
	const id = `survey-${scriptId}-${versions.join('-')}`;
	const isMixed = versions.length > 1;
	return (
		<section className="stack survey" aria-labelledby={id}>
			<div>
				<h2 id={id} className="survey-title">
					{title}
				</h2>
				<p className="soft">
					Script “{scriptId}”, {versionsWords(versions)} · {counted(segments, 'customer')} ·{' '}
					{languages.map(languageName).join(', ')}
				</p>
			</div>
			{isMixed && (
				<p className="results-notice">
					<Icon name="notice" />
					Answers to {versionsWords(versions)} are put together here: what was asked may have been worded otherwise.
				</p>
			)}
			<div className="questions">
				{questions.map((question) => (
					<QuestionCard key={`${question.kind} ${question.questionId}`} question={question} as={as} isMixed={isMixed} />
				))}
			</div>
		</section>
	);
}

function Refused({ error, again }: { error: unknown; again: () => void }) {
	const code = error instanceof RestRefused ? error.code : undefined;
	if (code === 'access.sign-in')
		return (
			<SaidCard icon="onlyMe" title="Sign in first">
				Nobody is signed in here. <a href="/sign-in">Sign in</a>, or open your own link again; then this address opens.
			</SaidCard>
		);
	if (code === 'access.denied')
		return (
			<SaidCard icon="onlyMe" title="Results are for executives and supervisors">
				As an agent you see on your call, and in its record, whether the customer was asked and what came of it.
			</SaidCard>
		);
	const isOffline = code === 'connection.lost';
	return (
		<SaidCard icon={isOffline ? 'lost' : 'notice'} title={isOffline ? 'No connection' : 'This was not counted'}>
			{isOffline ? 'Ycord cannot be reached right now. The results are safe there.' : faultWords(error)}
			<button type="button" className="button small" onClick={again}>
				Try again
			</button>
		</SaidCard>
	);
}

const SaidCard = ({ icon, title, children }: { icon: IconName; title: string; children: ReactNode }) => (
	<div className="card results-said">
		<Icon name={icon} />
		<h2>{title}</h2>
		<div className="soft">{children}</div>
	</div>
);
