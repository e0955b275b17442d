import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import type { Clock } from '#shared/clock.ts';
import { ulawTable } from '#shared/g711.ts';
import { UpgradeRefused } from '#tests/support/twilio-peer.ts';

export interface AudioForkPeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	key: string;
	/** Sent in place of the right headers. */
	headers?: Record<string, string>;
	/** After the path, such as `?rate=8000&mix=stereo`. */
	query?: string;
	protocol?: string;
	callSid?: string;
	rate?: number;
	mixType?: string;
	/** What the application gave along. */
	metadata?: Record<string, string>;
}

export interface ForkPlayOptions {
	/** In real time by this clock; else as fast as the socket takes it. */
	clock?: Clock;
	/** How many bytes each message has, in turn, cut anywhere; 20 ms unless said. */
	cuts?: (message: number) => number;
}

/** A peer that behaves on the wire as jambonz' `listen` does: Basic authentication, one text, then L16 of both channels. */
export interface AudioForkPeer {
	readonly socket: WebSocket;
	readonly callSid: string;
	/** Everything the server sent: nothing, if all is well. [S3] */
	readonly received: Buffer[];
	readonly closed: Promise<{ code: number; reason: string }>;
	/** The first message. */
	begin(): void;
	/** Plays µ-law of the peer's rate, the channels side by side. Resolves when all is sent. */
	play(first: Uint8Array, second?: Uint8Array, options?: ForkPlayOptions): Promise<void>;
	send(message: object | string | Uint8Array): void;
	/** The call was hung up: the fork is closed in order. */
	stop(): Promise<void>;
	/** The connection is gone without a word. */
	drop(): void;
	/** Resolves when the server has handled everything sent so far. */
	settled(): Promise<void>;
}

/** Samples of the channels, given as µ-law, as L16 side by side. */
export function interleaved(channels: readonly Uint8Array[]): Buffer {
	const [first] = channels;
	const bytes = Buffer.alloc((first?.length ?? 0) * channels.length * 2);
	for (const [place, channel] of channels.entries())
		for (const [at, code] of channel.entries())
			bytes.writeInt16LE(ulawTable[code] as number, (at * channels.length + place) * 2);
	return bytes;
}

/** Rejects with `UpgradeRefused`. */
export async function audioForkPeer(options: AudioForkPeerOptions): Promise<AudioForkPeer> {
	const { rate = 8000, mixType = 'stereo', callSid = randomUUID() } = options;
	const url = `${options.address.replace(/^http/, 'ws')}${audioForkPath}${options.query ?? ''}`;
	const basic = Buffer.from(`ycord:${options.key}`).toString('base64');
	const headers = options.headers ?? { authorization: `Basic ${basic}` };
	const socket = new WebSocket(url, options.protocol ?? 'audio.jambonz.org', { headers });
	const received: Buffer[] = [];
	socket.on('message', (data) => received.push(data as Buffer));
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
	const frameBytes = (rate / 50) * 2 * (mixType === 'stereo' ? 2 : 1);

	return {
		socket,
		callSid,
		received,
		closed,
		begin() {
			const { metadata = {} } = options;
			socket.send(
				JSON.stringify({
					callSid,
					direction: 'inbound',
					callStatus: 'in-progress',
					sampleRate: rate,
					mixType,
					metadata,
				}),
			);
		},
		async play(first, second, { clock, cuts = () => frameBytes } = {}) {
			const bytes = interleaved(second && mixType === 'stereo' ? [first, second] : [first]);
			let message = 0;
			for (let at = 0; at < bytes.length && socket.readyState === socket.OPEN; ) {
				const size = cuts(message++);
				socket.send(bytes.subarray(at, at + size));
				at += size;
				if (clock) await new Promise<void>((resolve) => clock.after(20, resolve));
			}
		},
		send: (message) =>
			socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message)),
		async stop() {
			socket.close(1000);
			await closed;
		},
		drop: () => socket.terminate(),
		settled: () =>
			new Promise((resolve) => {
				if (socket.readyState !== socket.OPEN) return resolve();
				socket.once('pong', () => resolve());
				socket.once('close', () => resolve());
				socket.ping();
			}),
	};
}
