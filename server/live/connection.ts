import { Compile } from 'typebox/compile';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { misfit } from '#server/live/misfit.ts';
import { type Bucket, tokenBucket } from '#server/live/token-bucket.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { heartbeatMs, liveLimits, liveVersion, type ToClient, ToServer } from '#shared/live.ts';
import { type RefusalCode, refusals } from '#shared/refusals.ts';

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
	/** An error of ours while a message was handled, not of the peer. */
	failed: (error: unknown) => void;
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
export function liveConnection(needs: ConnectionNeeds): LiveConnection {
	const { socket, now, welcome, greeted, refused, failed } = needs;
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
	const refuse = (code: RefusalCode, detail: string, of: { id?: string; watch?: string }) => {
		refused(code);
		const { text, retry } = refusals[code];
		say({ type: 'refused', ...of, refusal: { code, message: text.replace('{detail}', () => detail), retry } });
	};

	socket.on('message', (data: Buffer, isBinary: boolean) => {
		if (at.state === 'leaving') return;
		heardAtMs = now();
		// What a message handler throws reaches nobody's error handler: it must not get out.
		try {
			receive(data, isBinary);
		} catch (error) {
			failed(error);
			leave('failed');
		}
	});
	socket.on('error', () => {
		// What broke is told by the close that follows: 1009 for a message over the limit, 1007 for text that is not UTF-8.
	});
	socket.on('close', () => {
		if (at.state === 'open') at.speaking.closed();
		at = { state: 'leaving' };
	});

	function receive(data: Buffer, isBinary: boolean) {
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
		if (message.type === 'hello') {
			if (at.state !== 'greeting') return leave('malformed', 'a second hello');
			if (message.version !== liveVersion) return leave('version', `this server speaks ${liveVersion}`);
			say(welcome());
			at = { state: 'open', speaking: greeted(say) };
			return;
		}
		if (at.state !== 'open') return leave('malformed', 'the first message must be hello');
		if (message.type === 'ping') return say({ type: 'pong', at: message.at, serverMs: now() });
		at.speaking.message(message);
	}

	/** A message of a known kind that is wrong inside is refused and the connection goes on; anything else is not our protocol. */
	function misunderstood(message: unknown) {
		const fields = (message ?? {}) as Record<string, unknown>;
		const { type, id, watch } = fields;
		const known =
			type === 'ask' ||
			type === 'watch' ||
			type === 'unwatch' ||
			type === 'ping' ||
			type === 'writing' ||
			type === 'look';
		if (at.state !== 'open' || !known) return leave('malformed', 'unknown message');
		refuse('request.malformed', misfit(fields).slice(0, 80), {
			...(typeof id === 'string' ? { id: id.slice(0, 60) } : {}),
			...(typeof watch === 'string' ? { watch: watch.slice(0, 60) } : {}),
		});
	}

	return {
		look(nowMs) {
			if (at.state !== 'leaving' && nowMs - heardAtMs > heartbeatMs * 3) leave('silent');
		},
		leave,
	};
}
