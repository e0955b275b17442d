import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { recordPath } from '#client/rest/ways.ts';
import {
	aboutWords,
	disclosureWords,
	gatewayName,
	notSilent,
	type Tone,
	toneOf,
	toneWord,
} from '#client/session/call-words.ts';
import { useLive } from '#client/session/live-page.tsx';
import { type VoiceHere, voiceWords } from '#client/session/survey/executive-words.ts';
import { chipOf } from '#client/session/survey/survey-chip.ts';
import { SurveyMark, useSurveyTold, WhoSpeaks } from '#client/session/survey/survey-mark.tsx';
import { useSegment } from '#client/session/survey/use-segment.ts';
import { announce } from '#client/ui/announce.tsx';
import { Clock, useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import type { CallView } from '#shared/call.ts';
import type { SegmentAt } from '#shared/survey.ts';
import '#client/session/call.css';

/** A call's state as icon, word and colour. */
const StateMark = ({ tone, word = toneWord[tone] }: { tone: Tone; word?: string }) => (
	<span className={`state ${tone}`}>
		<Icon name={tone} />
		{word}
	</span>
);

/** While the link is down nobody here knows how a call stands: nothing may claim it. An ended call stays ended. */
const useKnown = (tone: Tone) => useStore(useLive().connection.link).at === 'open' || tone === 'ended';

/** A call's state as far as this page knows it. */
export function CallMark({ call }: { call: CallView }) {
	const tone = toneOf(call);
	return useKnown(tone) ? <StateMark tone={tone} /> : <StateMark tone="lost" word="Reconnecting" />;
}

/** Where a call came from, where that is worth knowing. */
export const Origin = ({ call }: { call: CallView }) => (
	<span className="origin">{call.rehearsal ? 'Rehearsal' : gatewayName(call.gateway)}</span>
);

/** That Ycord is a participant of this call and no silent tap; nothing of a call that is tapped. [S3] */
export const NotSilentMark = ({ call }: { call: CallView }) =>
	call.audible && (
		<span className="origin not-silent">
			{notSilent.brief}
			<span className="unseen">: {notSilent.text}</span>
		</span>
	);

/** The same in a sentence, for whoever has this one call before them. */
const NotSilentLine = ({ call }: { call: CallView }) =>
	call.audible && (
		<p className="not-silent-line">
			<Icon name="notice" />
			<span>
				<b>
					{notSilent.brief}: {notSilent.text}.
				</b>{' '}
				{notSilent.more}
			</span>
		</p>
	);

/** What the platform says of a call, on one quiet line; nothing if it says nothing. */
export function About({ call }: { call: CallView }) {
	const words = aboutWords(call);
	return words.length > 0 && <span className="about">{words.join(' · ')}</span>;
}

interface HeadNeeds {
	call: CallView;
	now: () => number;
	aside?: string;
	/** Sound is on in this tab: on a small screen, where the deck scrolls away, the head says so too. */
	silent?: boolean;
	/** Where what is said here goes. */
	voice?: VoiceHere;
}

/** The way to a call's record; beside the call as long as it is on. */
export function RecordWay({ call }: { call: CallView }) {
	const { me } = useLive();
	const isOn = call.at !== 'ended';
	return (
		<Link
			href={recordPath(call.callId, me.role)}
			className="record-way"
			state={{ within: true }}
			{...(isOn ? { target: '_blank', rel: 'noopener' } : {})}
		>
			<Icon name="record" /> Record
			{isOn && <span className="unseen">, in a new tab</span>}
		</Link>
	);
}

/** The head of a session: what the call is, its big clock, its state; the tab's title says the same. */
export function CallHead({ call, now, aside, silent, voice = 'off' }: HeadNeeds) {
	const tone = toneOf(call);
	const before = useRef(tone);
	useEffect(() => {
		if (before.current !== tone) announce(`The call is now: ${toneWord[tone]}`);
		before.current = tone;
	}, [tone]);
	const known = useKnown(tone);
	const segment = useSegment(call.callId);
	useSurveyTold(segment, now, call, known);
	// What is wanted of somebody, and who has the line, is to be read from another tab too.
	const isMine = segment?.taken?.executive.id === useLive().me.id;
	const isCalling = segment && !isMine && tone !== 'ended' && callsForEyes.includes(segment.at);
	useTabTitle(() => {
		if (!known) return `Reconnecting – ${call.label}`;
		if (isCalling) return `${chipOf(segment, now()).word} – ${call.label}`;
		const onLine = voice === 'line' ? 'ON THE LINE ' : voice === 'muted' ? 'ON THE LINE, MUTED ' : '';
		return `${onLine}${clockText((call.endedAtMs ?? now()) - call.startedAtMs)} ${toneWord[tone]} – ${call.label}`;
	});
	return (
		<div className="call-head">
			<div className="call-what">
				<h1>{call.label}</h1>
				<p className="soft row">
					{aside && <span>{aside}</span>}
					<Origin call={call} />
					<RecordWay call={call} />
				</p>
				<About call={call} />
				<NotSilentLine call={call} />
			</div>
			<div className="call-when">
				<div className="call-marks">
					<CallMark call={call} />
					{segment && <SurveyMark segment={segment} now={now} />}
					{tone !== 'ended' && <WhoSpeaks segment={segment} />}
					{silent && tone !== 'ended' && (
						<span className={`head-silent ${voice}`}>
							<Icon name={voiceWords[voice].icon} /> {voiceWords[voice].brief}
						</span>
					)}
				</div>
				<Clock className="big-clock" fromMs={call.startedAtMs} untilMs={call.endedAtMs} now={now} />
			</div>
		</div>
	);
}

const callsForEyes: readonly SegmentAt[] = ['offered', 'ready', 'live'];

/** What the customer knows, as a quiet line under a session. */
export const Told = ({ call }: { call: CallView }) => (
	<p className="faint told aside">
		<Icon name="notice" />
		<span>{disclosureWords[call.disclosure]}</span>
	</p>
);
