import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Clock } from '#shared/clock.ts';
import { ulawTable } from '#shared/g711.ts';
import { UpgradeRefused } from '#tests/support/twilio-peer.ts';

export interface AudiohookMedia {
	type: string;
	format: string;
	channels: string[];
	rate: number;
}

export interface AudiohookPeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	key: string;
	/** Base64; without it nothing is signed. */
	secret?: string;
	/** What is signed as the authority; the address' own host unless said. */
	authority?: string;
	/** The Audio Connector in place of the Monitor. */
	kind?: 'monitor' | 'connector';
	/** Sent in place of the right headers, by their names in lower case; undefined leaves one out. */
	headers?: Record<string, string | undefined>;
	sessionId?: string;
	organizationId?: string;
	conversationId?: string;
	participantId?: string;
	/** What is offered; µ-law of both voices and of each unless said. */
	media?: AudiohookMedia[];
	ani?: string;
	dnis?: string;
	language?: string;
	customConfig?: Record<string, unknown>;
	inputVariables?: Record<string, unknown>;
	/** Goes on with these; such a client also comes back when it is asked to. */
	continuedSessions?: { id: string; serverseq: number; clientseq: number }[];
	/** When it is signed. */
	now?: () => number;
}

export interface AudiohookPlayOptions {
	/** In real time by this clock; else as fast as the socket takes it. */
	clock?: Clock;
	/** How many samples each message has, in turn; 200 ms unless said. */
	cuts?: (message: number) => number;
}

interface ServerMessage {
	version: string;
	type: string;
	id: string;
	seq: number;
	clientseq: number;
	parameters: { media?: AudiohookMedia[]; reason?: string; info?: string; outputVariables?: Record<string, string> };
}

/**
 * A client that behaves on the wire as Genesys Cloud does: it signs, counts, closes when it is asked to, and complains of what
 * a server must not do, as the vendor's own client does. Written from protocols.md 2.
 */
export interface AudiohookPeer {
	readonly socket: WebSocket;
	/** With what it was opened. */
	readonly headers: Readonly<Record<string, string>>;
	readonly sessionId: string;
	readonly conversationId: string;
	/** What the server said, in order. */
	readonly said: ServerMessage[];
	/** What it did wrong: nothing, if all is well. */
	readonly wrong: string[];
	/** Sound that came: for the customer of an Audio Connector, and never on a Monitor. [S3] */
	readonly received: Buffer[];
	/** What was chosen of the offer; none before `opened`. */
	readonly chosen: AudiohookMedia | undefined;
	/** How the socket was closed, and what the server had said before, if it asked for that. */
	readonly closed: Promise<{ code: number; reason: string; asked: ServerMessage['parameters'] | undefined }>;
	/** Sends `open`, and resolves when it was answered, or the connection is gone. */
	begin(): Promise<void>;
	/** Plays µ-law in the form that was chosen, its channels in their order. Resolves when all is sent. */
	play(customer: Uint8Array, agent?: Uint8Array, options?: AudiohookPlayOptions): Promise<void>;
	ping(): Promise<void>;
	pause(): void;
	/** The sound goes on; what came in between, in samples, was thrown away. */
	resume(discarded?: number): void;
	/** So many samples were thrown away. */
	discard(samples: number): void;
	/** A message of the protocol, rightly counted; `changes` make it wrong. */
	say(type: string, parameters?: object, changes?: object): void;
	send(raw: string | Uint8Array): void;
	/** The conversation is over: `close`, and the server's `closed` is awaited. */
	hangUp(reason?: 'end' | 'error'): Promise<void>;
	/** The connection is gone without a word. */
	drop(): void;
	/** Resolves when the server has handled everything sent so far. */
	settled(): Promise<void>;
}

const rate = 8000;
const entry = (...channels: string[]): AudiohookMedia => ({ type: 'audio', format: 'PCMU', channels, rate });

/** Rejects with `UpgradeRefused`. */
export async function audiohookPeer(options: AudiohookPeerOptions): Promise<AudiohookPeer> {
	const { kind = 'monitor', sessionId = randomUUID(), organizationId = randomUUID() } = options;
	const conversationId = options.conversationId ?? randomUUID();
	const path = kind === 'monitor' ? '/telephony/audiohook' : '/telephony/audiohook/connector';
	const given: Record<string, string | undefined> = {
		'audiohook-organization-id': organizationId,
		'audiohook-session-id': sessionId,
		'audiohook-correlation-id': randomUUID(),
		'x-api-key': options.key,
	};
	const authority = options.authority ?? new URL(options.address).host;
	if (options.secret)
		Object.assign(given, signed({ ...given, '@request-target': path, '@authority': authority }, options));
	const headers = Object.fromEntries(
		Object.entries({ ...given, ...options.headers }).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, value]],
		),
	);
	const socket = new WebSocket(`${options.address.replace(/^http/, 'ws')}${path}`, { headers });

	const said: ServerMessage[] = [];
	const wrong: string[] = [];
	const received: Buffer[] = [];
	let [seq, serverseq, place, pings] = [0, 0, 0, 0];
	let chosen: AudiohookMedia | undefined;
	let asked: ServerMessage['parameters'] | undefined;
	let isClosing = false;
	let waiting: { for: string[]; resolve: () => void }[] = [];
	const answered = (...types: string[]) =>
		new Promise<void>((resolve) => {
			if (socket.readyState !== socket.OPEN) return resolve();
			waiting.push({ for: types, resolve });
		});

	const say: AudiohookPeer['say'] = (type, parameters = {}, changes = {}) => {
		const position = `PT${place / rate}S`;
		const message = { version: '2', type, id: sessionId, seq: ++seq, serverseq, position, parameters };
		if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ ...message, ...changes }));
	};
	function close(reason: string) {
		if (isClosing) return;
		isClosing = true;
		say('close', { reason });
	}
	function complain(code: number, what: string) {
		wrong.push(what);
		say('error', { code, message: what });
		close('error');
	}
	socket.on('message', (data, isBinary) => {
		if (isBinary) {
			received.push(data as Buffer);
			if (kind === 'monitor') complain(415, 'a binary message');
			else if (!chosen) complain(400, 'sound before opened');
			return;
		}
		const message: ServerMessage = JSON.parse(data.toString());
		said.push(message);
		if (message.version !== '2' || message.id !== sessionId || typeof message.parameters !== 'object')
			complain(400, 'not a message of this session');
		if (message.seq !== serverseq + 1) complain(400, 'seq out of order');
		if (message.clientseq > seq) complain(400, 'clientseq of a message that was not sent');
		serverseq = message.seq;
		switch (message.type) {
			case 'opened':
				chosen = message.parameters.media?.[0];
				if (chosen && !offered.some((one) => JSON.stringify(one) === JSON.stringify(chosen)))
					complain(400, 'media that was not offered');
				break;
			case 'pong':
				if (pings === 0) complain(409, 'an unasked pong');
				else pings--;
				break;
			case 'disconnect':
				asked = message.parameters;
				close('disconnect');
				break;
			case 'reconnect':
				asked = message.parameters;
				if (options.continuedSessions) close('reconnect');
				break;
			case 'closed':
				if (!isClosing) wrong.push('an unasked closed');
				socket.close(1000);
				break;
			case 'event':
			case 'updated':
				break;
			default:
				complain(405, 'an unknown message');
		}
		waiting = waiting.filter((one) => {
			if (!one.for.includes(message.type)) return true;
			one.resolve();
			return false;
		});
	});
	const closed = new Promise<Awaited<AudiohookPeer['closed']>>((resolve) => {
		socket.on('close', (code, reason) => {
			for (const one of waiting) one.resolve();
			resolve({ code, reason: reason.toString(), asked });
		});
	});
	await new Promise<void>((resolve, reject) => {
		socket.once('open', resolve);
		socket.once('error', reject);
		socket.once('unexpected-response', (_request, response) => {
			let body = '';
			response.on('data', (part) => {
				body += part;
			});
			response.on('end', () => {
				reject(new UpgradeRefused(response.statusCode ?? 0, body));
				socket.terminate();
			});
		});
	});
	// A connection that the server ends abruptly is part of what is tested.
	socket.on('error', () => {});
	const offered =
		options.media ??
		(kind === 'monitor' ? [entry('external', 'internal'), entry('external'), entry('internal')] : [entry('external')]);

	return {
		socket,
		headers,
		sessionId,
		conversationId,
		said,
		wrong,
		received,
		closed,
		get chosen() {
			return chosen;
		},
		begin() {
			const { ani = '+1-555-555-1234', dnis = '+1-800-555-6789', language, customConfig, inputVariables } = options;
			const opened = answered('opened', 'disconnect');
			say('open', {
				organizationId,
				conversationId,
				participant: { id: options.participantId ?? randomUUID(), ani, aniName: ani && 'John Doe', dnis },
				media: offered,
				...(language ? { language } : {}),
				...(customConfig ? { customConfig } : {}),
				...(inputVariables ? { inputVariables } : {}),
				...(options.continuedSessions ? { continuedSessions: options.continuedSessions } : {}),
			});
			return opened;
		},
		async play(customer, agent = new Uint8Array(), { clock, cuts = () => 1600 } = {}) {
			if (!chosen) return;
			const { channels, format } = chosen;
			const voices = channels.map((channel) => (channel === 'external' ? customer : agent));
			const width = format === 'PCMU' ? 1 : 2;
			const length = Math.max(...voices.map((voice) => voice.length));
			let message = 0;
			for (let from = 0; from < length && socket.readyState === socket.OPEN; ) {
				const samples = Math.min(cuts(message++), length - from);
				const bytes = Buffer.alloc(samples * voices.length * width);
				for (let at = 0; at < samples; at++)
					for (const [channel, voice] of voices.entries()) {
						const code = voice[from + at] ?? 0xff;
						const to = (at * voices.length + channel) * width;
						if (width === 1) bytes[to] = code;
						else bytes.writeInt16LE(ulawTable[code] as number, to);
					}
				socket.send(bytes);
				from += samples;
				place += samples;
				if (clock) await new Promise<void>((resolve) => clock.after((samples * 1000) / rate, resolve));
			}
		},
		async ping() {
			pings++;
			const pong = answered('pong');
			say('ping');
			await pong;
		},
		pause: () => say('paused'),
		resume(discarded = 0) {
			const start = `PT${place / rate}S`;
			place += discarded;
			say('resumed', { start, discarded: `PT${discarded / rate}S` });
		},
		discard(samples) {
			const start = `PT${place / rate}S`;
			place += samples;
			say('discarded', { start, discarded: `PT${samples / rate}S` });
		},
		say,
		send: (raw) => socket.send(raw),
		async hangUp(reason = 'end') {
			close(reason);
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

const components = [
	'@request-target',
	'@authority',
	'audiohook-organization-id',
	'audiohook-session-id',
	'audiohook-correlation-id',
	'x-api-key',
];

/** The two headers of a signature. */
function signed(
	values: Record<string, string | undefined>,
	{ key, secret = '', now = Date.now }: AudiohookPeerOptions,
): Record<string, string> {
	const created = Math.floor(now() / 1000);
	const nonce = randomBytes(16).toString('base64');
	const list = `(${components.map((one) => `"${one}"`).join(' ')})`;
	const parameters = `${list};keyid="${key}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${created + 30}`;
	const text = `${components.map((one) => `"${one}": ${values[one]}\n`).join('')}"@signature-params": ${parameters}`;
	const code = createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64');
	return { 'signature-input': `sig1=${parameters}`, signature: `sig1=:${code}:` };
}
