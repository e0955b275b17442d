import { useEffect, useRef, useState } from 'react';
import { useStore } from '#client/live/use-store.ts';
import type { ViewState } from '#client/live/views.ts';
import { OnCall } from '#client/pages/agent/on-call.tsx';
import { OpenLine } from '#client/pages/agent/open-line.tsx';
import { toChooseFrom, whichCall } from '#client/pages/agent/which-call.ts';
import { toneOf, toneWord } from '#client/session/call-words.ts';
import { keptDraft } from '#client/session/drafts.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { LivePage, useLive, ViewRefused } from '#client/session/live-page.tsx';
import { isUnderWay, segmentNow } from '#client/session/survey/segment-now.ts';
import { SurveyMark } from '#client/session/survey/survey-mark.tsx';
import { useDraftsRead } from '#client/session/use-drafts-read.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { CallView } from '#shared/call.ts';
import '#client/pages/agent/agent.css';

/** The agent's page: their own call, who listens to it, and the way to invite somebody. */
export const AgentPage = () => (
	<LivePage as="agent" title="Your call">
		<OwnCalls />
	</LivePage>
);

function OwnCalls() {
	const { connection, queues, me } = useLive();
	const view = useStore(connection.watch({ view: 'mine' }));
	useDraftsRead(me.id);
	useStore(queues.unsafe);
	const [chosen, setChosen] = useState<string>();
	const [done, setDone] = useState<ReadonlySet<string>>(new Set());
	const [opensLine, setOpensLine] = useState(false);
	const shown = useRef<string>(undefined);
	const calls = view.calls.filter((call) => !(call.at === 'ended' && done.has(call.callId)));
	// A call that ends while a note is typed stays: the keys must not go to the next call, where they mean something.
	const isUnfinished = (callId: string) => Boolean(keptDraft(callId, me.id)?.text.trim()) || queues.isWaiting(callId);
	const call = whichCall(calls, { chosen, shown: shown.current, isUnfinished });
	useEffect(() => {
		shown.current = call?.callId;
	}, [call?.callId]);
	if (!view.ready) return view.refusal ? <ViewRefused text={view.refusal.message} /> : null;
	const choice = toChooseFrom(calls, isUnfinished);
	const openLine = () => setOpensLine(true);
	return (
		<>
			{call && choice.some((one) => one.callId !== call.callId) && (
				<CallChoice calls={choice} view={view} now={connection.serverNow} shown={call.callId} choose={setChosen} />
			)}
			{call ? (
				<OnCall
					key={call.callId}
					call={call}
					openLine={openLine}
					finish={() => setDone(new Set([...done, call.callId]))}
				/>
			) : (
				<Waiting openLine={openLine} />
			)}
			{opensLine && <OpenLine onClose={() => setOpensLine(false)} />}
		</>
	);
}

function Waiting({ openLine }: { openLine: () => void }) {
	useTabTitle(() => 'Waiting for a call');
	return (
		<div className="waiting stack">
			<span className="waiting-mark">
				<Icon name="line" />
			</span>
			<h1>No call right now</h1>
			<p className="soft">When your phone system brings one, it appears here by itself. Leave this page open.</p>
			<p>
				<button type="button" className="button" onClick={openLine}>
					Open a browser line
				</button>
			</p>
			<p className="faint">No phone system? With a browser line you and the customer talk from two tabs.</p>
		</div>
	);
}

interface ChoiceNeeds {
	calls: readonly CallView[];
	view: ViewState;
	now: () => number;
	shown: string;
	choose: (callId: string) => void;
}

/** More than one call at once: which of them this page shows, who hears each [C0] and how a survey in it goes. */
const CallChoice = ({ calls, view, now, shown, choose }: ChoiceNeeds) => (
	<nav className="call-choice" aria-label="Your calls">
		{calls.map((call) => {
			const here = listeningNow(view.listenings, call.callId).map((one) => one.personName);
			const segment = segmentNow(view.segments, call.callId);
			return (
				<button
					key={call.callId}
					type="button"
					className="button small"
					aria-current={call.callId === shown ? 'true' : undefined}
					onClick={() => choose(call.callId)}
				>
					<Icon name={toneOf(call)} />
					{call.label}
					<span className="unseen">, {toneWord[toneOf(call)]}</span>
					{here.length > 0 && (
						<span className="call-choice-ears">
							<Icon name="ear" />
							<span className="unseen">, listening: </span>
							{here.join(', ')}
						</span>
					)}
					{segment && isUnderWay(segment) && call.at !== 'ended' && <SurveyMark segment={segment} now={now} />}
				</button>
			);
		})}
	</nav>
);
