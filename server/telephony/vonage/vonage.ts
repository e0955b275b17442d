import { l16Door } from '#server/telephony/l16/door.ts';
import { readGreeting } from '#server/telephony/vonage/greeting.ts';

/** Where Vonage connects a call's WebSocket endpoint to. */
export const vonagePath = '/telephony/vonage';

/**
 * The gateway for Vonage's Voice API: a WebSocket endpoint that an NCCO connects to the call. It is a participant there, not a
 * tap: what it sent would be heard, and it hears everybody in one sound. We send nothing; whoever is on the call's pages is
 * told all the same. [S3]
 */
export const vonage = l16Door({
	name: 'vonage',
	path: vonagePath,
	scheme: 'Bearer',
	keySetting: 'YCORD_VONAGE_KEY',
	agentSetting: 'YCORD_VONAGE_AGENT',
	audible: true,
	read: readGreeting,
});
