import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';
import type { TwilioConfig } from '#server/telephony/twilio/settings.ts';
import { twilioTestCall } from '#server/telephony/twilio/test-call.ts';
import { twilioPath, twilioSurveyPath } from '#server/telephony/twilio/twilio.ts';
import { twilioConferencePath, twilioStatusPath, twilioVoicePath } from '#server/telephony/twilio/webhooks.ts';

/** Twilio as the administrator sees it. */
export const twilioEntry = (config: TwilioConfig, publicUrl: () => string): GatewayEntry => ({
	name: 'twilio',
	title: 'Twilio Media Streams',
	on: config.twilioAuthTokens.length > 0,
	addresses: () => [
		{ what: 'WebSocket of each stream', address: socketAddress(publicUrl(), twilioPath) },
		{ what: 'Voice webhook (POST)', address: `${publicUrl()}${twilioVoicePath}` },
		{ what: 'Status callback of calls and streams (POST)', address: `${publicUrl()}${twilioStatusPath}` },
		...(config.twilioApi
			? [{ what: 'Status callback of conferences (POST)', address: `${publicUrl()}${twilioConferencePath}` }]
			: []),
		{ what: 'WebSocket of a survey, used by Ycord itself', address: socketAddress(publicUrl(), twilioSurveyPath) },
	],
	settings: [
		{ name: 'YCORD_TWILIO_AUTH_TOKEN', isSet: config.twilioAuthTokens.length > 0 },
		{ name: 'YCORD_TWILIO_AUTH_TOKEN_SECONDARY', isSet: config.twilioAuthTokens.length > 1 },
		{ name: 'YCORD_TWILIO_ACCOUNT_SID', isSet: config.twilioApi !== undefined },
		{ name: 'YCORD_TWILIO_API_KEY', isSet: config.twilioApi !== undefined },
		{ name: 'YCORD_TWILIO_API_SECRET', isSet: config.twilioApi !== undefined },
		{ name: 'YCORD_TWILIO_AGENT', isSet: config.twilioAgent !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: config.twilioApi !== undefined },
	guide: 'twilio.md',
	...(config.twilioAuthTokens[0] ? { testCall: testWith(config.twilioAuthTokens[0], config, publicUrl) } : {}),
});

const testWith =
	(authToken: string, { twilioApi }: TwilioConfig, publicUrl: () => string) =>
	(signal: TestSignal) =>
		twilioTestCall({ authToken, publicUrl: publicUrl(), accountSid: twilioApi?.accountSid }, signal);
