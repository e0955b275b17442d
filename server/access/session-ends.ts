import type { Access, BrowserSession } from '#server/access/access.ts';
import type { Clock } from '#shared/clock.ts';

/** What stands on a browser session, such as an open socket, and hears of its end. */
export interface SessionEnds {
	/** Calls `ended` once: at once when somebody ends the session, within a second when its time is over. Gives back what stops following. */
	follow(session: BrowserSession, ended: () => void): () => void;
	close(): void;
}

/** How exactly a session's time is kept. [I1] */
const lookEveryMs = 1000;

/** Follows sessions to their end. As many are followed as sockets are open, which their doors limit. [B1] [I1] */
export function sessionEnds(access: Pick<Access, 'onEnded'>, clock: Clock): SessionEnds {
	const followed = new Map<string, { expiresAtMs: number; tell: Set<() => void> }>();
	const end = (id: string) => {
		const tell = followed.get(id)?.tell ?? [];
		followed.delete(id);
		for (const ended of tell) ended();
	};
	const stopHearing = access.onEnded((ids) => ids.forEach(end));
	const stopLooking = clock.every(lookEveryMs, () => {
		for (const [id, { expiresAtMs }] of followed) if (expiresAtMs <= clock.now()) end(id);
	});
	return {
		follow({ id, expiresAtMs }, ended) {
			const one = followed.get(id) ?? { expiresAtMs, tell: new Set() };
			followed.set(id, one);
			// Of its own, so that whoever follows twice is told twice.
			const tell = () => ended();
			one.tell.add(tell);
			return () => {
				one.tell.delete(tell);
				if (one.tell.size === 0 && followed.get(id) === one) followed.delete(id);
			};
		},
		close() {
			stopHearing();
			stopLooking();
		},
	};
}
