import { AskRefused } from '#client/live/ask-refused.ts';
import { tabClock } from '#client/live/clock.ts';
import type { LinkState } from '#client/live/link.ts';
import { type Store, store } from '#client/live/store.ts';
import type { Clock } from '#shared/clock.ts';

/** An answer that is not on record yet. */
export interface PendingAnswer {
	value: string;
	/** `refused` is for good, with the reason in words; the rest is sent again by itself. */
	at: 'saving' | 'waiting' | 'refused';
	message?: string;
}

/** Answers on their way to the record: none is forgotten before it is there. The latest of each question counts. */
export interface AnswerQueue {
	/** By question; those that are on record are gone. At most as many as a script has questions. [B1] */
	pending: Store<ReadonlyMap<string, PendingAnswer>>;
	/** An empty value takes the answer back. */
	answer(questionId: string, value: string): void;
	stop(): void;
}

export interface AnswerQueueNeeds {
	/** Puts one answer on record; rejects with `AskRefused`. */
	ask: (questionId: string, value: string) => Promise<unknown>;
	/** What waits for the connection is sent when it is back. */
	link: Store<LinkState>;
	/** It is on record now. */
	saved?: (questionId: string, value: string) => void;
	clock?: Clock;
}

/** Before what was refused for a reason that passes is sent again, the connection being there. */
const againMs = 2000;

export function answerQueue({ ask, link, saved, clock = tabClock }: AnswerQueueNeeds): AnswerQueue {
	const pending = store<ReadonlyMap<string, PendingAnswer>>(new Map());
	/** Asked for now: one at a time for each question, so that a later answer never comes before an earlier one. */
	const asking = new Set<string>();
	const put = (questionId: string, answer: PendingAnswer | undefined) => {
		const next = new Map(pending.get());
		if (answer) next.set(questionId, answer);
		else next.delete(questionId);
		pending.set(next);
	};
	const send = async (questionId: string): Promise<void> => {
		const answer = pending.get().get(questionId);
		if (!answer || answer.at === 'refused' || asking.has(questionId)) return;
		const { value } = answer;
		asking.add(questionId);
		put(questionId, { value, at: 'saving' });
		const refused = await ask(questionId, value).then(
			() => undefined,
			(error: unknown) => error,
		);
		asking.delete(questionId);
		const now = pending.get().get(questionId);
		if (!refused) saved?.(questionId, value);
		// Changed meanwhile: what was just sent, or refused, is not the answer any more.
		if (now && now.value !== value) return send(questionId);
		if (!refused) return put(questionId, undefined);
		const passes = refused instanceof AskRefused && refused.refusal.retry;
		const message = refused instanceof Error ? refused.message : '';
		put(questionId, { value, at: passes ? 'waiting' : 'refused', message });
	};
	const sendWaiting = () => {
		if (link.get().at !== 'open') return;
		for (const [questionId, { at }] of pending.get()) if (at === 'waiting') void send(questionId);
	};
	const stops = [link.subscribe(sendWaiting), clock.every(againMs, sendWaiting)];
	return {
		pending,
		answer(questionId, value) {
			put(questionId, { value, at: 'saving' });
			void send(questionId);
		},
		stop() {
			for (const stop of stops) stop();
		},
	};
}
