import { randomUUID } from 'node:crypto';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { streamUrls, twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { sampleRate } from '#shared/audio.ts';

export interface TwilioTestNeeds {
	authToken: string;
	/** What Twilio signs: the address it was given. */
	publicUrl: string;
	/** The account whose streams are let in, where one is set. */
	accountSid?: string | undefined;
}

/**
 * Plays Twilio against our own door: the signature over the public address, `connected`, `start`, then `media` of both
 * tracks with their timestamps. (www.twilio.com/docs/voice/media-streams/websocket-messages) Whether Twilio itself signs the
 * same address cannot be told from here.
 */
export async function twilioTestCall(
	{ authToken, publicUrl, accountSid }: TwilioTestNeeds,
	signal: TestSignal,
): Promise<TestCall> {
	const [signedUrl = ''] = streamUrls(publicUrl, twilioPath);
	const headers = { 'x-twilio-signature': twilioSignature(authToken, signedUrl) };
	const socket = await testSocket(socketAddress(signal.here, twilioPath), headers);
	const { platformId: callSid, agent } = signal;
	const streamSid = `MZ${randomUUID().replaceAll('-', '')}`;
	let sequence = 0;
	const numbered = (message: object) => socket.send({ ...message, sequenceNumber: String(++sequence), streamSid });
	socket.send({ event: 'connected', protocol: 'Call', version: '1.0.0' });
	numbered({
		event: 'start',
		start: {
			...(accountSid ? { accountSid } : {}),
			callSid,
			streamSid,
			tracks: ['inbound', 'outbound'],
			mediaFormat: { encoding: 'audio/x-mulaw', sampleRate, channels: 1 },
			customParameters: { agent, label: 'Test call' },
		},
	});
	const media = (track: 'inbound' | 'outbound', voice: Uint8Array, from: number, samples: number) =>
		numbered({
			event: 'media',
			media: {
				track,
				chunk: String(Math.floor(from / samples) + 1),
				timestamp: String((from * 1000) / sampleRate),
				payload: Buffer.from(voice.subarray(from, from + samples)).toString('base64'),
			},
		});
	return {
		get refusal() {
			return socket.refusal;
		},
		play(from, samples) {
			media('inbound', signal.customer, from, samples);
			media('outbound', signal.agentVoice, from, samples);
		},
		async hangUp() {
			numbered({ event: 'stop', stop: { callSid } });
			await socket.close();
		},
	};
}
