import { useState } from 'react';
import { leftMs } from '#client/session/survey/segment-now.ts';
import { countdown } from '#client/session/survey/survey-chip.ts';
import { Ticking } from '#client/ui/clock.tsx';
import { clockText } from '#client/ui/times.ts';
import type { SegmentView } from '#shared/survey.ts';

/** The time that is left for an executive, in big figures and as a line that grows shorter; without a limit, the time so far. */
export function TimeLeft({ segment, now }: { segment: SegmentView; now: () => number }) {
	const { live } = segment;
	if (!live) return null;
	const soFar = () => now() - live.atMs;
	const text = () => {
		const left = leftMs(segment, now());
		return left === undefined ? clockText(soFar()) : countdown(left);
	};
	return (
		<div className="time-left">
			<p>
				<Ticking className="big-clock" text={text} /> <span>{live.limitMs > 0 ? 'left' : 'so far'}</span>
			</p>
			{live.limitMs > 0 && <LeftLine key={live.atMs} limitMs={live.limitMs} goneMs={Math.max(0, soFar())} />}
		</div>
	);
}

/** Drawn by the browser alone: what was gone when it came onto the page is all it is told. */
function LeftLine({ limitMs, goneMs }: { limitMs: number; goneMs: number }) {
	const [style] = useState({ animationDuration: `${limitMs}ms`, animationDelay: `${-goneMs}ms` });
	return <span className="time-left-line" style={style} />;
}
