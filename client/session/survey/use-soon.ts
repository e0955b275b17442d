import { useEffect, useRef, useState } from 'react';
import { leftMs, soonMs } from '#client/session/survey/segment-now.ts';
import { onTick } from '#client/ui/ticker.ts';
import type { SegmentView } from '#shared/survey.ts';

/** Whether an executive's time is running out. `tell` is called when it begins to, not where it had begun before anybody looked. */
export function useSoon(segment: SegmentView | undefined, now: () => number, tell = () => {}): boolean {
	const [soon, setSoon] = useState(false);
	const latest = useRef(tell);
	latest.current = tell;
	useEffect(() => {
		let before: boolean | undefined;
		const look = () => {
			const left = segment && leftMs(segment, now());
			const is = left !== undefined && left <= soonMs;
			setSoon(is);
			if (is && before === false) latest.current();
			before = is;
		};
		look();
		return onTick(look);
	}, [segment, now]);
	return soon;
}
