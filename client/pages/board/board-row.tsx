import { Link } from 'wouter';
import { listeningNow } from '#client/session/listeners.ts';
import { CallMark, Origin } from '#client/session/state-mark.tsx';
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
	/** Came while the board was open: it glows once. */
	isNew: boolean;
}

/** One session on the board. The whole row opens it; for the keyboard it is the agent's name. */
export function BoardRow({ call, listenings, segment, now, isNew }: RowNeeds) {
	const here = listeningNow(listenings, call.callId);
	return (
		<tr className={isNew ? 'board-row new' : 'board-row'} data-ended={call.at === 'ended'}>
			<th scope="row">
				<Link href={`/board/${call.callId}`} className="board-open">
					{call.agentName}
				</Link>
			</th>
			<td className="board-label">
				{call.label} <Origin call={call} />
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
