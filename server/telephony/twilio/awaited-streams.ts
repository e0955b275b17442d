import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Start } from '#server/telephony/twilio/protocol.ts';
import type { FromSurvey, SurveyLine } from '#server/telephony/twilio/survey-stream.ts';
import type { Clock } from '#shared/clock.ts';

/** How long a token is good, if nobody gives up on its stream earlier. */
export const tokenLastsMs = 60_000;

/** A survey stream that was asked for, and not come yet. */
export interface Awaited {
	/** Goes to Twilio with the call, and comes back with its stream's start. */
	token: string;
	forget(): void;
}

/** The survey streams that were asked for. One a call at most, so there are no more of them than calls. [B1] */
export interface AwaitedStreams {
	expect(callSid: string, opened: (line: SurveyLine) => FromSurvey): Awaited;
	/** What waits for this stream. A token is good once, for its call, in this account. */
	claim(start: Start): ((line: SurveyLine) => FromSurvey) | undefined;
}

/**
 * The signature of the upgrade proves the account, the token the call: 256 random bits, compared in a time that says
 * nothing of them. (protocols.md 1.5)
 */
export function awaitedStreams(clock: Clock, accountSid: string): AwaitedStreams {
	const awaited = new Set<{ callSid: string; hash: Buffer; opened: (line: SurveyLine) => FromSurvey }>();
	return {
		expect(callSid, opened) {
			const token = randomBytes(32).toString('base64url');
			const one = { callSid, hash: hashOf(token), opened };
			awaited.add(one);
			const stop = clock.after(tokenLastsMs, () => awaited.delete(one));
			return {
				token,
				forget() {
					stop();
					awaited.delete(one);
				},
			};
		},
		claim({ start }) {
			const hash = hashOf(start.customParameters?.token ?? '');
			let found: ((line: SurveyLine) => FromSurvey) | undefined;
			for (const one of awaited) {
				if (!timingSafeEqual(one.hash, hash)) continue;
				// Used up even by a stream of another call: whoever has it should not have it.
				awaited.delete(one);
				if (one.callSid === start.callSid && start.accountSid === accountSid) found = one.opened;
			}
			return found;
		},
	};
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();
