import { WebSocket } from 'ws';
import type { Clock } from '#shared/clock.ts';
import { ulawTable } from '#shared/g711.ts';
import { UpgradeRefused } from '#tests/support/twilio-peer.ts';

export interface PlayOptions {
	/** In real time by this clock; else as fast as the socket takes it. */
	clock?: Clock;
	/** How many bytes each message has, in turn, cut anywhere; 20 ms unless said. */
	cuts?: (message: number) => number;
}

/** A platform's side of a WebSocket that carries L16: what all such platforms have in common. */
export interface L16Peer {
	readonly socket: WebSocket;
	/** Everything the server sent: nothing, if all is well. [S3] */
	readonly received: Buffer[];
	readonly closed: Promise<{ code: number; reason: string }>;
	/** Sends linear samples. Resolves when all is sent. */
	playLinear(bytes: Buffer, frameBytes: number, options?: PlayOptions): Promise<void>;
	send(message: object | string | Uint8Array): void;
	/** The call was hung up: the stream is closed in order. */
	stop(): Promise<void>;
	/** The connection is gone without a word. */
	drop(): void;
	/** Resolves when the server has handled everything sent so far. */
	settled(): Promise<void>;
}

/** Connects as a platform does. Rejects with `UpgradeRefused`. */
export async function l16Peer(url: string, headers: Record<string, string>, protocol?: string): Promise<L16Peer> {
	const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], { headers });
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
	return {
		socket,
		received,
		closed,
		async playLinear(bytes, frameBytes, { clock, cuts = () => frameBytes } = {}) {
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

/** Samples of the channels, given as µ-law, as L16 side by side. */
export function interleaved(channels: readonly Uint8Array[]): Buffer {
	const [first] = channels;
	const bytes = Buffer.alloc((first?.length ?? 0) * channels.length * 2);
	for (const [place, channel] of channels.entries())
		for (const [at, code] of channel.entries())
			bytes.writeInt16LE(ulawTable[code] as number, (at * channels.length + place) * 2);
	return bytes;
}

/** What a participant hears of voices that are given as µ-law: all of them in one sound of L16. */
export function mixedLinear(voices: readonly Uint8Array[]): Buffer {
	const bytes = Buffer.alloc(Math.max(0, ...voices.map(({ length }) => length)) * 2);
	for (let at = 0; at < bytes.length / 2; at++) {
		const sum = voices.reduce((all, voice) => all + (ulawTable[voice[at] ?? 0xff] as number), 0);
		bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, sum)), at * 2);
	}
	return bytes;
}
