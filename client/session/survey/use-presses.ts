import { useRef, useState } from 'react';
import { faultWords } from '#client/session/asking.ts';
import type { SurveyAct } from '#client/session/survey/survey-acts.ts';

/**
 * What was pressed: which acts are under way, and why the last one that failed did. Each act waits only for itself: what
 * is pressed next, while an answer is still on its way, must not get lost.
 */
export function usePresses() {
	const underWay = useRef(new Set<SurveyAct>());
	const [busy, setBusy] = useState<ReadonlySet<SurveyAct>>(new Set());
	const [fault, setFault] = useState<{ act: SurveyAct; text: string }>();
	return {
		busy,
		fault,
		/** Runs it, unless it is under way. Never rejects. */
		async run(act: SurveyAct, work: () => Promise<unknown>) {
			if (underWay.current.has(act)) return;
			underWay.current.add(act);
			setBusy(new Set(underWay.current));
			setFault(undefined);
			try {
				await work();
			} catch (error) {
				setFault({ act, text: faultWords(error) });
			} finally {
				underWay.current.delete(act);
				setBusy(new Set(underWay.current));
			}
		},
	};
}
