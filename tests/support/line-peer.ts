import { WebSocket } from 'ws';
import {
	type Codec,
	decodeSound,
	encodeSound,
	frameBytes,
	frameMs,
	lineCodec,
	rateOf,
	type SoundMessage,
} from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { type LineState, ToLineEnd } from '#shared/line.ts';
import { arrivals, taken } from '#tests/support/live-peer.ts';
import { saidByServer } from '#tests/support/said-by-server.ts';

const mustFitEnd = saidByServer(ToLineEnd.anyOf);

export interface LinePeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	secret: string;
	end: 'customer' | 'agent';
	headers?: Record<string, string>;
	/** What it speaks; a line's own unless said. */
	codec?: Codec;
}

export type LinePeer = Awaited<ReturnType<typeof linePeer>>;

/** One end of a browser line, speaking as the tab does: 20 ms of its own leg in each message, text for the rest. */
export async function linePeer({ address, secret, end, headers = {}, codec = lineCodec }: LinePeerOptions) {
	const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/line/sound/${secret}`, { headers });
	const told = arrivals<ToLineEnd>();
	const heard = arrivals<SoundMessage>();
	const received: { data: Buffer; isBinary: boolean }[] = [];
	let sequence = 0;
	let mediaMs = 0;
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	socket.on('message', (data: Buffer, isBinary) => {
		received.push({ data, isBinary });
		if (!isBinary) return taken(data, told, mustFitEnd);
		const sound = decodeSound(data);
		if (typeof sound === 'string') throw new Error(`not a sound message: ${sound}`);
		heard.add(sound);
	});
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	socket.on('error', () => {});

	const send = (message: object | string | Uint8Array) =>
		socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
	const sendFrames = (samples: Uint8Array) => {
		const frames = samples.length / frameBytes(codec);
		const header = { codec, frames, sequence: sequence++, mediaMs, serverMs: 0 } as const;
		send(encodeSound(header, { [end]: samples }));
		mediaMs += frames * frameMs;
	};
	let pings = 0;

	return {
		socket,
		end,
		/** Everything the server sent, as it came. [S3] */
		received,
		told,
		heard,
		closed,
		send,
		/** Resolves when this end has been told this state, `times` times so far. */
		state: (state: LineState, times = 1) =>
			told.when(
				(one) =>
					one.type === 'line' &&
					one.state === state &&
					told.all.filter((past) => past.type === 'line' && past.state === state).length >= times,
			),
		/** Speaks whole frames, in its codec: in real time by a clock, else at once. */
		async talk(sound: Uint8Array, { clock, frames = 1 }: { clock?: Clock; frames?: 1 | 2 | 3 } = {}): Promise<void> {
			const size = frames * frameBytes(codec);
			const beganMs = clock?.now() ?? 0;
			for (let from = 0; from < sound.length; from += size) {
				if (clock) {
					const dueMs = beganMs + (from * 1000) / rateOf[codec];
					await new Promise<void>((resolve) => clock.after(Math.max(0, dueMs - clock.now()), resolve));
				}
				if (socket.readyState !== WebSocket.OPEN) return;
				sendFrames(sound.subarray(from, from + size));
			}
		},
		/** The other end's sound so far, in the order it came. */
		sound(leg: 'customer' | 'agent'): Uint8Array {
			return Buffer.concat(heard.all.map(({ parts }) => parts[leg] ?? new Uint8Array()));
		},
		/** Resolves when the server has handled everything sent so far. */
		async settled(): Promise<void> {
			const at = ++pings;
			send({ type: 'ping', at });
			await Promise.race([told.when((one) => one.type === 'pong' && one.at === at), closed]);
		},
		hold: () => send({ type: 'hold' }),
		resume: () => send({ type: 'resume' }),
		hangUp: () => send({ type: 'hang-up' }),
		/** Leaves without hanging up. */
		leave: () => socket.close(1000),
		/** The network is gone. */
		drop: () => socket.terminate(),
	};
}
