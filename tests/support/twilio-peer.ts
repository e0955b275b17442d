import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Track } from '#server/telephony/media-streams/dialect.ts';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { frameMs, frameSamples } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { randomNumbers } from '#tests/support/seed.ts';

export interface TwilioPeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	authToken: string;
	/** The URL that Twilio was given and signs; unless said, the address as `ws://…/telephony/twilio`. */
	signedUrl?: string;
	/** Sent in place of the right headers. */
	headers?: Record<string, string>;
	/** Where the stream is opened; where we listen unless said. */
	path?: string;
	callSid?: string;
	streamSid?: string;
	accountSid?: string;
	tracks?: readonly Track[];
	/** The `<Parameter>`s: agent, leg, label, from, disclosure, conference, queue; on a survey stream token. */
	parameters?: Record<string, string>;
}

/** How a stream is played: the sound of each track as µ-law at 8 kHz. */
export interface PlayOptions {
	/** In real time by this clock; else as fast as the socket takes it. */
	clock?: Clock;
	/** Samples a message, 160 unless said. */
	frame?: number;
	/** What the network does to the messages: chances from 0 to 1, by this seed. A late message is up to three later. */
	disorder?: { seed: number; drop?: number; duplicate?: number; late?: number };
}

/** The upgrade was answered with something else than 101. */
export class UpgradeRefused extends Error {
	readonly status: number;
	readonly body: string;
	constructor(status: number, body: string) {
		super(`${status} ${body}`);
		this.status = status;
		this.body = body;
	}
}

/** One message to Twilio. (www.twilio.com/docs/voice/media-streams/websocket-messages) */
export type Said = { event: 'media'; payload: Uint8Array } | { event: 'clear' } | { event: 'mark'; name: string };

export interface TwilioPeer {
	readonly socket: WebSocket;
	readonly callSid: string;
	readonly streamSid: string;
	/** Everything the server sent on this stream: nothing, if all is well. [S3] */
	readonly received: { data: Buffer; isBinary: boolean }[];
	/** What the server said on a bidirectional stream, in order; throws at what Twilio would not understand. */
	said(): Said[];
	/** Resolves once it holds for what was said; looked at again after everything that comes. */
	whenSaid(holds: (said: Said[]) => boolean): Promise<void>;
	readonly closed: Promise<{ code: number; reason: string }>;
	/** `connected` and `start`. */
	begin(): void;
	/** Plays both tracks side by side; time goes on from where the last `play` left it. Resolves when all is sent. */
	play(sound: Partial<Record<Track, Uint8Array>>, options?: PlayOptions): Promise<void>;
	/** The call was hung up: `stop`, and the socket closes. */
	stop(): Promise<void>;
	/** A key of the telephone; told on bidirectional streams only. */
	press(digit: string): void;
	/** The connection is gone without a word. */
	drop(): void;
	/** Anything else: an object as JSON, text and bytes as they are. */
	send(message: object | string | Uint8Array): void;
	/** The message of one frame, as it would be sent next. */
	media(track: Track, timestampMs: number, payload: Uint8Array): object;
	/** Resolves when the server has handled everything sent so far. */
	settled(): Promise<void>;
}

/**
 * A peer that behaves on the wire as Twilio's Media Streams do: signed upgrade, `connected`, `start`, then `media` of both
 * tracks with their own chunk numbers and timestamps, every number as text. Rejects with `UpgradeRefused`.
 */
export async function twilioPeer(options: TwilioPeerOptions): Promise<TwilioPeer> {
	const url = `${options.address.replace(/^http/, 'ws')}${options.path ?? twilioPath}`;
	const signature = twilioSignature(options.authToken, options.signedUrl ?? url);
	const socket = new WebSocket(url, { headers: options.headers ?? { 'x-twilio-signature': signature } });
	const received: TwilioPeer['received'] = [];
	const sid = (kind: string) => kind + randomBytes(16).toString('hex');
	const callSid = options.callSid ?? sid('CA');
	const streamSid = options.streamSid ?? sid('MZ');
	const accountSid = options.accountSid ?? sid('AC');
	const tracks = options.tracks ?? ['inbound', 'outbound'];
	let sequenceNumber = 0;
	const chunks = { inbound: 0, outbound: 0 };
	let playedMs = 0;

	const arrivals = new Set<() => void>();
	socket.on('message', (data, isBinary) => {
		received.push({ data: data as Buffer, isBinary });
		for (const look of [...arrivals]) look();
	});
	const said = () => received.map((one) => readSaid(one, streamSid));
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
	const next = () => String(++sequenceNumber);
	const media = (track: Track, timestampMs: number, payload: Uint8Array) => ({
		event: 'media',
		sequenceNumber: next(),
		streamSid,
		media: {
			track,
			chunk: String(++chunks[track]),
			timestamp: String(timestampMs),
			payload: Buffer.from(payload).toString('base64'),
		},
	});

	return {
		socket,
		callSid,
		streamSid,
		received,
		said,
		whenSaid: (holds) =>
			new Promise((resolve) => {
				const look = () => {
					if (!holds(said())) return;
					arrivals.delete(look);
					resolve();
				};
				arrivals.add(look);
				look();
			}),
		closed,
		send,
		media,
		begin() {
			send({ event: 'connected', protocol: 'Call', version: '1.0.0' });
			send({
				event: 'start',
				sequenceNumber: next(),
				streamSid,
				start: {
					accountSid,
					streamSid,
					callSid,
					tracks,
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
					customParameters: options.parameters ?? {},
				},
			});
		},
		async play(sound, { clock, frame = frameSamples, disorder } = {}) {
			const lasts = Math.max(0, ...tracks.map((track) => sound[track]?.length ?? 0));
			const ticks = disordered(
				Array.from({ length: Math.ceil(lasts / frame) }, (_, index) => index),
				disorder,
			);
			const startMs = playedMs;
			playedMs += Math.ceil(lasts / frameSamples) * frameMs;
			const sendTick = (tick: number) => {
				for (const track of tracks) {
					const payload = sound[track]?.subarray(tick * frame, (tick + 1) * frame);
					if (payload?.length) send(media(track, startMs + Math.round((tick * frame) / 8), payload));
				}
			};
			if (!clock) {
				for (const tick of ticks) sendTick(tick);
				return;
			}
			const beganMs = clock.now();
			await new Promise<void>((resolve) => {
				let sent = 0;
				const go = () => {
					const due = Math.floor(((clock.now() - beganMs) * 8) / frame) + 1;
					for (; sent < Math.min(due, ticks.length); sent++) sendTick(ticks[sent] as number);
					if (sent === ticks.length || socket.readyState !== WebSocket.OPEN) return resolve();
					clock.after(Math.max(1, beganMs + (sent * frame) / 8 - clock.now()), go);
				};
				go();
			});
		},
		async stop() {
			send({ event: 'stop', sequenceNumber: next(), streamSid, stop: { accountSid, callSid } });
			socket.close(1000);
			await closed;
		},
		press: (digit) =>
			send({ event: 'dtmf', sequenceNumber: next(), streamSid, dtmf: { track: 'inbound_track', digit } }),
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

/** Twilio takes µ-law without a header, for the stream it is sent on, and nothing that is not documented. */
function readSaid({ data, isBinary }: TwilioPeer['received'][number], streamSid: string): Said {
	if (isBinary) throw new Error('Twilio takes no binary messages');
	const { event, streamSid: of, media, mark, ...more } = JSON.parse(data.toString());
	if (of !== streamSid) throw new Error(`${event} for another stream`);
	if (Object.keys(more).length > 0) throw new Error(`${event} with ${Object.keys(more)}`);
	if (event === 'clear' && !media && !mark) return { event };
	if (event === 'mark' && !media && typeof mark?.name === 'string') return { event, name: mark.name };
	if (event !== 'media' || mark || Object.keys(media).join() !== 'payload')
		throw new Error(`${event} is not documented`);
	const payload = Buffer.from(media.payload, 'base64');
	if (payload.toString('base64') !== media.payload) throw new Error('a payload that is not base64');
	return { event, payload };
}

/** The order in which the network brings them. */
export function disordered(ticks: number[], disorder: PlayOptions['disorder']): number[] {
	if (!disorder) return ticks;
	const { seed, drop = 0, duplicate = 0, late = 0 } = disorder;
	const random = randomNumbers(seed);
	const happens = (chance: number) => random(10_000) < chance * 10_000;
	const out: number[] = [];
	const held: { tick: number; after: number }[] = [];
	for (const tick of ticks) {
		if (happens(drop)) continue;
		if (happens(late)) held.push({ tick, after: tick + 1 + random(3) });
		else out.push(tick);
		if (happens(duplicate)) out.push(tick);
		while (held.length > 0 && (held[0] as { after: number }).after <= tick)
			out.push((held.shift() as { tick: number }).tick);
	}
	return [...out, ...held.map(({ tick }) => tick)];
}
