import { Link } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { freshId, viewFaultWords } from '#client/session/asking.ts';
import { disclosureWords } from '#client/session/call-words.ts';
import { seatOf } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Notes } from '#client/session/notes.tsx';
import { ListeningNow } from '#client/session/presence.tsx';
import { Protect, ProtectedBanner } from '#client/session/protect.tsx';
import { Seat } from '#client/session/seat.tsx';
import { CallHead, Told } from '#client/session/state-mark.tsx';
import { speakerOf } from '#client/session/survey/executive-words.ts';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import { SurveyWatch } from '#client/session/survey/survey-watch.tsx';
import { useSound } from '#client/session/use-sound.ts';
import { Plain } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';
import '#client/pages/board/board.css';

/** One session, opened from the board: read it at once, sit in with one press, protect it, take listeners out. */
export function OneSession({ callId }: { callId: string }) {
	const { connection, me } = useLive();
	const view = useStore(connection.watch({ view: 'session', callId }));
	const sound = useSound('supervisor');
	const call = view.calls.find((one) => one.callId === callId);
	if (view.refusal && !call)
		return (
			<Plain title="This call is not on your board">
				<p className="soft">{viewFaultWords(view.refusal)}</p>
				<p>
					<Link href="/board" className="button">
						Back to the board
					</Link>
				</p>
			</Plain>
		);
	if (!call || !view.ready) return null;
	const mine = seatOf(view.listenings, callId, me.id);
	const isOn = call.at !== 'ended';
	const seat = async () => {
		if (mine) return mine.listeningId;
		const listeningId = freshId();
		await connection.ask(callId, { type: 'join-call', listeningId });
		return listeningId;
	};
	const remove = async (listeningId: string) => {
		await connection.ask(callId, { type: 'remove-listener', listeningId });
	};
	return (
		<>
			<Link href="/board" className="button plain small board-back">
				<Icon name="back" /> Board
			</Link>
			<div className="session sound-first">
				{call.protected && isOn && (
					<div className="wide">
						<ProtectedBanner>Protected: nobody hears this</ProtectedBanner>
					</div>
				)}
				<CallHead
					call={call}
					now={connection.serverNow}
					aside={`${call.agentName} · ${call.team}`}
					silent={sound.on !== undefined}
				/>
				<div className="stack">
					<SurveyWatch call={call} view={view} />
					<Seat
						call={call}
						mine={mine}
						sound={sound}
						seat={seat}
						speaker={speakerOf(segmentNow(view.segments, callId), me.id)}
					>
						<ul className="facts">
							<li>
								<Icon name="team" />
								<span>{call.agentName} sees your name for as long as you listen. There is no hidden listening.</span>
							</li>
							<li>
								<Icon name="notice" />
								<span>{disclosureWords[call.disclosure]}</span>
							</li>
						</ul>
					</Seat>
					{isOn && (
						<>
							<ListeningNow
								listenings={view.listenings}
								callId={callId}
								now={connection.serverNow}
								mine={me.id}
								remove={remove}
							/>
							<Protect call={call} />
						</>
					)}
					{sound.on && <Told call={call} />}
				</div>
				<Notes call={call} view={view} />
			</div>
		</>
	);
}
