import { Link } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { CameAndWent } from '#client/pages/agent/came-and-went.tsx';
import { Invite } from '#client/pages/agent/invite.tsx';
import { recordPath } from '#client/rest/ways.ts';
import { endWords } from '#client/session/call-words.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Notes } from '#client/session/notes.tsx';
import { ListeningNow } from '#client/session/presence.tsx';
import { Protect, ProtectedBanner } from '#client/session/protect.tsx';
import { CallHead, Told } from '#client/session/state-mark.tsx';
import { SurveyPanel } from '#client/session/survey/survey-panel.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { CallView } from '#shared/call.ts';

interface OnCallNeeds {
	call: CallView;
	openLine: () => void;
	/** Puts an ended call away. */
	finish: () => void;
}

/** The agent's call: its clock and state, who listens, protection, invitations, and the team's notes. */
export function OnCall({ call, openLine, finish }: OnCallNeeds) {
	const { connection } = useLive();
	const view = useStore(connection.watch({ view: 'session', callId: call.callId }));
	// Both views show the call; the session's is ahead only by the order in which messages come.
	const shown = view.calls.find((one) => one.callId === call.callId && one.seq > call.seq) ?? call;
	const isOn = shown.at !== 'ended';
	return (
		<div className="session on-call">
			{shown.protected && isOn && (
				<div className="wide">
					<ProtectedBanner>Protected: nobody hears this</ProtectedBanner>
				</div>
			)}
			<CallHead call={shown} now={connection.serverNow} aside={shown.team} />
			{view.ready && <CameAndWent here={listeningNow(view.listenings, call.callId)} />}
			<div className="stack">
				{isOn ? (
					<>
						{view.ready && <SurveyPanel call={shown} view={view} />}
						<ListeningNow listenings={view.listenings} callId={call.callId} now={connection.serverNow} />
						<Protect call={shown} />
						<Invite call={shown} listenings={view.listenings} />
						<Told call={shown} />
					</>
				) : (
					<section className="card padded stack">
						<h2>The call has ended</h2>
						<p className="soft">
							{endWords(shown.endReason)} You can still finish your notes; the next call appears here by itself.
						</p>
						<p className="row">
							<button type="button" className="button" onClick={finish}>
								Done with this call
							</button>
							<Link href={recordPath(shown.callId, 'agent')} state={{ within: true }} className="button">
								<Icon name="record" /> See the record
							</Link>
						</p>
					</section>
				)}
				<p>
					<button type="button" className="button plain small" onClick={openLine}>
						Open a browser line
					</button>
				</p>
			</div>
			<Notes call={shown} view={view} />
		</div>
	);
}
