import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { audiohookPeer } from '#tests/support/audiohook-peer.ts';

/** Its key is the API key alone, or with a colon and the client secret behind it: then it signs. */
export const audiohookPlatform: Platform = {
	name: 'audiohook',
	title: 'Genesys Cloud AudioHook',
	rates: [8000],
	keySetting: 'YCORD_AUDIOHOOK_KEY[:YCORD_AUDIOHOOK_SECRET]',
	to: 'http://127.0.0.1:8080',
	async start({ address, key, agent, label }) {
		const [apiKey = '', secret] = key.split(':');
		const peer = await audiohookPeer({
			address,
			key: apiKey,
			...(secret ? { secret } : {}),
			customConfig: { agent, ...(label ? { label } : {}) },
		});
		await peer.begin();
		return {
			callId: `audiohook-${peer.conversationId}`,
			play: (customer, agentVoice) => peer.play(customer, agentVoice),
			lose: (frames) => peer.discard(frames * 160),
			settled: peer.settled,
			hangUp: () => peer.hangUp(),
			closed: peer.closed.then(({ asked, ...end }) => asked?.info ?? socketEnd(end)),
		};
	},
	inHouse: async (key) => ({ env: { YCORD_AUDIOHOOK_KEY: key } }),
};
