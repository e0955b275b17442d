import { randomBytes, randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Ari } from '#server/telephony/asterisk/ari.ts';
import type { AwaitedLegs } from '#server/telephony/asterisk/awaited-legs.ts';
import { type Media, type MediaRoad, mediaWithinMs } from '#server/telephony/asterisk/media.ts';
import { mediaSocket } from '#server/telephony/asterisk/media-socket.ts';
import type { AsteriskConfig } from '#server/telephony/asterisk/settings.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

type Config = NonNullable<AsteriskConfig['asterisk']>;

/** Options of chan_websocket: control messages as JSON, and what we may send. */
const options = (direction: 'in' | 'both', more = '') => `f(json)${direction === 'in' ? 'd(in)' : ''}${more}`;

/** Asterisk dials our WebSocket, by a section of its websocket_client.conf; the leg is named in the address. */
export const dialledRoad = (config: Config, legs: AwaitedLegs): MediaRoad => ({
	await(direction, format) {
		const secret = randomBytes(16).toString('hex');
		return {
			...legs.expect(secret, format),
			query: {
				external_host: config.client,
				encapsulation: 'none',
				transport: 'websocket',
				connection_type: 'client',
				transport_data: options(direction, `v(leg=${secret})`),
			},
			made() {},
		};
	},
	async close() {},
});

/** We dial Asterisk's own WebSocket, whose address is known once it has made the channel. */
export const dialledOutRoad = (
	config: Config,
	ari: Ari,
	clock: Clock,
	failed: (error: unknown) => void,
): MediaRoad => ({
	await(direction, format) {
		const { promise: opened, resolve, reject } = Promise.withResolvers<Media>();
		opened.catch(() => {});
		let socket: WebSocket | undefined;
		const forget = () => {
			stop();
			reject(new Refusal('platform.no-line'));
			socket?.terminate();
		};
		const stop = clock.after(mediaWithinMs, forget);
		return {
			opened,
			forget,
			query: {
				external_host: 'INCOMING',
				encapsulation: 'none',
				transport: 'websocket',
				connection_type: 'server',
				transport_data: options(direction),
			},
			made(channelId) {
				const variable = { variable: 'MEDIA_WEBSOCKET_CONNECTION_ID' };
				ari
					.ask('GET', `/channels/${encodeURIComponent(channelId)}/variable`, variable)
					.then((answer) => {
						const id = (answer as { value?: unknown } | undefined)?.value;
						if (typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id)) throw new Refusal('platform.refused', 'no id');
						socket = new WebSocket(`${config.url.replace(/^http/, 'ws')}/media/${id}`, ['media'], {
							maxPayload: 131_072,
							followRedirects: false,
							handshakeTimeout: mediaWithinMs,
						});
						socket.on('error', forget);
						mediaSocket(socket, {
							clock,
							format,
							started(media) {
								stop();
								resolve(media);
							},
							over: forget,
							failed,
						});
					})
					.catch(forget);
			},
		};
	},
	async close() {},
});

/** Asterisk dials our AudioSocket; the leg is named by a UUID, which is also all that protects it. */
export const audioSocketRoad = (at: string, legs: AwaitedLegs, closed: () => Promise<void>): MediaRoad => ({
	await(_direction, format) {
		const id = randomUUID();
		return {
			...legs.expect(id.replaceAll('-', ''), format),
			query: { external_host: at, encapsulation: 'audiosocket', transport: 'tcp', data: id },
			made() {},
		};
	},
	close: closed,
});
