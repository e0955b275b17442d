import type { Codec } from '#shared/audio.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** How long the address of a survey socket is good. [T1] */
export const seatMs = 15_000;

/** An executive's connection, as the segment holds it. */
export interface Seat {
	tell(state: 'ready' | 'live', droppedFrames: number): void;
	/** Hangs up; `left` is not called after this. */
	end(reason: CloseReason): void;
}

/** A segment, as the executive's connection holds it. */
export interface Sitting {
	readonly segmentId: string;
	readonly callId: string;
	readonly codec: Codec;
	/** 20 ms of the executive. Heard only while the segment is live. [S2] */
	said(frame: Uint8Array): void;
	/** The connection is gone: broken off, so that its executive may come back, or hung up on. */
	left(how: 'broken' | 'hung-up'): void;
}

/** Credentials of survey sockets: each opens one, for one person, for a short while. In memory: a segment does not outlive its server. */
export interface Credentials {
	give(secretHash: string, of: { callId: string; personId: string }): void;
	/** The call it leads to, once. */
	use(secretHash: string, personId: string): string | undefined;
	revoke(callId: string): void;
}

export function credentials(now: () => number): Credentials {
	const given = new Map<string, { callId: string; personId: string; untilMs: number }>();
	return {
		give(secretHash, of) {
			for (const [hash, { callId }] of given) if (callId === of.callId) given.delete(hash);
			given.set(secretHash, { ...of, untilMs: now() + seatMs });
		},
		use(secretHash, personId) {
			const one = given.get(secretHash);
			// Somebody else's attempt does not use it up: whoever it was made for is on the way.
			if (!one || one.personId !== personId) return undefined;
			given.delete(secretHash);
			return one.untilMs >= now() ? one.callId : undefined;
		},
		revoke(callId) {
			for (const [hash, one] of given) if (one.callId === callId) given.delete(hash);
		},
	};
}
