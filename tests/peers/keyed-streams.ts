import { randomUUID } from 'node:crypto';
import { platformIdOf } from '#server/telephony/platform-id.ts';
import { frameMs } from '#shared/audio.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { keyedStreamPeer } from '#tests/support/keyed-stream-peer.ts';

/** Telnyx and Plivo: the same but for the words of their messages. */
function keyedPlatform(
	name: 'telnyx' | 'plivo',
	title: string,
	start: (callId: string, said: { agent: string; label: string }) => object,
): Platform {
	const keySetting = `YCORD_${name.toUpperCase()}_KEY`;
	return {
		name,
		title,
		rates: name === 'plivo' ? [8000, 16_000] : [8000],
		keySetting,
		to: 'http://127.0.0.1:8080',
		async start({ address, key, agent, rate, label }) {
			const peer = await keyedStreamPeer({
				platform: name,
				address,
				key,
				format: rate === 16_000 ? 'L16/16000' : 'PCMU',
				parameters: { agent, ...(label ? { label } : {}) },
			});
			peer.begin();
			return {
				callId: `${name}-${platformIdOf(peer.callId)}`,
				play: (customer, agentVoice) => peer.play({ inbound: customer, outbound: agentVoice }),
				lose(frames) {
					const lost = new Uint8Array((frames * rate * frameMs) / 1000);
					void peer.play({ inbound: lost, outbound: lost }, { disorder: { seed: 1, drop: 1 } });
				},
				settled: peer.settled,
				hangUp: peer.stop,
				closed: peer.closed.then(socketEnd),
			};
		},
		wire: {
			door: (_address, key) => ({ path: `/telephony/${name}/${key}`, headers: {} }),
			refused: { without: 'access.key-missing', wrong: 'access.key-wrong' },
			begin: (agent, label) => [
				...(name === 'telnyx' ? ['{"event":"connected","version":"1.0.0"}'] : []),
				JSON.stringify(start(randomUUID(), { agent, label })),
			],
			sound: `{"event":"media","sequence_number":"2","sequenceNumber":2,"stream_id":"s1","streamId":"s1","media":{"track":"inbound","chunk":"1","timestamp":"0","payload":"${'/'.repeat(212)}w=="}}`,
			secondBegin: 'malformed',
		},
		inHouse: async (key) => ({ env: { [keySetting]: key } }),
	};
}

export const telnyxPlatform = keyedPlatform('telnyx', 'Telnyx', (callId, said) => ({
	event: 'start',
	sequence_number: '1',
	stream_id: 's1',
	start: {
		user_id: 'u1',
		call_control_id: callId,
		custom_parameters: said,
		media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
	},
}));

export const plivoPlatform = keyedPlatform('plivo', 'Plivo', (callId, { agent, label }) => ({
	event: 'start',
	sequenceNumber: 1,
	start: {
		callId,
		streamId: 's1',
		accountId: 'MA1',
		tracks: ['inbound', 'outbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
	},
	extra_headers: `agent=${agent};label=${label}`,
}));
