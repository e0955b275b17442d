import { useId } from 'react';
import { languageName } from '#client/pages/results/result-words.ts';
import { clockText, durationWords } from '#client/ui/times.ts';
import type { CallView } from '#shared/call.ts';
import type { Role } from '#shared/people.ts';
import type { SegmentView } from '#shared/survey.ts';
import { answersTold, identityWords, liveMsOf, offerWords, outcomeWords } from '#shared/survey-told.ts';
import '#client/pages/record/record-survey.css';

const consentWords = { agreed: 'Agreed', declined: 'Declined', 'not-now': 'Not now' } as const;

/** A survey segment of a call: what was asked in which words, what the customer said to it, and what was answered. [C2] [C3] */
export function RecordSurvey({ segment, call, as }: { segment: SegmentView; call: CallView; as: Role }) {
	const id = useId();
	const { asked, consent, taken, live, identityTold } = segment;
	const at = (atMs: number) => <Moment atMs={Math.max(0, atMs - call.startedAtMs)} />;
	const liveMs = liveMsOf(segment);
	return (
		<section className="card padded record-survey across" aria-labelledby={id}>
			<h2 id={id}>
				Survey <span className="soft">· {outcomeWords(segment)}</span>
			</h2>
			<dl className="record-facts survey-facts">
				<Fact name="Offered">{offerWords(segment)}</Fact>
				{asked && (
					<Fact name="Asked">
						by {asked.by.name} at {at(asked.atMs)}
					</Fact>
				)}
				{consent && (
					<Fact name="Consent">
						{consentWords[consent.answer]} <span className="soft">· recorded by {consent.by.name} at</span>{' '}
						{at(consent.atMs)}
					</Fact>
				)}
				{asked && (
					<Fact name="Script">
						{asked.script.title}{' '}
						<span className="soft">
							· version {asked.script.version}, {languageName(asked.script.language)}
						</span>
					</Fact>
				)}
				{asked && (
					<Fact name="Told who comes">
						{identityWords[asked.identity]}
						{identityTold > 0 && <span className="soft"> · asked who this is, and told</span>}
					</Fact>
				)}
				{live && taken && (
					<Fact name="Held">
						by {taken.executive.name}
						{taken.by === 'phone' && ', by phone'}{' '}
						<span className="soft">· {liveMs === undefined ? 'since' : `${durationWords(liveMs)} from`}</span>{' '}
						{at(live.atMs)}
					</Fact>
				)}
			</dl>
			{asked && (
				<div className="survey-wording">
					<h3>Read out</h3>
					<blockquote lang={asked.script.language}>{asked.wording}</blockquote>
				</div>
			)}
			{live && <Answers segment={segment} erased={call.erased === true} as={as} />}
		</section>
	);
}

function Answers({ segment, erased, as }: { segment: SegmentView; erased: boolean; as: Role }) {
	const answers = answersTold(segment);
	if (answers.length === 0)
		return (
			<p className="soft">
				{erased
					? 'The answers were erased with the call.'
					: as === 'agent'
						? 'What was answered reaches executives and supervisors.'
						: 'Nothing was answered.'}
			</p>
		);
	return (
		<dl className="survey-answers" lang={segment.asked?.script.language}>
			{answers.map(({ questionId, question, answer, isOpen }) => (
				<div key={questionId}>
					<dt>{question}</dt>
					<dd className={isOpen ? 'is-open' : undefined}>{answer}</dd>
				</div>
			))}
		</dl>
	);
}

const Moment = ({ atMs }: { atMs: number }) => (
	<a className="span-from numerals" href={`#at-${atMs}`}>
		{clockText(atMs)}
	</a>
);

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
	<div>
		<dt>{name}</dt>
		<dd>{children}</dd>
	</div>
);
