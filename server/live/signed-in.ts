import { heartbeatMs } from '#shared/live.ts';

/**
 * Whether whoever opened a socket is still signed in, asked again at most once a heartbeat, when they say something: who
 * says nothing is hung up on all the same. So a sign-out, or the end of a session, reaches open sockets too.
 */
export function stillSignedIn(isSignedIn: () => boolean, now: () => number): () => boolean {
	let askedAtMs = now();
	return () => {
		const nowMs = now();
		if (nowMs - askedAtMs < heartbeatMs) return true;
		askedAtMs = nowMs;
		return isSignedIn();
	};
}
