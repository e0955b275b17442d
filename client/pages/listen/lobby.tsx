import { Link, useLocation } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { lobbyOf, type Visit } from '#client/pages/listen/visits.ts';
import { recordPath, resultsPath } from '#client/rest/ways.ts';
import { useAsking } from '#client/session/asking.ts';
import { useLive, ViewRefused } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { About, CallMark, NotSilentMark, Origin } from '#client/session/state-mark.tsx';
import { Clock, useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { durationWords, timeOfDay } from '#client/ui/times.ts';
import '#client/pages/listen/lobby.css';

/** What an executive finds without a link: invitations, calls to go back to, and what was heard before. */
export function Lobby() {
	const { connection, me } = useLive();
	const view = useStore(connection.watch({ view: 'mine' }));
	const { invited, open, past } = lobbyOf(view.calls, view.listenings, me.id);
	useTabTitle(() => (invited.length ? `${invited.length} invited` : 'Listening'));
	if (!view.ready) return view.refusal ? <ViewRefused text={view.refusal.message} /> : null;
	return (
		<div className="lobby stack">
			<div className="row heading-row">
				<h1>{invited.length ? 'You are invited' : open.length ? 'Your calls' : 'Nothing to hear right now'}</h1>
				<Link href={resultsPath('executive')} className="button plain small">
					<Icon name="results" /> Survey results
				</Link>
			</div>
			{invited.length + open.length === 0 && (
				<p className="soft">
					When an agent invites you to a call, it appears here by itself. You can leave this page open.
				</p>
			)}
			{invited.map((visit) => (
				<Invited key={visit.listening.listeningId} visit={visit} />
			))}
			{open.map((visit) => (
				<VisitCard key={visit.listening.listeningId} visit={visit}>
					<Link href={seatOf(visit)} className="button first">
						<Icon name="headphones" /> Go to the call
					</Link>
				</VisitCard>
			))}
			{past.length > 0 && (
				<section className="stack past" aria-labelledby="past">
					<h2 id="past">Before</h2>
					<ul className="card past-list">
						{past.map(({ call, listening }) => (
							<li key={listening.listeningId}>
								<Link href={recordPath(call.callId, 'executive')} state={{ within: true }}>
									<b>{call.label}</b>
									<span className="soft">{call.agentName}</span>
									<span className="faint">
										{timeOfDay(call.startedAtMs)} · heard {durationWords(listening.audibleMs)}
									</span>
								</Link>
								<Link href={seatOf({ call, listening })} className="button plain small past-notes">
									Add notes<span className="unseen"> to {call.label}</span>
								</Link>
							</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}

const seatOf = ({ call, listening }: Visit) => `/listen/at/${call.callId}/${listening.listeningId}`;

function VisitCard({ visit, children }: { visit: Visit; children: React.ReactNode }) {
	const { connection } = useLive();
	const { call } = visit;
	return (
		<article className="card padded visit">
			<div className="visit-what">
				<h2>{call.label}</h2>
				<p className="soft row">
					<span>
						{call.agentName} · {call.team}
					</span>
					<Origin call={call} />
					<NotSilentMark call={call} />
				</p>
				<About call={call} />
			</div>
			<div className="row">
				<CallMark call={call} />
				<Clock fromMs={call.startedAtMs} untilMs={call.endedAtMs} now={connection.serverNow} className="soft" />
			</div>
			<div className="row visit-acts">{children}</div>
		</article>
	);
}

function Invited({ visit }: { visit: Visit }) {
	const { connection } = useLive();
	const [, go] = useLocation();
	const asking = useAsking();
	const { listeningId, callId } = visit.listening;
	const accept = () =>
		asking.run(async () => {
			await connection.ask(callId, { type: 'accept-invitation', listeningId });
			go(seatOf(visit));
		});
	const decline = () => asking.run(() => connection.ask(callId, { type: 'decline-invitation', listeningId }));
	return (
		<VisitCard visit={visit}>
			<button type="button" className="button first" onClick={accept} disabled={asking.busy}>
				Accept
			</button>
			<button type="button" className="button plain" onClick={decline} disabled={asking.busy}>
				Decline
			</button>
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</VisitCard>
	);
}
