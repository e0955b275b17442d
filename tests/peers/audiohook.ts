import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { audiohookPeer } from '#tests/support/audiohook-peer.ts';

/** Its key is given as the setting's, or as `key:secret`: without a secret nothing is signed. */
export const audiohookPlatform: Platform = {
	name: 'audiohook',
	title: 'Genesys Cloud AudioHook',
	rates: [8000],
	keySetting: 'YCORD_AUDIOHOOK_KEY',
	to: 'http://127.0.0.1:8080',
	async start({ address, key: given, agent, label }) {
		const [key = '', secret = ''] = given.split(':');
		const customConfig = { agent, ...(label ? { label } : {}) };
		const peer = await audiohookPeer({ address, key, secret, customConfig });
		await peer.begin();
		return {
			callId: `audiohook-${peer.conversationId}`,
			play: (customer, agentVoice) => peer.play(customer, agentVoice),
			hangUp: () => peer.hangUp(),
			closed: peer.closed.then(({ asked, ...end }) => asked?.info ?? socketEnd(end)),
		};
	},
	inHouse: async (key) => ({ env: { YCORD_AUDIOHOOK_KEY: key } }),
};
