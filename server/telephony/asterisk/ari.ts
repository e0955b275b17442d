import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { WebSocket } from 'ws';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** What of Asterisk's events we look at; there is more in each. (rest-api/api-docs/events.json) */
const ChannelOf = Type.Object({ id: Type.String(), name: Type.Optional(Type.String()) });
export const AriEvent = Type.Object({
	type: Type.String(),
	channel: Type.Optional(ChannelOf),
	/** Of StasisStart. */
	args: Type.Optional(Type.Array(Type.String())),
	/** Of ChannelUserevent: what the dialplan said. */
	eventname: Type.Optional(Type.String()),
	userevent: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type AriEvent = Static<typeof AriEvent>;

export interface AriNeeds {
	url: string;
	user: string;
	password: string;
	app: string;
	clock: Clock;
	/** What Asterisk tells, in order. */
	event: (event: AriEvent) => void;
	/** The event socket is there, also again. */
	connected: () => void;
	/** It is gone, or was refused; why is our own text. It is tried again by itself. */
	lost: (why: string) => void;
}

export interface Ari {
	/** One request; resolves with what was answered, or rejects with `platform.…`. */
	ask(
		method: 'GET' | 'POST' | 'DELETE',
		path: string,
		query?: Readonly<Record<string, string>>,
		body?: object,
	): Promise<unknown>;
	/** The same where it does not matter whether there was anything to do. */
	try(...request: Parameters<Ari['ask']>): Promise<void>;
	close(): void;
}

/** Why the event socket is not there, where the password is wrong. */
export const deniedByAri = 'it answered 401';

/** How long one request may take: what is asked of a call on the line has to be there at once or not at all. */
const answerWithinMs = 3000;
/** Back to the event socket after it was lost: first, and at most. */
const againAfterMs = 500;
const againAtMostMs = 15_000;
/** Nothing, not even an answer to a ping, for so long: the socket is dead. */
const pingEveryMs = 10_000;
const maxEventBytes = 262_144;

/** Asterisk's REST interface (ARI): requests, and its events over a WebSocket that is opened again when it is lost. */
export function asteriskRestInterface({ url, user, password, app, clock, event, connected, lost }: AriNeeds): Ari {
	const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
	let socket: WebSocket | undefined;
	let stopWaiting = () => {};
	let tries = 0;
	let isClosed = false;

	async function ask(...[method, path, query = {}, body]: Parameters<Ari['ask']>): Promise<unknown> {
		const aborting = new AbortController();
		const stop = clock.after(answerWithinMs, () => aborting.abort());
		try {
			const answer = await fetch(`${url}/ari${path}?${new URLSearchParams(query)}`, {
				method,
				headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
				...(body ? { body: JSON.stringify(body) } : {}),
				signal: aborting.signal,
				// The password goes nowhere else.
				redirect: 'error',
			});
			const text = await answer.text();
			if (!answer.ok) throw refusalOf(answer.status, text);
			return text === '' ? undefined : JSON.parse(text);
		} catch (error) {
			throw error instanceof Refusal ? error : new Refusal('platform.unreachable');
		} finally {
			stop();
		}
	}

	function listen() {
		const query = new URLSearchParams({ app, subscribeAll: 'true' });
		const own = new WebSocket(`${url.replace(/^http/, 'ws')}/ari/events?${query}`, {
			headers: { authorization },
			maxPayload: maxEventBytes,
			followRedirects: false,
			handshakeTimeout: answerWithinMs,
		});
		socket = own;
		let isAlive = true;
		const stopPinging = clock.every(pingEveryMs, () => {
			if (!isAlive) return own.terminate();
			isAlive = false;
			if (own.readyState === WebSocket.OPEN) own.ping();
		});
		let why = 'the connection was lost';
		own.on('open', () => {
			tries = 0;
			connected();
		});
		own.on('pong', () => {
			isAlive = true;
		});
		own.on('unexpected-response', (_request, { statusCode }) => {
			why = `it answered ${statusCode}`;
			own.terminate();
		});
		own.on('message', (bytes: Buffer) => {
			isAlive = true;
			let told: unknown;
			try {
				told = JSON.parse(bytes.toString());
			} catch {
				return;
			}
			if (Value.Check(AriEvent, told)) event(told);
		});
		own.on('error', () => {});
		own.on('close', () => {
			stopPinging();
			if (isClosed || socket !== own) return;
			lost(why);
			stopWaiting = clock.after(Math.min(againAfterMs * 2 ** tries++, againAtMostMs), listen);
		});
	}
	listen();

	return {
		ask,
		async try(...request) {
			await ask(...request).catch(() => {});
		},
		close() {
			isClosed = true;
			stopWaiting();
			socket?.terminate();
		},
	};
}

/** What Asterisk answers when something is not there (any more): 404, but 400 for a channel that is to go into a bridge. (rest-api/api-docs/bridges.json) */
function refusalOf(status: number, text: string): Refusal {
	if (status === 401 || status === 403) return new Refusal('platform.denied');
	if (status === 404 || (status === 400 && /channel not found/i.test(text))) return new Refusal('platform.call-over');
	if (status === 503) return new Refusal('platform.busy');
	// It may have happened before the error did.
	if (status >= 500) return new Refusal('platform.unreachable');
	return new Refusal('platform.refused', String(status));
}
