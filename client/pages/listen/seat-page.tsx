import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { ViewState } from '#client/live/connection.ts';
import { useStore } from '#client/live/use-store.ts';
import { useAsking, viewFaultWords } from '#client/session/asking.ts';
import { disclosureWords } from '#client/session/call-words.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Notes } from '#client/session/notes.tsx';
import { Fault, ListeningNow } from '#client/session/presence.tsx';
import { Seat } from '#client/session/seat.tsx';
import { CallHead, Told } from '#client/session/state-mark.tsx';
import { OnLineFrame } from '#client/session/survey/executive-frame.tsx';
import { ExecutiveSurvey } from '#client/session/survey/executive-survey.tsx';
import { useExecutiveTurn } from '#client/session/survey/executive-turn.ts';
import { speakerOf } from '#client/session/survey/executive-words.ts';
import { type Sound, useSound } from '#client/session/use-sound.ts';
import { Plain } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { CallView, ListeningView } from '#shared/call.ts';

/** An executive's seat at one call: what it is, Listen, both voices, who else hears, and the notes. */
export function SeatPage({ callId, listeningId }: { callId: string; listeningId: string }) {
	const { connection, me } = useLive();
	const view = useStore(connection.watch({ view: 'session', callId }));
	const sound = useSound('executive');
	const call = view.calls.find((one) => one.callId === callId);
	const mine = view.listenings.find((one) => one.listeningId === listeningId);
	if (view.refusal && !call) return <NoSeat text={viewFaultWords(view.refusal)} />;
	if (!call || !view.ready) return null;
	if (!mine || mine.personId !== me.id) return <NoSeat text="This seat is not yours, or not there any more." />;
	if (mine.at === 'withdrawn') return <NoSeat text="The agent has withdrawn this invitation." />;
	if (mine.at === 'declined') return <NoSeat text="You have declined this invitation. The agent knows." />;
	const seat = async () => {
		if (mine.at === 'invited') await connection.ask(callId, { type: 'accept-invitation', listeningId });
		return listeningId;
	};
	return <Seated call={call} mine={mine} view={view} sound={sound} seat={seat} />;
}

interface SeatedNeeds {
	call: CallView;
	mine: ListeningView;
	view: ViewState;
	sound: Sound;
	seat: () => Promise<string>;
}

/** The seat once it is there: what is heard, the survey with the customer, and the notes. */
function Seated({ call, mine, view, sound, seat }: SeatedNeeds) {
	const { connection, me } = useLive();
	const { callId } = call;
	const turn = useExecutiveTurn(call, view.segments);
	const { segment, here } = turn;
	// Whoever holds the segment does not hear themselves come back: others do.
	const isOwnVoice = turn.mine;
	useEffect(() => sound.on?.setMuted('executive', isOwnVoice), [sound.on, isOwnVoice]);
	// In one mixed leg the own voice could not be left out.
	const { on } = sound;
	useEffect(() => {
		if (!on || !isOwnVoice || on.state.get().form !== 'mixed') return;
		on.choose('both');
		return () => on.choose('mixed');
	}, [on, isOwnVoice]);
	const isOnLine = (here === 'line' || here === 'muted') && segment !== undefined;
	// Who does not hear the customer any more cannot talk with them: leaving the call leaves the line.
	const deaf = isOnLine && sound.on === undefined;
	const leaveLine = useRef(turn.finish);
	leaveLine.current = turn.finish;
	useEffect(() => {
		if (deaf) leaveLine.current();
	}, [deaf]);
	const survey = mine.at !== 'removed' && mine.at !== 'invited' && (
		<ExecutiveSurvey call={call} turn={turn} hears={sound.on !== undefined} />
	);
	const isNext = segment?.at === 'agreed' || turn.mine;
	return (
		<div className="session sound-first">
			{isOnLine && <OnLineFrame turn={turn} segment={segment} />}
			<CallHead
				call={call}
				now={connection.serverNow}
				aside={`${call.agentName} · ${call.team}`}
				silent={sound.on !== undefined}
				voice={here}
			/>
			<div className="stack">
				{isNext && survey}
				<Seat
					call={call}
					mine={mine}
					sound={sound}
					seat={seat}
					voice={here}
					speaker={speakerOf(segment, me.id)}
					otherwise={<NotNow mine={mine} />}
					elsewhere={allMine}
				>
					<Facts call={call} others={listeningNow(view.listenings, callId)} />
				</Seat>
				{!isNext && survey}
				{call.at !== 'ended' && (
					<ListeningNow listenings={view.listenings} callId={callId} now={connection.serverNow} mine={me.id} />
				)}
				{sound.on && <Told call={call} />}
			</div>
			<Notes call={call} view={view} letters />
		</div>
	);
}

const allMine = (
	<Link href="/listen" className="button">
		See all my invitations
	</Link>
);

/** What somebody should know before they hear a stranger's call. */
function Facts({ call, others }: { call: CallView; others: ListeningView[] }) {
	const names = others.map((one) => one.personName).join(', ');
	return (
		<ul className="facts">
			<li>
				<Icon name="silenced" />
				<span>
					You cannot be heard, and this page does not ask for your microphone. It would only if the customer agrees to
					talk with you, and you get ready to.
				</span>
			</li>
			<li>
				<Icon name="team" />
				<span>{call.agentName} sees your name for as long as you listen.</span>
			</li>
			<li>
				<Icon name="notice" />
				<span>{disclosureWords[call.disclosure]}</span>
			</li>
			<li>
				<Icon name="ear" />
				<span>{names ? `Also listening: ${names}.` : 'Nobody else is listening.'}</span>
			</li>
		</ul>
	);
}

/** The way out before the sound: declining, as long as the invitation is unanswered. */
function NotNow({ mine }: { mine: ListeningView }) {
	const { connection } = useLive();
	const asking = useAsking();
	if (mine.at !== 'invited')
		return (
			<Link href="/listen" className="button plain">
				Not now
			</Link>
		);
	const decline = () =>
		asking.run(() => connection.ask(mine.callId, { type: 'decline-invitation', listeningId: mine.listeningId }));
	return (
		<>
			<button type="button" className="button plain" onClick={decline}>
				Decline
			</button>
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</>
	);
}

const NoSeat = ({ text }: { text: string }) => (
	<Plain title="There is no seat here">
		<p className="soft">{text}</p>
		<p>{allMine}</p>
	</Plain>
);
