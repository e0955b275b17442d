/**
 * Every way Ycord hangs up a WebSocket. 44xx: do not come back by yourself; 45xx: come back, with back-off and jitter.
 * 1000 and 1001 have their ordinary meaning (RFC 6455, 7.4.1). A code that is not here (1006: the network) means come back.
 */
export const closeCodes = {
	malformed: { code: 4400, text: 'a message that is not in the protocol' },
	signInNeeded: { code: 4401, text: 'not signed in, or no longer' },
	forbidden: { code: 4403, text: 'not yours' },
	unknown: { code: 4404, text: 'no such call, listening or line' },
	replaced: { code: 4409, text: 'opened somewhere else' },
	callEnded: { code: 4410, text: 'the call has ended' },
	surveyOver: { code: 4417, text: 'the survey segment is over' },
	removed: { code: 4411, text: 'a supervisor ended this listening' },
	tooLarge: { code: 4413, text: 'a message over the size limit' },
	soundRefused: { code: 4415, text: 'a listening connection cannot send sound' },
	tooMany: { code: 4429, text: 'too many messages' },
	version: { code: 4426, text: 'a protocol version this server does not speak' },
	noStart: { code: 4408, text: 'the first message did not come in time' },
	unknownAgent: { code: 4406, text: 'the agent named is not known here' },
	failed: { code: 4500, text: 'something went wrong on our side' },
	draining: { code: 4503, text: 'the server is restarting' },
	full: { code: 4513, text: 'full; try again shortly' },
	silent: { code: 4508, text: 'nothing was heard from the other side for too long' },
	tooSlow: { code: 4509, text: 'the connection was too slow to keep up' },
} as const;
export type CloseReason = keyof typeof closeCodes;

/** Whether a client that was hung up with `code` should connect again by itself. */
export const mayComeBack = (code: number) => code !== 1000 && !(code >= 4400 && code < 4500);
