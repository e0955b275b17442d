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
			hangUp: peer.stop,
			closed: peer.closed.then(socketEnd),
		};
	},
	inHouse: async (key) => ({ env: { YCORD_TWILIO_AUTH_TOKEN: key } }),
};
