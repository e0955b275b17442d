import { randomUUID } from 'node:crypto';
import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { audioForkPeer } from '#tests/support/audio-fork-peer.ts';

export const audioForkPlatform: Platform = {
	name: 'audiofork',
	title: 'jambonz and FreeSWITCH (audio fork)',
	rates: [16_000, 8000],
	keySetting: 'YCORD_AUDIO_FORK_KEY',
	to: 'http://127.0.0.1:8080',
	async start({ address, key, agent, rate, label }) {
		const peer = await audioForkPeer({ address, key, rate, metadata: { agent, ...(label ? { label } : {}) } });
		peer.begin();
		return {
			callId: `audiofork-${peer.callSid}`,
			play: (customer, agentVoice) => peer.play(customer, agentVoice),
			lose() {},
			settled: peer.settled,
			hangUp: peer.stop,
			closed: peer.closed.then(socketEnd),
		};
	},
	wire: {
		door: (_address, key) => ({
			path: audioForkPath,
			headers: { authorization: `Basic ${Buffer.from(`ycord:${key}`).toString('base64')}` },
			protocol: 'audio.jambonz.org',
		}),
		refused: { without: 'access.key-missing', wrong: 'access.key-wrong' },
		begin: (agent, label) => [
			JSON.stringify({
				callSid: randomUUID(),
				callStatus: 'in-progress',
				sampleRate: 8000,
				mixType: 'stereo',
				metadata: { agent, label },
			}),
		],
		sound: new Uint8Array(640),
	},
	inHouse: async (key) => ({ env: { YCORD_AUDIO_FORK_KEY: key } }),
};
