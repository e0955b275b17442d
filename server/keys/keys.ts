import { Refusal } from '#shared/refusals.ts';

/** A call's key as it is kept: wrapped, so that whoever reads the store alone reads nothing. */
export interface WrappedKey {
	callId: string;
	wrapped: string;
}

/** One key, wrapped anew: it takes the place of `was` and of nothing else. */
export interface Rewrapped extends WrappedKey {
	was: string;
}

/** Some of the keys, and where the next ones begin; without `next` there are no more. */
export interface KeyPage {
	keys: WrappedKey[];
	next: string | undefined;
}

/**
 * Where the calls' keys are kept, apart from the journal, because a key must be able to go and an event must not. Rules
 * [X1]–[X3] in RULES.md. Whatever the store cannot do just now it refuses with `journal.unavailable`, for without its
 * key nothing of a call can be put on record or read; the reason, for the log, is the refusal's `cause`.
 */
export interface KeyStore {
	/** The call's key; undefined if there was never one, or if it was destroyed. */
	find(callId: string): Promise<string | undefined>;
	/** Keeps the first key a call is given and gives back the one that is kept; undefined if the call's was destroyed. [X1] */
	keep(callId: string, wrapped: string): Promise<string | undefined>;
	/** Puts keys in the place of what they were, where that is still there. Gives back how many. At most `maxInPage`. */
	replace(keys: readonly Rewrapped[]): Promise<number>;
	/**
	 * The key is gone when this resolves, and the call gets no other one, ever. Doing it again changes nothing, and ends
	 * what the first time could not. [X2]
	 */
	destroy(callId: string): Promise<void>;
	/** Every key that is kept throughout, page by page, from the beginning or from where a page said. Some may come twice. */
	page(from?: string): Promise<KeyPage>;
	/** How many keys were destroyed. */
	destroyed(): Promise<number>;
	close(): Promise<void>;
}

/** Keys in one page, and in one replacement: few enough that nobody who asks for another key waits long. */
export const maxInPage = 500;

/** What the store could not do, and why, for the log. */
export function keysUnavailable(reason: string): Refusal {
	const refusal = new Refusal('journal.unavailable');
	refusal.cause = reason;
	return refusal;
}
