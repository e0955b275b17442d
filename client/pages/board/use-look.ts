import { type RefObject, useEffect } from 'react';
import type { TalkSeen } from '#client/live/talk.ts';

/** A hand that scrolls brings many rows past: what is on screen is said when it has stopped for a moment. */
const settledMs = 250;

/** Says which rows of a table are on screen, by their `data-call`; `order` is what the table shows. */
export function useLook(body: RefObject<HTMLElement | null>, order: readonly string[], talk: TalkSeen): void {
	const shown = order.join(' ');
	useEffect(() => {
		const table = body.current;
		const callIds = shown.split(' ');
		if (!table || shown === '') return talk.look([]);
		const onScreen = new Set<string>();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const say = () => talk.look(callIds.filter((callId) => onScreen.has(callId)));
		const observer = new IntersectionObserver((entries) => {
			for (const { target, isIntersecting } of entries) {
				const callId = (target as HTMLElement).dataset.call ?? '';
				if (isIntersecting) onScreen.add(callId);
				else onScreen.delete(callId);
			}
			clearTimeout(timer);
			timer = setTimeout(say, settledMs);
		});
		for (const row of table.querySelectorAll('[data-call]')) observer.observe(row);
		return () => {
			clearTimeout(timer);
			observer.disconnect();
		};
	}, [body, shown, talk]);
	useEffect(() => () => talk.look([]), [talk]);
}
