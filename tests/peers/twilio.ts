import { randomUUID } from 'node:crypto';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { frameSamples } from '#shared/audio.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

export const twilioPlatform: Platform = {
	name: 'twilio',
	title: 'Twilio Media Streams',
	rates: [8000],
	keySetting: 'YCORD_TWILIO_AUTH_TOKEN',
	to: 'http://127.0.0.1:8080',
	async start({ address, key, agent, label }) {
		const peer = await twilioPeer({
			address,
			authToken: key,
			parameters: { agent, ...(label ? { label } : {}) },
		});
		peer.begin();
		return {
			callId: `twilio-${peer.callSid}`,
			play: (customer, agentVoice) => peer.play({ inbound: customer, outbound: agentVoice }),
			lose(frames) {
				const lost = new Uint8Array(frames * frameSamples);
				void peer.play({ inbound: lost }, { disorder: { seed: 1, drop: 1 } });
			},
			settled: peer.settled,
			hangUp: peer.stop,
			closed: peer.closed.then(socketEnd),
		};
	},
	wire: {
		door: (address, key) => ({
			path: twilioPath,
			headers: { 'x-twilio-signature': twilioSignature(key, `${address.replace(/^http/, 'ws')}${twilioPath}`) },
		}),
		refused: { without: 'access.signature-missing', wrong: 'access.signature-wrong' },
		begin: (agent, label) => [
			'{"event":"connected","protocol":"Call","version":"1.0.0"}',
			JSON.stringify({
				event: 'start',
				sequenceNumber: '1',
				streamSid: 'MZ1',
				start: {
					accountSid: 'AC1',
					streamSid: 'MZ1',
					callSid: randomUUID(),
					tracks: ['inbound', 'outbound'],
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
					customParameters: { agent, label },
				},
			}),
		],
		sound: `{"event":"media","sequenceNumber":"2","streamSid":"MZ1","media":{"track":"inbound","chunk":"1","timestamp":"0","payload":"${'/'.repeat(212)}w=="}}`,
		secondBegin: 'malformed',
	},
	inHouse: async (key) => ({ env: { YCORD_TWILIO_AUTH_TOKEN: key } }),
};
