import type { CloseReason } from '#shared/close-codes.ts';

/** Why a link was closed for good: a reason of shared/close-codes.ts, or `other` for a code this tab does not know. */
export type ClosedBecause = CloseReason | 'other';

/** Where the connection to the server stands. `waiting` comes back by itself; `closed` does not. */
export type LinkState =
	| { at: 'connecting' }
	| { at: 'open' }
	/** `attempt` counts from 1; `retryAtMs` is on the scale of `serverNow()`. */
	| { at: 'waiting'; attempt: number; retryAtMs: number }
	| { at: 'closed'; reason: ClosedBecause; text: string };
