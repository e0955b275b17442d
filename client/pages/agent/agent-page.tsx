import { useState } from 'react';
import { useStore } from '#client/live/use-store.ts';
import { OnCall } from '#client/pages/agent/on-call.tsx';
import { OpenLine } from '#client/pages/agent/open-line.tsx';
import { onNow, whichCall } from '#client/pages/agent/which-call.ts';
import { toneOf, toneWord } from '#client/session/call-words.ts';
import { LivePage, useLive, ViewRefused } from '#client/session/live-page.tsx';
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
	const { connection } = useLive();
	const view = useStore(connection.watch({ view: 'mine' }));
	const [chosen, setChosen] = useState<string>();
	const [done, setDone] = useState<string>();
	const [opensLine, setOpensLine] = useState(false);
	if (!view.ready) return view.refusal ? <ViewRefused text={view.refusal.message} /> : null;
	const on = onNow(view.calls);
	const latest = whichCall(view.calls, chosen);
	const call = latest?.at === 'ended' && latest.callId === done ? undefined : latest;
	const openLine = () => setOpensLine(true);
	return (
		<>
			{on.length > 1 && call && <CallChoice calls={on} shown={call.callId} choose={setChosen} />}
			{call ? (
				<OnCall key={call.callId} call={call} openLine={openLine} finish={() => setDone(call.callId)} />
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

/** More than one call at once: which of them this page shows. */
const CallChoice = ({
	calls,
	shown,
	choose,
}: {
	calls: CallView[];
	shown: string;
	choose: (callId: string) => void;
}) => (
	<nav className="call-choice" aria-label="Your calls">
		{calls.map((call) => (
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
			</button>
		))}
	</nav>
);
