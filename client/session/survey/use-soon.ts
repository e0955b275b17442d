import { useEffect, useRef, useState } from 'react';
import { leftMs, soonLooks } from '#client/session/survey/segment-now.ts';
import { onTick } from '#client/ui/ticker.ts';
import type { SegmentView } from '#shared/survey.ts';

/** Whether an executive's time is running out. `tell` is called when it begins to, not where it had begun before anybody looked. */
export function useSoon(segment: SegmentView | undefined, now: () => number, tell = () => {}): boolean {
	const [soon, setSoon] = useState(false);
	const latest = useRef({ segment, tell });
	latest.current = { segment, tell };
	// biome-ignore lint/correctness/useExhaustiveDependencies: another segment is looked at anew, an answer in the same is not.
	useEffect(() => {
		const look = soonLooks();
		const tick = () => {
			const { segment: shown, tell: say } = latest.current;
			const found = look(shown && leftMs(shown, now()));
			setSoon(found.soon);
			if (found.begins) say();
		};
		tick();
		return onTick(tick);
	}, [segment?.segmentId, segment?.at, now]);
	return soon;
}
