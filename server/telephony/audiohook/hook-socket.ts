import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { channelsOf } from '#server/telephony/audiohook/media.ts';
import {
	type Media,
	maxMessageBytes,
	type Open,
	readMessage,
	serverMessage,
} from '#server/telephony/audiohook/protocol.ts';
import {
	decide,
	type Follows,
	type Happens,
	newSession,
	openWithinMs,
	type SoundEnd,
} from '#server/telephony/audiohook/session.ts';
import { readSoundAndText } from '#server/telephony/hot-frames.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import { onWireFault } from '#server/telephony/wire-fault.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** A client sends a ping every five seconds: one that says nothing for so long is a dead connection. */
export const silentAfterMs = 30_000;

/** What a session that was announced is for. */
export interface Carried {
	/** For the log. */
	callId: string;
	/** The channels of one message of sound as µ-law, from this position on, in samples; to be copied. */
	heard(channels: readonly Uint8Array[], at: number): void;
	paused?(): void;
	unpaused?(): void;
	/** A key of the telephone; on an Audio Connector. Never logged. */
	pressed?(digit: string): void;
	/** The client has had too many messages: nothing is to be sent for so long. */
	slowDown?(ms: number): void;
	/** Nothing comes after this. */
	over(how: SoundEnd): void;
}

/** A session as whoever it was announced to may end it. */
export interface HookLine {
	/** Asks the client to close, by name; `why` is our own text. */
	leave(reason: CloseReason, why?: string): void;
	/** Its work is done: the Architect flow goes on, with these. */
	finish(outputVariables: Readonly<Record<string, string>>): void;
	/** What was said and not played yet is forgotten. */
	bargeIn(): void;
}

export interface HookSocketNeeds {
	clock: Clock;
	/** What the socket is on, to read sound from in front of `ws`. */
	connection?: Socket | undefined;
	/** By the headers of the upgrade. */
	sessionId: string;
	organizationId: string;
	/** Which entries of an offer are of use; all, unless given. */
	takes?: (media: Media) => boolean;
	/** There is a session of a call; without something to carry, it must have left or finished. */
	begin(open: Open, media: Media, line: HookLine): Carried | undefined;
	/** It has a call. */
	begun?: (() => void) | undefined;
	openWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
	/** The client said that something went wrong, by its code. */
	troubled?: ((code: number, callId: string | undefined) => void) | undefined;
	/** What the log should say of the session's end. */
	over?:
		| ((outcome: { callId: string | undefined; reason: SoundEnd | 'closed' | CloseReason; why: string }) => void)
		| undefined;
	/** An error of ours, not of the peer. */
	failed?: ((error: unknown) => void) | undefined;
}

/**
 * One AudioHook session on its socket: carries out what `decide` says. It sends text only, so nothing here can be heard. [S3]
 * Gives back what lets go because the server goes away; it resolves when the client has hung up or was hung up.
 */
export function hookSocket(socket: WebSocket, needs: HookSocketNeeds): HookLine & { drain(): Promise<void> } {
	const { clock, sessionId, organizationId } = needs;
	let session = newSession;
	let carried: Carried | undefined;
	let callId: string | undefined;
	let channels: ReturnType<typeof channelsOf> | undefined;
	let stopWaiting = clock.after(needs.openWithinMs ?? openWithinMs, () => happen({ type: 'late' }));
	/** Why it ends, for the log; the first reason counts. */
	let outcome: { reason: SoundEnd | 'closed' | CloseReason; why: string } | undefined;
	const gone = Promise.withResolvers<void>();
	const watch = silenceWatch(
		clock,
		() => needs.silentAfterMs ?? silentAfterMs,
		() => leave('silent'),
	);

	/** What follows may make something else happen: that waits for its turn. */
	const waiting: Happens[] = [];
	let isHappening = false;
	function happen(happens: Happens, sound?: Uint8Array) {
		waiting.push(happens);
		if (isHappening) return;
		isHappening = true;
		try {
			for (let one = waiting.shift(); one; one = waiting.shift()) {
				const { takes } = needs;
				const known = { sessionId, organizationId, nowMs: clock.now(), ...(takes ? { takes } : {}) };
				const decided = decide(session, one, known);
				session = decided.session;
				for (const follows of decided.follows) carryOut(follows, sound);
			}
		} finally {
			isHappening = false;
		}
	}

	function carryOut(follows: Follows, sound: Uint8Array | undefined) {
		switch (follows.do) {
			case 'send': {
				const { says, seq, clientseq } = follows;
				socket.send(serverMessage(says, sessionId, seq, clientseq));
				if (session.life.at === 'signaled' && 'info' in says.parameters)
					outcome ??= { reason: session.life.reason ?? 'done', why: says.parameters.info ?? '' };
				return;
			}
			case 'announce': {
				carried = needs.begin(follows.open, follows.media, line);
				callId = carried?.callId;
				if (carried) needs.begun?.();
				return happen({ type: 'admitted' });
			}
			case 'hear':
				channels ??= channelsOf(follows.media);
				return carried?.heard(channels(sound as Uint8Array), follows.at);
			case 'pause':
				return carried?.paused?.();
			case 'unpause':
				return carried?.unpaused?.();
			case 'press':
				return carried?.pressed?.(follows.digit);
			case 'slow-down':
				return carried?.slowDown?.(follows.ms);
			case 'note':
				return needs.troubled?.(follows.code, carried?.callId);
			case 'end': {
				outcome ??= { reason: follows.how, why: '' };
				const ending = carried;
				carried = undefined;
				return ending?.over(follows.how);
			}
			case 'wait':
				stopWaiting();
				stopWaiting = follows.ms === undefined ? () => {} : clock.after(follows.ms, () => happen({ type: 'late' }));
				return;
			case 'hang-up':
				outcome ??= { reason: follows.reason ?? 'closed', why: '' };
				if (follows.reason) hangUp(socket, follows.reason);
				else socket.close(1000);
		}
	}

	/** What a message handler throws reaches nobody's error handler: it must not get out. */
	function safely(bytes: Uint8Array, handle: () => void) {
		watch.heard();
		try {
			if (bytes.length > maxMessageBytes) return happen({ type: 'fault', reason: 'tooLarge', why: '' });
			handle();
		} catch (error) {
			needs.failed?.(error);
			leave('failed');
		}
	}
	readSoundAndText(socket, needs.connection, {
		sound: (bytes) => safely(bytes, () => happen({ type: 'sound', bytes: bytes.length }, bytes)),
		text: (bytes) =>
			safely(bytes, () => {
				const message = readMessage(bytes.toString());
				if ('wrong' in message) happen({ type: 'fault', reason: 'malformed', why: message.wrong });
				else happen({ type: 'message', message });
			}),
	});
	onWireFault(socket, (reason) => leave(reason));
	socket.on('close', () => {
		watch.stop();
		stopWaiting();
		happen({ type: 'gone' });
		gone.resolve();
		needs.over?.({ callId, ...(outcome ?? { reason: 'closed', why: '' }) });
	});

	const leave = (reason: CloseReason, why = '') => happen({ type: 'leave', reason, why });
	const line: HookLine = {
		leave,
		finish: (outputVariables) => happen({ type: 'finish', outputVariables }),
		bargeIn: () => happen({ type: 'barge-in' }),
	};
	return {
		...line,
		drain() {
			leave('draining');
			return gone.promise;
		},
	};
}
