import { useEffect, useRef } from 'react';
import { gatewayName, type Tone, toneOf, toneWord } from '#client/session/call-words.ts';
import { announce } from '#client/ui/announce.tsx';
import { Clock, useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import type { CallView } from '#shared/call.ts';
import '#client/session/call.css';

/** A call's state as icon, word and colour. */
export const StateMark = ({ tone }: { tone: Tone }) => (
	<span className={`state ${tone}`}>
		<Icon name={tone} />
		{toneWord[tone]}
	</span>
);

/** Where a call came from, where that is worth knowing. */
export const Origin = ({ call }: { call: CallView }) => (
	<span className="origin">{call.rehearsal ? 'Rehearsal' : gatewayName(call.gateway)}</span>
);

/** The head of a session: what the call is, its big clock, its state; the tab's title says the same. */
export function CallHead({ call, now, aside }: { call: CallView; now: () => number; aside?: string }) {
	const tone = toneOf(call);
	const before = useRef(tone);
	useEffect(() => {
		if (before.current !== tone) announce(`The call is now: ${toneWord[tone]}`);
		before.current = tone;
	}, [tone]);
	useTabTitle(() => `${clockText((call.endedAtMs ?? now()) - call.startedAtMs)} ${toneWord[tone]} – ${call.label}`);
	return (
		<div className="call-head">
			<div className="call-what">
				<h1>{call.label}</h1>
				<p className="soft row">
					{aside && <span>{aside}</span>}
					<Origin call={call} />
				</p>
			</div>
			<div className="call-when">
				<StateMark tone={tone} />
				<Clock className="big-clock" fromMs={call.startedAtMs} untilMs={call.endedAtMs} now={now} />
			</div>
		</div>
	);
}
