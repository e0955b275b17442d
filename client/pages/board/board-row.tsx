import { useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import type { TalkSeen } from '#client/live/talk.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { About, CallMark, NotSilentMark, Origin } from '#client/session/state-mark.tsx';
import { isUnderWay } from '#client/session/survey/segment-now.ts';
import { SurveyMark } from '#client/session/survey/survey-mark.tsx';
import { Clock } from '#client/ui/clock.tsx';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { SegmentView } from '#shared/survey.ts';

interface RowNeeds {
	call: CallView;
	listenings: readonly ListeningView[];
	/** The survey segment it is at. */
	segment: SegmentView | undefined;
	now: () => number;
	talk: TalkSeen;
	/** Came while the board was open: it glows once. */
	isNew: boolean;
}

/** One session on the board. The whole row opens it; for the keyboard it is the agent's name. */
export function BoardRow({ call, listenings, segment, now, talk, isNew }: RowNeeds) {
	const here = listeningNow(listenings, call.callId);
	const who = useSyncExternalStore(talk.subscribe, () => talk.who(call.callId));
	// In one sound with everybody in it nobody can tell who talks.
	const isOne = call.hears === 'mix';
	const [customer, company] = [who.includes('customer'), who.some((leg) => leg !== 'customer')];
	return (
		<tr className={isNew ? 'board-row new' : 'board-row'} data-call={call.callId} data-ended={call.at === 'ended'}>
			<th scope="row">
				<Link href={`/board/${call.callId}`} className="board-open">
					{call.agentName}
				</Link>
				<Talks on={company} over={customer && company} />
				{company && <span className="unseen">talks now</span>}
			</th>
			<td className="board-label">
				{call.label}
				<Talks on={customer} over={customer && company} />
				<Origin call={call} />
				<NotSilentMark call={call} />
				{customer && <span className="unseen"> ({isOne ? 'somebody' : 'the customer'} talks now)</span>}
				<About call={call} />
			</td>
			<td className="board-state">
				<CallMark call={call} />
				{segment && isUnderWay(segment) && <SurveyMark segment={segment} now={now} />}
			</td>
			<td className="right">
				<Clock fromMs={call.startedAtMs} untilMs={call.endedAtMs} now={now} />
			</td>
			<td className={here.length ? 'board-listeners' : 'board-listeners soft'}>
				{here.length ? here.map((one) => one.personName).join(', ') : 'Nobody'}
			</td>
		</tr>
	);
}

/** A mark that stays in its place: full while they talk, a ring while both do at once. What it says is there in words too. */
const Talks = ({ on, over }: { on: boolean; over: boolean }) => (
	<span className="board-talks" data-talks={!on ? 'no' : over ? 'over' : 'yes'} aria-hidden="true" />
);
