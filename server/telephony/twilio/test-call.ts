import type { TestCall, TestSignal } from '#server/telephony/desk.ts';
import { streamTestCall } from '#server/telephony/media-streams/test-call.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { streamUrls, twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { sampleRate } from '#shared/audio.ts';

export interface TwilioTestNeeds {
	authToken: string;
	/** What Twilio signs: the address it was given. */
	publicUrl: string;
}

/**
 * Plays Twilio against our own door: the signature over the public address, `connected`, `start`, then `media` of both
 * tracks. (www.twilio.com/docs/voice/media-streams/websocket-messages) Whether Twilio itself signs the same address cannot be
 * told from here.
 */
export function twilioTestCall({ authToken, publicUrl }: TwilioTestNeeds, signal: TestSignal): Promise<TestCall> {
	const [signedUrl = ''] = streamUrls(publicUrl, twilioPath);
	return streamTestCall(
		{
			dialect: twilioDialect,
			path: twilioPath,
			headers: { 'x-twilio-signature': twilioSignature(authToken, signedUrl) },
			start: ({ streamId: streamSid, callId: callSid, agent }) => ({
				start: {
					callSid,
					streamSid,
					tracks: ['inbound', 'outbound'],
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate, channels: 1 },
					customParameters: { agent, label: 'Test call' },
				},
			}),
		},
		signal,
	);
}
