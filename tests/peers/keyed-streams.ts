import { randomUUID } from 'node:crypto';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { socketEnd } from '#tests/peers/socket-end.ts';
import { keyedStreamPeer } from '#tests/support/keyed-stream-peer.ts';

const payload = `${'/'.repeat(212)}w==`;

function keyedPlatform(
	name: 'telnyx' | 'plivo',
	of: Pick<Platform, 'title' | 'rates'> & { begin(agent: string, label: string): object[]; own: object },
): Platform {
	const keySetting = `YCORD_${name.toUpperCase()}_KEY`;
	const media = { track: 'inbound', chunk: '1', timestamp: '0', payload };
	return {
		name,
		title: of.title,
		rates: of.rates,
		keySetting,
		to: 'http://127.0.0.1:8080',
		async start({ address, key, agent, rate, label }) {
			const peer = await keyedStreamPeer({
				platform: name,
				address,
				key,
				callId: randomUUID(),
				format: rate === 16_000 ? 'L16/16000' : 'PCMU',
				parameters: { agent, ...(label ? { label } : {}) },
			});
			peer.begin();
			return {
				callId: `${name}-${peer.callId}`,
				play: (customer, agentVoice) => peer.play({ inbound: customer, outbound: agentVoice }),
				hangUp: peer.stop,
				closed: peer.closed.then(socketEnd),
			};
		},
		wire: {
			door: (_address, key) => ({ path: keyedPath({ name }), headers: { authorization: `Bearer ${key}` } }),
			refused: { without: 'access.key-missing', wrong: 'access.key-wrong' },
			begin: (agent, label) => of.begin(agent, label).map((message) => JSON.stringify({ ...message, ...of.own })),
			sound: JSON.stringify({ event: 'media', ...of.own, media }),
			secondBegin: 'malformed',
		},
		inHouse: async (key) => ({ env: { [keySetting]: key } }),
	};
}

export const telnyxPlatform = keyedPlatform('telnyx', {
	title: 'Telnyx',
	rates: [8000],
	own: { stream_id: 'one', sequence_number: '1' },
	begin: (agent, label) => [
		{ event: 'connected', version: '1.0.0' },
		{
			event: 'start',
			start: {
				call_control_id: randomUUID(),
				media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
				custom_parameters: { agent, label },
			},
		},
	],
});

export const plivoPlatform = keyedPlatform('plivo', {
	title: 'Plivo',
	rates: [8000, 16_000],
	own: { streamId: 'one', sequenceNumber: 1 },
	begin: (agent, label) => [
		{
			event: 'start',
			start: {
				callId: randomUUID(),
				streamId: 'one',
				tracks: ['inbound', 'outbound'],
				mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
			},
			extra_headers: `agent=${agent};label=${label}`,
		},
	],
});
