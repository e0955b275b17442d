import { Compile } from 'typebox/compile';
import type { WebSocket } from 'ws';
import { type Bucket, tokenBucket } from '#server/live/token-bucket.ts';
import { type CloseReason, closeCodes } from '#shared/close-codes.ts';
import { heartbeatMs, liveLimits, liveVersion, type ToClient, ToServer } from '#shared/live.ts';
import { type RefusalCode, refusals } from '#shared/refusals.ts';

/** Hangs up by name. A socket that is already closing is left alone. */
export function hangUp(socket: WebSocket, reason: CloseReason, detail?: string): void {
	const { code, text } = closeCodes[reason];
	// A close reason holds at most 123 bytes. (RFC 6455, 5.5)
	socket.close(
		code,
		Buffer.from(detail ? `${text}: ${detail}` : text)
			.subarray(0, 123)
			.toString('utf8')
			.replace(/\ufffd+$/u, ''),
	);
}

/** What a connection does with what it is told; the socket's life around it is this file's. */
export interface Speaking {
	message(message: Exclude<ToServer, { type: 'hello' } | { type: 'ping' }>): void;
	closed(): void;
}

/** Bytes that may wait for a slow reader. Rows cannot be dropped, so the reader is sent away and resumes. [B1] */
const maxWaitingBytes = 1_000_000;
const schema = Compile(ToServer);

/** What a live connection needs. `greeted` is called once, after a good hello. */
export interface ConnectionNeeds {
	socket: WebSocket;
	now: () => number;
	welcome: () => ToClient;
	greeted: (say: (message: ToClient) => void) => Speaking;
	refused: (code: RefusalCode) => void;
}

/** A connection under watch. */
export interface LiveConnection {
	/** Called now and then: hangs up on a peer that has been silent for three heartbeats. */
	look(nowMs: number): void;
	leave(reason: CloseReason): void;
}

/**
 * One live socket's life: greeting → open → leaving. Every message is checked against the schema before anything else
 * sees it. PROTOCOL.md [W1]–[W9].
 */
export function liveConnection({ socket, now, welcome, greeted, refused }: ConnectionNeeds): LiveConnection {
	let at: { state: 'greeting' } | { state: 'open'; speaking: Speaking } | { state: 'leaving' } = { state: 'greeting' };
	let heardAtMs = now();
	const bucket: Bucket = tokenBucket(liveLimits.messagesPerSecond, liveLimits.burst, now);

	const say = (message: ToClient) => {
		if (socket.readyState !== socket.OPEN) return;
		if (socket.bufferedAmount > maxWaitingBytes) return leave('tooSlow');
		socket.send(JSON.stringify(message));
	};
	const leave = (reason: CloseReason, detail?: string) => {
		if (at.state === 'open') at.speaking.closed();
		at = { state: 'leaving' };
		hangUp(socket, reason, detail);
	};
	const refuse = (code: RefusalCode, detail: string, id?: string) => {
		refused(code);
		const { text, retry } = refusals[code];
		say({
			type: 'refused',
			...(id ? { id } : {}),
			refusal: { code, message: text.replace('{detail}', detail), retry },
		});
	};

	socket.on('message', (data: Buffer, isBinary: boolean) => {
		if (at.state === 'leaving') return;
		heardAtMs = now();
		if (!bucket.take()) return leave('tooMany');
		if (isBinary) return leave('malformed', 'the live socket carries text');
		if (data.length > liveLimits.messageBytes) return leave('tooLarge', `at most ${liveLimits.messageBytes} bytes`);
		let message: unknown;
		try {
			message = JSON.parse(data.toString('utf8'));
		} catch {
			return leave('malformed', 'not JSON');
		}
		if (!schema.Check(message)) return misunderstood(message);
		if (message.type === 'ping') return say({ type: 'pong', at: message.at, serverMs: now() });
		if (message.type === 'hello') {
			if (at.state !== 'greeting') return leave('malformed', 'a second hello');
			if (message.version !== liveVersion) return leave('version', `this server speaks ${liveVersion}`);
			say(welcome());
			at = { state: 'open', speaking: greeted(say) };
			return;
		}
		if (at.state === 'greeting') return leave('malformed', 'the first message must be hello');
		at.speaking.message(message);
	});
	socket.on('error', () => {
		// What broke is told by the close that follows: 1009 for a message over the limit, 1007 for text that is not UTF-8.
	});
	socket.on('close', () => {
		if (at.state === 'open') at.speaking.closed();
		at = { state: 'leaving' };
	});

	/** A message of a known kind that is wrong inside is refused and the connection goes on; anything else is not our protocol. */
	function misunderstood(message: unknown) {
		const { type, id } = (message ?? {}) as { type?: unknown; id?: unknown };
		const known = type === 'ask' || type === 'watch' || type === 'unwatch';
		if (at.state !== 'open' || !known) return leave('malformed', 'unknown message');
		const [first] = schema.Errors(message);
		refuse(
			'request.malformed',
			`${type}${first?.instancePath ?? ''}`.slice(0, 80),
			typeof id === 'string' ? id.slice(0, 60) : undefined,
		);
	}

	return {
		look(nowMs) {
			if (at.state !== 'leaving' && nowMs - heardAtMs > heartbeatMs * 3) leave('silent');
		},
		leave,
	};
}
