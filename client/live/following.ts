import type { Connection, ViewState } from '#client/live/connection.ts';
import { type News, sessionNews } from '#client/live/news.ts';
import type { Store } from '#client/live/store.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

/** One session, or all those of a view. */
export type Followed = { callId: string } | { view: 'mine' | 'board' };

/** Sessions followed at once, below the server's limit of views: those that are on, the latest first, then those that ended last. [B1] */
const mostSessions = 14;

/**
 * Tells everything that happens in one session, or in all that this person may see, as it happens and each thing once,
 * over any number of lost links. Gives back the end of it. `refused` is told what is not shown and will not be.
 */
export function following(
	connection: Connection,
	followed: Followed,
	{ tell, refused }: { tell: (news: News) => void; refused: (refusal: RefusalAnswer) => void },
): () => void {
	const sessions = new Map<string, () => void>();
	/** What was told of a session stays known while the view holds it: it may be followed again. */
	const news = new Map<string, ReturnType<typeof sessionNews>>();

	const watch = (view: Store<ViewState>, changed: (state: ViewState) => void) => {
		const look = () => {
			const state = view.get();
			if (state.refusal && !state.refusal.retry) refused(state.refusal);
			else if (state.ready) changed(state);
		};
		const stop = view.subscribe(look);
		look();
		return stop;
	};
	const session = (callId: string) => {
		const known = news.get(callId) ?? sessionNews();
		news.set(callId, known);
		return watch(connection.watch({ view: 'session', callId }), (state) => known(state).forEach(tell));
	};
	const choose = ({ calls }: ViewState) => {
		const latest = calls.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
		const [ended, on] = [latest.filter((call) => call.at === 'ended'), latest.filter((call) => call.at !== 'ended')];
		const chosen = new Set([...on, ...ended].slice(0, mostSessions).map((call) => call.callId));
		for (const [callId, stop] of sessions) {
			if (chosen.has(callId)) continue;
			stop();
			sessions.delete(callId);
		}
		for (const callId of news.keys()) if (!calls.some((call) => call.callId === callId)) news.delete(callId);
		for (const callId of chosen) if (!sessions.has(callId)) sessions.set(callId, session(callId));
	};

	const stop = 'callId' in followed ? session(followed.callId) : watch(connection.watch(followed), choose);
	return () => {
		stop();
		for (const stopSession of sessions.values()) stopSession();
	};
}
