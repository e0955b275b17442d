import { randomUUID } from 'node:crypto';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import type { Dialect, Track } from '#server/telephony/media-streams/dialect.ts';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { sampleRate } from '#shared/audio.ts';

export interface KeyedTestNeeds {
	dialect: Dialect;
	key: string;
	/** The platform's `start`, but for its event, number and stream. */
	start: (streamId: string, callId: string, agent: string) => object;
}

/** Plays a platform against our own door: the key at the end of the address, then its messages with both tracks, in PCMU. */
export async function keyedTestCall({ dialect, key, start }: KeyedTestNeeds, signal: TestSignal): Promise<TestCall> {
	const { platformId, agent } = signal;
	const socket = await testSocket(socketAddress(signal.here, `${keyedPath(dialect)}/${key}`), {});
	const streamId = randomUUID();
	const firstMs = dialect.placedBy === 'chunk-since-1970' ? testDayMs : 0;
	let sequence = 0;
	const numbered = (message: object) =>
		socket.send({ ...message, [dialect.sequence]: ++sequence, [dialect.streamId]: streamId });
	if (dialect.greets) socket.send({ event: 'connected', version: '1.0.0' });
	numbered({ event: 'start', ...start(streamId, platformId, agent) });
	const media = (track: Track, voice: Uint8Array, from: number, samples: number) =>
		numbered({
			event: 'media',
			media: {
				track,
				chunk: Math.floor(from / samples) + 1,
				timestamp: String(firstMs + (from * 1000) / sampleRate),
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

/** Any time of day does: positions count from the first. */
const testDayMs = Date.UTC(2026, 0, 1);
