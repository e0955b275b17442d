import { type ReactNode, useEffect, useRef } from 'react';
import { useLive } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { Agreed, Cannot, Countdown, TakenElsewhere } from '#client/session/survey/executive-agreed.tsx';
import { HandBack, TimeLeft } from '#client/session/survey/executive-frame.tsx';
import { Questions } from '#client/session/survey/executive-questions.tsx';
import type { ExecutiveTurn } from '#client/session/survey/executive-turn.ts';
import { endedWords, takesAnswers, waitingWords } from '#client/session/survey/executive-words.ts';
import { mayAskAgain } from '#client/session/survey/segment-now.ts';
import { useDraftsRead } from '#client/session/use-drafts-read.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { useLostFocus } from '#client/ui/use-lost-focus.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { CallView } from '#shared/call.ts';
import type { SegmentView } from '#shared/survey.ts';
import '#client/session/survey/executive.css';

interface SurveyNeeds {
	call: CallView;
	turn: ExecutiveTurn;
	/** Whether the call is heard in this tab. */
	hears: boolean;
}

/** The executive's side of the survey segment: the question whether they may, the yes, the line, the questions, the end. */
export function ExecutiveSurvey({ call, turn, hears }: SurveyNeeds) {
	const { segment, mine } = turn;
	const part = segment && !mayAskAgain(segment) ? segment : undefined;
	if (call.erased) return null;
	if (!part)
		return call.at === 'ended' ? (
			segment && mine && <Over call={call} turn={turn} segment={segment} />
		) : (
			<>
				{segment && mine && <Over call={call} turn={turn} segment={segment} />}
				<Offer call={call} turn={turn} before={segment} />
			</>
		);
	const waiting = waitingWords(part, call.agentName);
	if (waiting)
		return (
			<Part icon={part.at === 'declined' ? 'ended' : 'question'} title={waiting.title}>
				<p className="soft">{waiting.text}</p>
				{part.at !== 'declined' && !call.abilities.includes('survey') && <Cannot call={call} />}
			</Part>
		);
	if (part.at === 'agreed' || turn.liveAtMs !== undefined)
		return (
			<Part icon="check" title="The customer agreed: you are next" first>
				{turn.liveAtMs === undefined ? (
					<Agreed call={call} segment={part} turn={turn} hears={hears} />
				) : (
					<Countdown turn={turn} />
				)}
			</Part>
		);
	if (!mine) return <AnothersTurn call={call} segment={part} />;
	if (part.at === 'ready')
		return (
			<Part icon="line" title="Taking the line" first>
				{turn.hears.line ? <Countdown turn={turn} /> : <TakenElsewhere turn={turn} />}
			</Part>
		);
	if (part.at === 'live') return <Live turn={turn} segment={part} />;
	return <Over call={call} turn={turn} segment={part} />;
}

function Offer({ call, turn, before }: { call: CallView; turn: ExecutiveTurn; before: SegmentView | undefined }) {
	const { asking, offer } = turn;
	return (
		<Part icon="question" title="Talk with this customer">
			{before?.at === 'not-now' && <p className="soft">They would rather not a moment ago. You may ask once more.</p>}
			<p className="row">
				<button type="button" className="button" onClick={offer} disabled={asking.busy || call.protected}>
					May I ask the customer two questions?
				</button>
			</p>
			<p className="faint">
				{call.agentName} asks the customer first. Only if they say yes, and you take the line, does anybody hear you.
			</p>
			{!call.abilities.includes('survey') && <Cannot call={call} />}
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</Part>
	);
}

function Live({ turn, segment }: { turn: ExecutiveTurn; segment: SegmentView }) {
	const byPhone = segment.taken?.by === 'phone';
	const here = turn.hears.line !== undefined && turn.hears.line.at !== 'over';
	return (
		<Part icon="line" title={byPhone ? 'You talk with the customer by phone' : 'You talk with the customer'} first>
			{!byPhone && !here && <TakenElsewhere turn={turn} />}
			<Script segment={segment} keys={byPhone || here} />
			<Identity segment={segment} turn={turn} />
			{byPhone && (
				<div className="row">
					<TimeLeft segment={segment} />
					<HandBack turn={turn} />
				</div>
			)}
			{turn.asking.fault && <Fault>{turn.asking.fault}</Fault>}
		</Part>
	);
}

/** The questions, once it is known what was being typed before the page was loaded. */
function Script({ segment, keys }: { segment: SegmentView; keys: boolean }) {
	const { me } = useLive();
	const draftsRead = useDraftsRead(me.id);
	const script = segment.asked?.script;
	return script && draftsRead ? <Questions segment={segment} script={script} keys={keys} /> : null;
}

/** The honest answer to "who is this?", and a key that says it was given. [C3] */
function Identity({ segment, turn }: { segment: SegmentView; turn: ExecutiveTurn }) {
	useShortcuts([{ keys: ['w'], says: 'The customer asked who this is: I told them', does: turn.tellIdentity }], {
		first: true,
	});
	const told = segment.identityTold;
	const before = useRef(told);
	useEffect(() => {
		if (told > before.current) announce('On record: the customer was told who this is');
		before.current = told;
	}, [told]);
	return (
		<details className="identity">
			<summary>
				Customer asks who this is?
				{told > 0 && <span className="faint"> Told {told === 1 ? 'once' : `${told} times`}, on record.</span>}
			</summary>
			<div className="stack">
				<p className="say-this">“{segment.asked?.who}”</p>
				<p className="row">
					<button type="button" className="button" onClick={turn.tellIdentity}>
						<Icon name="check" /> I said it <kbd>W</kbd>
					</button>
					<span className="faint">What you may say, and that it was said, goes on record.</span>
				</p>
			</div>
		</details>
	);
}

/** After the line: what happened, and what can still be written down. */
function Over({ call, turn, segment }: { call: CallView; turn: ExecutiveTurn; segment: SegmentView }) {
	const { title, text } = endedWords(segment, call.agentName);
	const given = segment.asked && takesAnswers(segment);
	return (
		<Part icon={segment.over?.how === 'executive' ? 'check' : 'notice'} title={title} first>
			<p className="soft">{text}</p>
			{given && (
				<>
					<p className="faint">Answers can still be completed and put right.</p>
					<Script segment={segment} keys={false} />
				</>
			)}
			{turn.asking.fault && <Fault>{turn.asking.fault}</Fault>}
		</Part>
	);
}

function AnothersTurn({ call, segment }: { call: CallView; segment: SegmentView }) {
	const name = segment.taken?.executive.name;
	if (!name) return null;
	const isOn = segment.at === 'live';
	const isNext = segment.at === 'ready';
	return (
		<Part
			icon="line"
			title={isOn ? `${name} is on the line` : isNext ? `${name} is about to be on the line` : 'The survey is over'}
		>
			<p className="soft">
				{isOn || isNext
					? `${call.agentName} stays, and you go on listening in silence.`
					: `${name} has talked with the customer.`}
			</p>
		</Part>
	);
}

interface PartNeeds {
	icon: IconName;
	title: string;
	/** This person is to do something now: it stands out, and is where a lost focus goes on. */
	first?: boolean;
	children: ReactNode;
}

/** One state of the survey. A change of it is said to whoever does not look. */
function Part({ icon, title, first = false, children }: PartNeeds) {
	const place = useLostFocus<HTMLElement>();
	const said = useRef<string>(undefined);
	useEffect(() => {
		if (said.current !== title) announce(title);
		said.current = title;
	}, [title]);
	return (
		<section
			ref={place}
			tabIndex={-1}
			className={first ? 'card padded survey-part first-part' : 'card padded survey-part'}
			aria-label="Survey"
		>
			<h2 className="part-title">
				<Icon name={icon} /> {title}
			</h2>
			{children}
		</section>
	);
}
