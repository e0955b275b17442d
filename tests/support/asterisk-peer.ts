import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeUlaw, ulawTable } from '#shared/g711.ts';

/** How this Asterisk is to be. */
export interface AsteriskPeerOptions {
	/** Where it listens; a free port of this machine unless said. */
	host?: string;
	port?: number;
	user?: string;
	password?: string;
	/** Whoever comes is let in: for a Ycord that was set up for another one. */
	trusting?: boolean;
	/** What its websocket_client.conf has as `uri`, and the password there; without it, it is left to others to dial. */
	media?: () => { uri: string; key: string };
	/** The dialplan lacks the contexts of the guide. */
	withoutGuard?: boolean;
	/** Plain control messages, whatever was asked for: an Asterisk of before JSON. */
	plain?: boolean;
}

/** A channel, and what it says and hears in the tick that is on. */
interface Channel {
	id: string;
	kind: 'party' | 'snoop' | 'external' | 'guard';
	/** Of a snoop: whose, and what of it. */
	of?: string;
	spy?: string;
	bridge?: string | undefined;
	/** Of a guard: its variables. */
	guards?: Record<string, string>;
	/** Frames of ours that wait to be played, one a tick. */
	queue: Buffer[];
	/** Of an external channel: what its sound is coded in on the way. */
	format?: string;
	/** Of an external channel: to us, and away. Without a direction we may speak. */
	send?: (frame: Uint8Array) => void;
	hangUp?: () => void;
	settle?: () => Promise<void>;
	hears?: boolean;
	says: Uint8Array | undefined;
}

/** A status, or the answer never comes, or is lost on the way though it was done. */
export type Refusing = number | 'no answer' | 'answer lost';

/** One request to the REST interface. */
export interface AriRequest {
	method: string;
	path: string;
	query: URLSearchParams;
	body: () => Promise<string>;
}

/**
 * Asterisk's REST interface, events and media channels, written from its source and its rest-api documents: snoops and bridges that mix, tick by tick, in
 * the test's hand. Inside it is all µ-law, of 8 kHz or 16, and on the way to us what was asked for. What is not modelled: dialplan, codecs, anything between channels and telephones.
 */
export interface AsteriskPeer {
	readonly url: string;
	readonly requests: readonly AriRequest[];
	/** Puts a party on the line; `bridge` is one of an application of somebody else's. */
	party(id: string, bridge: string): void;
	/** The dialplan's word that a call is to be listened to. */
	userEvent(channel: string, fields: Record<string, string>): void;
	/** An event, or any text instead of one. */
	tell(event: object | string): void;
	hangUp(channel: string): void;
	/** 20 ms go by: each party says this, everybody hears what is in their bridge. Gives back whom the customer heard. */
	tick(says: Readonly<Record<string, Uint8Array>>): Map<string, readonly string[]>;
	/** Resolves when all that was sent to us on media is here. */
	settled(): Promise<void>;
	when(holds: () => boolean): Promise<void>;
	readonly channels: readonly string[];
	readonly bridges: readonly { id: string; channels: readonly string[] }[];
	/** Frames of ours in the queue of external channels. */
	readonly unplayed: number;
	/** Some seconds go by: guards whose executive is gone bring their agents back, as the guide's dialplan does. */
	guardLooks(): void;
	/** Breaks the media connections, as a network does. */
	breakMedia(): void;
	/** The event socket is cut; it may be opened again. */
	breakEvents(): void;
	/** How requests that fit are answered from now on, instead of being done; nothing: as usual again. */
	refuse(how: Refusing | undefined, fits?: (request: AriRequest) => boolean): void;
	/** Calls `look` whenever anything may have changed, until the function it gives back is called. */
	watch(look: () => void): () => void;
	/** How each media socket that we opened was closed. */
	readonly mediaClosed: Promise<{ code: number; reason: string }>[];
	/** The media sockets we opened. */
	readonly mediaSockets: WebSocket[];
	close(): Promise<void>;
}

export async function asteriskPeer(options: AsteriskPeerOptions = {}): Promise<AsteriskPeer> {
	const { user = 'ycord', password = 'secret-of-ari' } = options;
	const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
	const channels = new Map<string, Channel>();
	const bridges = new Map<string, { id: string }>();
	const requests: AriRequest[] = [];
	const waiting = new Set<() => void>();
	const incoming = new Map<string, Channel>();
	const mediaClosed: Promise<{ code: number; reason: string }>[] = [];
	const mediaSockets: WebSocket[] = [];
	const tcp = new Set<Socket>();
	let refusing: { how: Refusing; fits: (request: AriRequest) => boolean } | undefined;
	const changed = () => {
		for (const look of [...waiting]) look();
	};

	const isKnown = (request: IncomingMessage) => options.trusting || request.headers.authorization === authorization;
	const server = createServer((request, response) => void answer(request, response));
	const sockets = new WebSocketServer({ noServer: true });
	const eventSockets = new Set<WebSocket>();
	server.on('upgrade', (request, socket, head) => {
		const url = new URL(request.url ?? '', 'http://x');
		const media = /^\/media\/(.+)$/.exec(url.pathname)?.[1];
		if (url.pathname === '/ari/events' && isKnown(request))
			return sockets.handleUpgrade(request, socket, head, (one) => {
				eventSockets.add(one);
				one.on('close', () => eventSockets.delete(one));
				changed();
			});
		const channel = media === undefined ? undefined : incoming.get(media);
		if (url.pathname === '/ari/events') return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
		if (!channel || !media) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
		incoming.delete(media);
		sockets.handleUpgrade(request, socket, head, (one) => overSocket(channel, one));
	});
	const { host = '127.0.0.1' } = options;
	server.listen(options.port ?? 0, host);
	await once(server, 'listening');
	const bound = server.address();
	const url = `http://${host}:${typeof bound === 'object' && bound ? bound.port : 0}`;

	function tell(event: object | string) {
		const text = typeof event === 'string' ? event : JSON.stringify({ application: 'ycord', ...event });
		for (const socket of eventSockets) socket.send(text);
	}
	const stasisStart = (channel: Channel) => tell({ type: 'StasisStart', args: [], channel: { id: channel.id } });

	function hangUp(id: string) {
		const channel = channels.get(id);
		if (!channel) return;
		channels.delete(id);
		channel.hangUp?.();
		for (const one of [...channels.values()]) if (one.of === id) hangUp(one.id);
		tell({ type: 'ChannelDestroyed', cause: 16, channel: { id } });
		changed();
	}

	/** chan_websocket on an open socket, of whichever side. */
	function overSocket(channel: Channel, socket: WebSocket) {
		const { format = 'ulaw' } = channel;
		const size = format === 'slin16' ? 640 : format === 'slin' ? 320 : 160;
		const start = { format, optimal_frame_size: size, ptime: 20 };
		if (options.plain)
			socket.send(
				`MEDIA_START connection_id:ycord channel:WebSocket/x channel_id:${channel.id} format:${format} optimal_frame_size:${size} ptime:20`,
			);
		else
			socket.send(JSON.stringify({ event: 'MEDIA_START', connection_id: 'ycord', channel_id: channel.id, ...start }));
		socket.on('message', (bytes: Buffer, isBinary) => {
			if (isBinary && channel.hears) channel.queue.push(format.startsWith('slin') ? ulawOf(bytes) : bytes);
		});
		socket.on('error', () => {});
		socket.on('close', () => hangUp(channel.id));
		channel.send = (frame) => socket.send(format.startsWith('slin') ? linearOf(frame) : frame);
		channel.hangUp = () => socket.close(1000);
		channel.settle = () =>
			new Promise((resolve) => {
				if (socket.readyState !== WebSocket.OPEN) return resolve();
				const settled = () => {
					socket.off('pong', settled).off('close', settled);
					resolve();
				};
				socket.once('pong', settled).once('close', settled);
				socket.ping();
			});
		mediaSockets.push(socket);
		mediaClosed.push(
			new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))),
		);
		changed();
	}

	async function external(query: URLSearchParams, id: string): Promise<object> {
		const format = query.get('format') ?? 'ulaw';
		const channel: Channel = { id, kind: 'external', format, queue: [], says: undefined };
		const wanted = query.get('transport_data') ?? '';
		channel.hears = !wanted.includes('d(in)');
		channels.set(id, channel);
		if (query.get('encapsulation') === 'audiosocket') {
			const [, host = '', port] = /^(.*):(\d+)$/.exec(query.get('external_host') ?? '') ?? [];
			const socket = connect(Number(port), host);
			tcp.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => hangUp(id));
			await once(socket, 'connect');
			const uuid = Buffer.from((query.get('data') ?? '').replaceAll('-', ''), 'hex');
			socket.write(Buffer.concat([Buffer.from([1, 0, 16]), uuid]));
			const kind = channel.format === 'slin16' ? 0x12 : 0x10;
			channel.send = (frame) => {
				const payload = linearOf(frame);
				socket.write(Buffer.concat([Buffer.from([kind, payload.length >> 8, payload.length & 0xff]), payload]));
			};
			channel.hangUp = () => void socket.end(Buffer.from([0, 0, 0]));
		} else if (query.get('connection_type') === 'server') {
			incoming.set(`${id}-uuid`.replace(/[^\w-]/g, ''), channel);
		} else if (options.media) {
			const { uri, key } = options.media();
			const more = /v\(([^)]*)\)/.exec(wanted)?.[1]?.replaceAll(',', '&') ?? '';
			const socket = new WebSocket(`${uri}?${more}`, ['media'], {
				headers: { authorization: `Basic ${Buffer.from(`ycord:${key}`).toString('base64')}` },
			});
			socket.on('error', () => {});
			await Promise.race([once(socket, 'open'), once(socket, 'close')]).catch(() => {});
			if (socket.readyState === WebSocket.OPEN) overSocket(channel, socket);
		}
		stasisStart(channel);
		return { id };
	}

	async function answer(request: IncomingMessage, response: ServerResponse) {
		const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://x');
		const [, , kind = '', id = '', verb = ''] = pathname.split('/').map(decodeURIComponent);
		const path = pathname.replace(/^\/ari/, '');
		const body = text(request);
		const one: AriRequest = { method: request.method ?? '', path, query, body: () => body };
		requests.push(one);
		changed();
		const reply = (status: number, body?: object) => {
			if (status < 300 && refusing?.how === 'answer lost' && refusing.fits(one)) {
				changed();
				request.socket.destroy();
				return;
			}
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(body ? JSON.stringify(body) : '');
			changed();
		};
		if (!isKnown(request)) return reply(401, { message: 'Authentication required' });
		const how = refusing?.fits(one) ? refusing.how : undefined;
		if (how === 'no answer') return;
		if (typeof how === 'number')
			return reply(how, { message: how === 400 ? 'Channel not found' : 'refused by the test' });
		const { method } = one;
		if (kind === 'channels') {
			if (method === 'GET' && id === '') return reply(200, [...channels.values()].map(({ id }) => ({ id })) as object);
			if (method === 'POST' && id === '') {
				const guard = query.get('channelId') ?? '';
				const { variables: guards } = JSON.parse(await body) as { variables: Record<string, string> };
				channels.set(guard, { id: guard, kind: 'guard', queue: [], says: undefined, guards });
				reply(200, { id: guard });
				if (query.get('endpoint') !== 'Local/s@ycord-guard/n' || options.withoutGuard) return hangUp(guard);
				return stasisStart(channels.get(guard) as Channel);
			}
			if (id === 'externalMedia') return reply(200, await external(query, query.get('channelId') ?? randomUUID()));
			const channel = channels.get(id);
			if (!channel) return reply(404, { message: 'Channel not found' });
			if (method === 'GET' && verb === '') return reply(200, { id });
			if (method === 'DELETE') hangUp(id);
			else if (verb === 'variable') return reply(200, { value: `${id}-uuid`.replace(/[^\w-]/g, '') });
			else if (verb === 'continue') {
				channel.bridge = undefined;
				tell({ type: 'StasisEnd', channel: { id } });
			} else if (verb === 'snoop') {
				const snoop: Channel = {
					id: pathname.split('/').at(-1) ?? '',
					kind: 'snoop',
					of: id,
					spy: query.get('spy') ?? '',
					queue: [],
					says: undefined,
				};
				channels.set(snoop.id, snoop);
				reply(200, { id: snoop.id });
				return stasisStart(snoop);
			} else return reply(404);
			return reply(204);
		}
		// There as long as somebody hears its events.
		if (kind === 'applications') return reply(eventSockets.size > 0 && id === 'ycord' ? 200 : 404, { name: id });
		if (kind === 'bridges') {
			const members = (of: string) => [...channels.values()].filter(({ bridge }) => bridge === of).map(({ id }) => id);
			if (method === 'GET')
				return reply(200, [...bridges.values()].map(({ id }) => ({ id, channels: members(id) })) as object);
			if (method === 'POST' && verb === '') {
				bridges.set(id, { id });
				return reply(200, { id });
			}
			if (!bridges.has(id)) return reply(404, { message: 'Bridge not found' });
			if (method === 'DELETE') {
				bridges.delete(id);
				for (const channel of channels.values()) if (channel.bridge === id) channel.bridge = undefined;
			} else if (verb === 'addChannel' || verb === 'removeChannel') {
				for (const name of (query.get('channel') ?? '').split(',')) {
					const channel = channels.get(name);
					if (!channel) return reply(400, { message: 'Channel not found' });
					if (verb === 'addChannel') channel.bridge = id;
					else if (channel.bridge === id) channel.bridge = undefined;
				}
			} else if (verb !== 'moh') return reply(404);
			return reply(204);
		}
		reply(404);
	}

	/** What these say together; of one alone it is that, byte for byte, and of nobody nothing. */
	function mixed(parts: readonly Uint8Array[]): Uint8Array | undefined {
		const [first, ...others] = parts;
		if (!first || others.length === 0) return first;
		return Uint8Array.from(first, (_, n) => {
			const sum = parts.reduce((all, part) => all + (ulawTable[part[n] as number] as number), 0);
			return encodeUlaw(Math.max(-32_768, Math.min(32_767, sum)));
		});
	}
	const saying = (channel: Channel) => channel.says;
	const othersIn = (channel: Channel) =>
		[...channels.values()].filter(
			(one) => one !== channel && one.bridge !== undefined && one.bridge === channel.bridge,
		);
	const heardBy = (channel: Channel) => mixed(othersIn(channel).flatMap((one) => saying(one) ?? []));

	return {
		url,
		requests,
		party(id, bridge) {
			if (!bridges.has(bridge)) bridges.set(bridge, { id: bridge });
			channels.set(id, { id, kind: 'party', bridge, queue: [], says: undefined });
		},
		userEvent(channel, fields) {
			const userevent = { eventname: 'YcordListen', ...fields };
			tell({ type: 'ChannelUserevent', eventname: 'YcordListen', channel: { id: channel }, userevent });
		},
		tell,
		hangUp,
		tick(says) {
			for (const channel of channels.values())
				channel.says =
					channel.kind === 'party' ? says[channel.id] : channel.kind === 'external' ? channel.queue.shift() : undefined;
			const silence = new Uint8Array(Object.values(says)[0]?.length ?? 160).fill(0xff);
			// A snoop says what its party says or hears, which has to be known before.
			for (const snoop of channels.values()) {
				const party = snoop.kind === 'snoop' ? channels.get(snoop.of ?? '') : undefined;
				if (party) snoop.says = (snoop.spy === 'in' ? party.says : heardBy(party)) ?? silence;
			}
			const heard = new Map<string, readonly string[]>();
			for (const channel of channels.values()) {
				if (channel.kind === 'party')
					heard.set(
						channel.id,
						othersIn(channel).flatMap((one) => (one.says ? [one.id] : [])),
					);
				const sound = channel.kind === 'external' ? heardBy(channel) : undefined;
				if (sound) channel.send?.(sound);
			}
			return heard;
		},
		async settled() {
			await Promise.all([...channels.values()].map(({ settle }) => settle?.()));
		},
		when: (holds) =>
			new Promise((resolve) => {
				const look = () => {
					if (!holds()) return;
					waiting.delete(look);
					resolve();
				};
				waiting.add(look);
				look();
			}),
		get channels() {
			return [...channels.keys()];
		},
		get bridges() {
			return [...bridges.keys()].map((id) => ({
				id,
				channels: [...channels.values()].filter(({ bridge }) => bridge === id).map((one) => one.id),
			}));
		},
		get unplayed() {
			return [...channels.values()].reduce((sum, { queue }) => sum + queue.length, 0);
		},
		guardLooks() {
			for (const { guards } of [...channels.values()]) {
				const agent = channels.get(guards?.__YCORD_AGENT ?? '');
				const customer = channels.get(guards?.__YCORD_CUSTOMER ?? '');
				if (!agent || !customer || channels.has(guards?.__YCORD_EXECUTIVE ?? '')) continue;
				agent.bridge = customer.bridge;
			}
			changed();
		},
		breakMedia() {
			for (const socket of mediaSockets) socket.terminate();
			for (const socket of tcp) socket.destroy();
		},
		breakEvents() {
			for (const socket of eventSockets) socket.terminate();
		},
		refuse(how, fits = () => true) {
			refusing = how === undefined ? undefined : { how, fits };
		},
		watch(look) {
			waiting.add(look);
			return () => waiting.delete(look);
		},
		mediaClosed,
		mediaSockets,
		async close() {
			for (const socket of [...eventSockets, ...mediaSockets]) socket.terminate();
			for (const socket of tcp) socket.destroy();
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

/** 16-bit samples, little-endian, and back. */
function linearOf(frame: Uint8Array): Buffer {
	const bytes = Buffer.alloc(frame.length * 2);
	for (const [n, code] of frame.entries()) bytes.writeInt16LE(ulawTable[code] as number, 2 * n);
	return bytes;
}
const ulawOf = (bytes: Buffer) =>
	Buffer.from(Array.from({ length: bytes.length >> 1 }, (_, n) => encodeUlaw(bytes.readInt16LE(2 * n))));
