import { Link } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { useAsking, viewFaultWords } from '#client/session/asking.ts';
import { disclosureWords } from '#client/session/call-words.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Notes } from '#client/session/notes.tsx';
import { Fault, ListeningNow } from '#client/session/presence.tsx';
import { Seat } from '#client/session/seat.tsx';
import { CallHead, Told } from '#client/session/state-mark.tsx';
import { useSound } from '#client/session/use-sound.ts';
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
	return (
		<div className="session sound-first">
			<CallHead
				call={call}
				now={connection.serverNow}
				aside={`${call.agentName} · ${call.team}`}
				silent={sound.on !== undefined}
			/>
			<div className="stack">
				<Seat call={call} mine={mine} sound={sound} seat={seat} otherwise={<NotNow mine={mine} />} elsewhere={allMine}>
					<Facts call={call} others={listeningNow(view.listenings, callId)} />
				</Seat>
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
				<span>This page has no way to send sound: it does not ask for your microphone, and the server takes none.</span>
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
