import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Track } from '#server/telephony/media-streams/dialect.ts';
import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { interleaved } from '#tests/support/l16-peer.ts';
import { disordered, type PlayOptions, UpgradeRefused } from '#tests/support/twilio-peer.ts';

/** What the platform sends: G.711 at 8 kHz, or linear samples of 16 bits at the rate named. */
export type StreamFormat = 'PCMU' | 'PCMA' | 'L16/8000' | 'L16/16000';

export interface KeyedStreamPeerOptions {
	platform: 'telnyx' | 'plivo';
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	key: string;
	/** Where the key is shown: at the end of the address, as `Authorization: Bearer`, or not at all. */
	keyIn?: 'address' | 'header' | 'nowhere';
	format?: StreamFormat;
	callId?: string;
	tracks?: readonly Track[];
	/** agent, leg, label, from, disclosure … as custom_parameters or extraHeaders. */
	parameters?: Record<string, string>;
	/** The customer's number, which Telnyx tells by itself. */
	from?: string;
	/** The time of day of the first sound, in ms, for Plivo. */
	firstMs?: number;
}

export interface KeyedStreamPeer {
	readonly socket: WebSocket;
	readonly callId: string;
	readonly streamId: string;
	/** Everything the server sent: nothing, if all is well. [S3] */
	readonly received: Buffer[];
	readonly closed: Promise<{ code: number; reason: string }>;
	/** What comes before the sound. */
	begin(): void;
	/** Plays both tracks side by side, as the codec Ycord has of them behind the port; time goes on where the last `play` left it. */
	play(sound: Partial<Record<Track, Uint8Array>>, options?: PlayOptions): Promise<void>;
	/** The call was hung up, as the platform says it. */
	stop(): Promise<void>;
	/** The connection is gone without a word. */
	drop(): void;
	send(message: object | string | Uint8Array): void;
	/** The message of one piece, as it would be sent next. */
	media(track: Track, timestampMs: number, payload: Uint8Array): object;
	/** Resolves when the server has handled everything sent so far. */
	settled(): Promise<void>;
}

const rateOf: Record<StreamFormat, number> = { PCMU: 8000, PCMA: 8000, 'L16/8000': 8000, 'L16/16000': 16_000 };

/**
 * A peer that behaves on the wire as Telnyx' Media Streaming or Plivo's Audio Streaming do: a key in the address, then JSON.
 * (developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket;
 * docs.plivo.com/docs/voice-agents/audio-streaming/concepts/audio-streaming-reference) Rejects with `UpgradeRefused`.
 */
export async function keyedStreamPeer(options: KeyedStreamPeerOptions): Promise<KeyedStreamPeer> {
	const { platform, key, keyIn = 'address', format = 'PCMU', tracks = ['inbound', 'outbound'] } = options;
	const isTelnyx = platform === 'telnyx';
	const end = keyIn === 'address' ? `/${key}` : '';
	const url = `${options.address.replace(/^http/, 'ws')}/telephony/${platform}${end}`;
	const socket = new WebSocket(url, keyIn === 'header' ? { headers: { authorization: `Bearer ${key}` } } : {});
	const received: Buffer[] = [];
	socket.on('message', (data) => received.push(data as Buffer));
	const callId = options.callId ?? (isTelnyx ? `v3:${randomUUID()}` : randomUUID());
	const streamId = randomUUID();
	const accountId = isTelnyx ? randomUUID() : 'MAXXXXXXXXXXXXXXXXXX';
	const rate = rateOf[format];
	const frame = (rate * frameMs) / 1000;
	const firstMs = isTelnyx ? 0 : (options.firstMs ?? 1_763_887_800_000);
	let sequence = 0;
	const chunks = { inbound: 0, outbound: 0 };
	let playedMs = 0;

	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	await new Promise<void>((resolve, reject) => {
		socket.once('open', resolve);
		socket.once('error', reject);
		socket.once('unexpected-response', (_request, response) => {
			let body = '';
			response.on('data', (part) => {
				body += part;
			});
			response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, body)));
		});
	});
	// A connection that the server ends abruptly is part of what is tested.
	socket.on('error', () => {});

	const send = (message: object | string | Uint8Array) =>
		socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
	const numbered = () =>
		isTelnyx ? { sequence_number: String(++sequence), stream_id: streamId } : { sequenceNumber: ++sequence, streamId };
	const media = (track: Track, timestampMs: number, payload: Uint8Array) => {
		const chunk = ++chunks[track];
		return {
			event: 'media',
			...numbered(),
			media: {
				track,
				chunk: isTelnyx ? String(chunk) : chunk,
				timestamp: String(firstMs + timestampMs),
				payload: (format.startsWith('L16') ? interleaved([payload]) : Buffer.from(payload)).toString('base64'),
			},
		};
	};
	const parameters = options.parameters ?? {};
	const said = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
	const start = isTelnyx
		? () => ({
				event: 'start',
				...numbered(),
				start: {
					user_id: accountId,
					call_control_id: callId,
					call_session_id: randomUUID(),
					from: options.from ?? '+13122010094',
					to: '+13122123456',
					custom_parameters: parameters,
					media_format: { encoding: format, sample_rate: rate, channels: 1 },
				},
			})
		: () => ({
				event: 'start',
				sequenceNumber: ++sequence,
				start: {
					callId,
					streamId,
					accountId,
					tracks,
					mediaFormat: { encoding: format.startsWith('L16') ? 'audio/x-l16' : 'audio/x-mulaw', sampleRate: rate },
				},
				extra_headers: said.join(';'),
			});

	return {
		socket,
		callId,
		streamId,
		received,
		closed,
		send,
		media,
		begin() {
			if (isTelnyx) send({ event: 'connected', version: '1.0.0' });
			send(start());
		},
		async play(sound, { clock, disorder } = {}) {
			const lasts = Math.max(0, ...tracks.map((track) => sound[track]?.length ?? 0));
			const count = Math.ceil(lasts / frame);
			const ticks = disordered(
				Array.from({ length: count }, (_, index) => index),
				disorder,
			);
			const startMs = playedMs;
			playedMs += count * frameMs;
			// Numbered as they were spoken, whenever they come.
			const messages = Array.from({ length: count }, (_, tick) =>
				tracks.flatMap((track) => {
					const payload = sound[track]?.subarray(tick * frame, (tick + 1) * frame);
					return payload?.length ? [media(track, startMs + tick * frameMs, payload)] : [];
				}),
			);
			const beganMs = clock?.now() ?? 0;
			for (const [index, tick] of ticks.entries()) {
				const waitMs = clock ? beganMs + index * frameMs - clock.now() : 0;
				if (clock && waitMs > 0) await after(clock, waitMs);
				if (socket.readyState !== WebSocket.OPEN) return;
				for (const message of messages[tick] ?? []) send(message);
			}
		},
		async stop() {
			if (isTelnyx) send({ event: 'stop', ...numbered(), stop: { user_id: accountId, call_control_id: callId } });
			socket.close(1000);
			await closed;
		},
		drop: () => socket.terminate(),
		settled: () =>
			new Promise((resolve) => {
				// The answer to a ping comes after what was sent before it was handled, or the connection ends.
				if (socket.readyState === WebSocket.CLOSED) return resolve();
				socket.once('pong', () => resolve());
				socket.once('close', () => resolve());
				if (socket.readyState === WebSocket.OPEN) socket.ping();
			}),
	};
}

const after = (clock: Clock, ms: number) =>
	new Promise<void>((resolve) => {
		clock.after(ms, resolve);
	});
