import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { StreamStart } from '#server/telephony/media-streams/dialect.ts';
import type { Clock } from '#shared/clock.ts';

/** How long a token is good, if nobody gives up on its stream earlier. */
export const tokenLastsMs = 60_000;
/** So many streams may be awaited at once; beyond it the oldest is awaited no more, and refused if it comes. [B1] */
export const maxAwaited = 10_000;

/** A stream that was asked for, and not come yet. */
export interface Awaited {
	/** Goes to Twilio with the call, and comes back with its stream's start. */
	token: string;
	forget(): void;
}

/** The streams that were asked for, each with what waits for it. */
export interface AwaitedStreams<Waiting> {
	expect(callSid: string, waiting: Waiting): Awaited;
	/** What waits for this stream. A token is good once, for its call, in this account. */
	claim(start: StreamStart): Waiting | undefined;
	/** Nothing is awaited any more. */
	close(): void;
}

/**
 * The signature of the upgrade proves the account, the token the call: 256 random bits, compared in a time that says
 * nothing of them. (protocols.md 1.5) Without an account of ours any that is signed for will do.
 */
export function awaitedStreams<Waiting>(clock: Clock, accountSid: string | undefined): AwaitedStreams<Waiting> {
	const awaited = new Set<{ callSid: string; hash: Buffer; waiting: Waiting; forget: () => void }>();
	return {
		expect(callSid, waiting) {
			for (const oldest of awaited) {
				if (awaited.size < maxAwaited) break;
				oldest.forget();
			}
			const token = randomBytes(32).toString('base64url');
			const forget = () => {
				stop();
				awaited.delete(one);
			};
			const one = { callSid, hash: hashOf(token), waiting, forget };
			awaited.add(one);
			const stop = clock.after(tokenLastsMs, forget);
			return { token, forget };
		},
		claim({ callId, accountId, parameters }) {
			const hash = hashOf(parameters.token ?? '');
			let found: Waiting | undefined;
			for (const one of awaited) {
				if (!timingSafeEqual(one.hash, hash)) continue;
				// Used up even by a stream of another call: whoever has it should not have it.
				one.forget();
				if (one.callSid === callId && accountId === (accountSid ?? accountId)) found = one.waiting;
			}
			return found;
		},
		close() {
			for (const one of awaited) one.forget();
		},
	};
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();
