import { randomUUID } from 'node:crypto';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import type { Dialect, Track } from '#server/telephony/media-streams/dialect.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { sampleRate } from '#shared/audio.ts';

/** How a platform opens its stream. */
export interface StreamTestNeeds {
	dialect: Dialect;
	/** Of our door, with the key where it stands there. */
	path: string;
	headers?: Record<string, string>;
	/** Its first message about the call, without what every message has. */
	start(stream: { streamId: string; callId: string; agent: string }): object;
}

/** Plays a platform's media stream against our own door: `start`, `media` of both tracks, and `stop` where it says one. */
export async function streamTestCall(needs: StreamTestNeeds, signal: TestSignal): Promise<TestCall> {
	const { dialect, path, headers = {} } = needs;
	const socket = await testSocket(socketAddress(signal.here, path), headers);
	const streamId = randomUUID();
	const { platformId: callId, agent } = signal;
	let sequence = 0;
	const numbered = (message: object) =>
		socket.send({ ...message, [dialect.sequence]: String(++sequence), [dialect.streamId]: streamId });
	if (dialect.greets) socket.send({ event: 'connected', version: '1.0.0' });
	numbered({ event: 'start', ...needs.start({ streamId, callId, agent }) });
	/** What timestamps count from: the call's start, or 1970. */
	const zeroMs = dialect.placedBy === 'chunk-since-1970' ? Date.now() : 0;
	const media = (track: Track, voice: Uint8Array, from: number, samples: number) =>
		numbered({
			event: 'media',
			media: {
				track,
				chunk: String(Math.floor(from / samples) + 1),
				timestamp: String(zeroMs + (from * 1000) / sampleRate),
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
			if (!dialect.endsByClose) numbered({ event: 'stop', stop: {} });
			await socket.close();
		},
	};
}
