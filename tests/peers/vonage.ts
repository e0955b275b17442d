import { randomUUID } from 'node:crypto';
import { vonagePath } from '#server/telephony/vonage/vonage.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { vonagePeer } from '#tests/support/vonage-peer.ts';

export const vonagePlatform: Platform = {
	name: 'vonage',
	title: 'Vonage',
	rates: [16_000, 8000],
	hears: 'mix',
	keySetting: 'YCORD_VONAGE_KEY',
	to: 'http://127.0.0.1:8080',
	async start({ address, key, agent, rate, label }) {
		const peer = await vonagePeer({ address, key, rate, headers: { agent, ...(label ? { label } : {}) } });
		peer.begin();
		return {
			callId: `vonage-${peer.uuid}`,
			play: (customer, agentVoice) => peer.play(customer, agentVoice),
			lose() {},
			settled: peer.settled,
			hangUp: peer.stop,
			closed: peer.closed.then(socketEnd),
		};
	},
	wire: {
		door: (_address, key) => ({ path: vonagePath, headers: { authorization: `Bearer ${key}` } }),
		refused: { without: 'access.key-missing', wrong: 'access.key-wrong' },
		begin: (agent, label) => [
			JSON.stringify({
				event: 'websocket:connected',
				'content-type': 'audio/l16;rate=16000',
				uuid: randomUUID(),
				agent,
				label,
			}),
		],
		sound: new Uint8Array(640),
	},
	inHouse: async (key) => ({ env: { YCORD_VONAGE_KEY: key, YCORD_ALLOW_AUDIBLE: 'true' } }),
};
