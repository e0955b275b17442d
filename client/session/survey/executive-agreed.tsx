import { tabClock } from '#client/live/clock.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { MicrophoneCheck } from '#client/session/survey/executive-microphone.tsx';
import { countdownMs, type ExecutiveTurn } from '#client/session/survey/executive-turn.ts';
import { toldOfMe } from '#client/session/survey/executive-words.ts';
import { Ticking } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { timeOfDay } from '#client/ui/times.ts';
import { useLostFocus } from '#client/ui/use-lost-focus.ts';
import type { CallView } from '#shared/call.ts';
import type { SegmentView } from '#shared/survey.ts';

interface AgreedNeeds {
	call: CallView;
	segment: SegmentView;
	turn: ExecutiveTurn;
	/** Whether the call is heard here: without its sound the customer would not be. */
	hears: boolean;
}

/** Before the line: the yes on record, the microphone tried, then one big button. */
export function Agreed({ call, segment, turn, hears }: AgreedNeeds) {
	const { me } = useLive();
	const named = segment.asked?.executive;
	const elses = named && named.id !== me.id ? named.name : undefined;
	return (
		<div className="stack">
			<Consent segment={segment} />
			{elses ? <p className="soft">Only {elses} takes the line: the customer was told that name.</p> : null}
			{!elses &&
				(call.abilities.includes('survey') ? (
					<ByLine call={call} turn={turn} hears={hears} />
				) : (
					<ByPhone call={call} turn={turn} />
				))}
			{turn.asking.fault && <Fault>{turn.asking.fault}</Fault>}
		</div>
	);
}

/** The yes, as it stands on record. */
function Consent({ segment }: { segment: SegmentView }) {
	const { consent, asked } = segment;
	return (
		<ul className="facts consent">
			<li>
				<Icon name="check" />
				<span>
					<b>The customer said yes</b>
					{consent && ` at ${timeOfDay(consent.atMs)}; ${consent.by.name} put it on record.`}
				</span>
			</li>
			<li>
				<Icon name="notice" />
				<span>
					They were told {toldOfMe(segment)}.{asked && <span className="said"> “{asked.wording}”</span>}
				</span>
			</li>
		</ul>
	);
}

function ByLine({ call, turn, hears }: { call: CallView; turn: ExecutiveTurn; hears: boolean }) {
	const { voice, asking } = turn;
	const { microphone } = turn.hears;
	const place = useLostFocus<HTMLDivElement>();
	if (!hears)
		return <p className="soft">Press Listen first: without the sound of the call you would not hear the customer.</p>;
	if (microphone === 'off')
		return (
			<div className="stack" ref={place} tabIndex={-1}>
				<p>
					<button type="button" className="button first large" onClick={() => void voice.check()}>
						<Icon name="microphone" /> Get ready
					</button>
				</p>
				<p className="faint">
					Only now does your browser ask for the microphone. It is connected to nothing until you take the line.
				</p>
			</div>
		);
	return (
		<div className="stack" ref={place} tabIndex={-1}>
			<MicrophoneCheck voice={voice} hears={turn.hears} />
			<div className="row take-row">
				<button
					type="button"
					className="button large take-line"
					onClick={turn.takeLine}
					disabled={microphone !== 'open' || asking.busy || call.protected}
				>
					<Icon name="line" /> Take the line
				</button>
				<button type="button" className="button plain" onClick={voice.stop}>
					Not yet
				</button>
				{microphone === 'refused' && (
					<button type="button" className="button plain" onClick={turn.takeByPhone} disabled={asking.busy}>
						Hold it by phone instead
					</button>
				)}
			</div>
			<p className="faint">
				{call.protected
					? 'The call is protected. You can take the line when that is over.'
					: `A countdown of three, then the customer hears you and you hear them. ${call.agentName} stays and hears all of it.`}
			</p>
		</div>
	);
}

function ByPhone({ call, turn }: { call: CallView; turn: ExecutiveTurn }) {
	return (
		<div className="stack">
			<Cannot call={call} />
			<p>
				<button type="button" className="button first large" onClick={turn.takeByPhone} disabled={turn.asking.busy}>
					<Icon name="line" /> Hold it by phone
				</button>
			</p>
			<p className="faint">
				Have the customer put through to your own phone first, then press this: the questions come up here.
			</p>
		</div>
	);
}

/** Where the platform cannot bring anybody on the line: why, and what can be done all the same. */
export const Cannot = ({ call }: { call: CallView }) => (
	<p className="cannot">
		<Icon name="notice" />
		<span>
			This phone platform cannot bring you on the line: {call.cannot ?? 'it can only be listened to'}. You can hold the
			survey by phone: Ycord keeps the consent and the answers.
		</span>
	</p>
);

/** Three, two, one. It can be given up until the last moment. */
export function Countdown({ turn }: { turn: ExecutiveTurn }) {
	const { liveAtMs } = turn;
	const place = useLostFocus<HTMLDivElement>();
	const { at: line } = turn.hears.line ?? {};
	const left = () =>
		liveAtMs === undefined
			? '…'
			: String(Math.min(countdownMs / 1000, Math.max(1, Math.ceil((liveAtMs - tabClock.now()) / 1000))));
	return (
		<div className="countdown" ref={place} tabIndex={-1}>
			<span className="countdown-number" aria-hidden="true">
				<Ticking text={left} />
			</span>
			<div className="stack">
				<h3>You are about to be on the line</h3>
				<p className="soft" role="status">
					{line === undefined ? 'The customer does not hear you yet.' : 'The phone system brings you on. A moment.'}
				</p>
				<p>
					<button type="button" className="button" onClick={turn.finish}>
						Give it up
					</button>
				</p>
			</div>
		</div>
	);
}

/** It says that the line is being taken, and this tab does not: it was loaded again, or another one does. */
export const TakenElsewhere = ({ turn }: { turn: ExecutiveTurn }) => (
	<div className="stack">
		<p className="soft">
			You took the line in another tab, or this page was loaded again. This tab has no microphone open. If no other tab
			of yours is on the line, the customer goes back to the agent by themselves within seconds.
		</p>
		<p>
			<button type="button" className="button" onClick={turn.finish}>
				Hand back now
			</button>
		</p>
	</div>
);
