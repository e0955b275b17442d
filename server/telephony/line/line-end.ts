import type { Socket } from 'node:net';
import { Value } from 'typebox/value';
import type { WebSocket } from 'ws';
import { type Outbox, outbox, soundOver } from '#server/audio/outbox.ts';
import { hangUp } from '#server/hang-up.ts';
import { readSoundAndText } from '#server/telephony/hot-frames.ts';
import { lead } from '#server/telephony/line/lead.ts';
import { microphoneClock } from '#server/telephony/line/microphone-clock.ts';
import { voiceClock } from '#server/telephony/line/voice-clock.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import { decodeSound, encodeSound, frameBytes, frameMs, type Leg, lineCodec } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { FromLineEnd, type LineTold, lineLimits, type ToLineEnd } from '#shared/line.ts';

export type End = 'customer' | 'agent';

/** What one end's connection brings, once it is known to be in order. */
export interface FromEnd {
	/** One to three frames of this end's leg, on its microphone's clock. The bytes must be copied. */
	sound(samples: Uint8Array, mediaMs: number): void;
	said(message: Exclude<FromLineEnd, { type: 'ping' }>): void;
	/** The connection is over, by its own doing or ours. Nothing comes after this. */
	left(reason: CloseReason | 'dropped'): void;
	/** An error of ours, not of the peer. */
	failed(error: unknown): void;
}

/** One end's connection, as its line holds it. */
export interface LineEnd {
	/** Nothing is sent if this is what was told last. */
	tell(line: LineTold): void;
	/** The other end's sound, since the call's start. */
	hear(leg: Leg, samples: Uint8Array, callMs: number): void;
	/** Forgets sound that was not sent yet. */
	hush(): void;
	/** Where this end's sound belongs on the call's time line; ms. */
	place(mediaMs: number, lengthMs: number, callMs: number): number;
	/** How far that is ahead of the wall clock by now; ms. */
	readonly leadMs: number;
	/** 20 ms of the executive, due now. The tab plays nothing that lies half a second beside what it plays: so it is put beside the other end's sound. */
	hearVoice(frame: Uint8Array, callMs: number, otherLeadMs: number): void;
	/** Hangs up without `left`. */
	leave(reason: CloseReason): void;
}

/** More text than this, not taken by the tab: it does not read any more. */
const maxUnsentBytes = 65_536;

/**
 * Reads one end's socket, message by message, and hangs up by name on what does not belong there. Sound is read in front
 * of `ws` where what the socket is on is given.
 */
export function lineEnd(
	socket: WebSocket,
	connection: Socket | undefined,
	end: End,
	clock: Clock,
	from: FromEnd,
): LineEnd {
	const sound: Outbox = outbox(soundOver(socket));
	const microphone = microphoneClock();
	const ahead = lead();
	const voice = voiceClock();
	let told: LineTold['state'] | undefined;
	let toldLast = '';
	let sequence = 0;
	let over = false;
	const watch = silenceWatch(
		clock,
		() => (told === 'talking' ? lineLimits.silentWhileTalkingMs : lineLimits.silentMs),
		() => refuse('silent'),
	);

	/** When the messages so far would have been due at the allowed pace: the burst is how far that may lie ahead. */
	const paceMs = 1000 / lineLimits.messagesPerSecond;
	let dueMs = 0;
	function isTooMany(count: number): boolean {
		dueMs = Math.max(dueMs, clock.now() - lineLimits.burst * paceMs) + count * paceMs;
		return dueMs > clock.now();
	}

	function finish() {
		over = true;
		watch.stop();
		sound.clear();
	}
	function refuse(reason: CloseReason, why?: string) {
		if (over) return;
		finish();
		hangUp(socket, reason, why);
		from.left(reason);
	}

	function readSound(bytes: Uint8Array) {
		const message = decodeSound(bytes);
		// A message of three frames counts as three: sound cannot be sent faster than it is spoken for long.
		if (isTooMany(typeof message === 'string' ? 1 : message.frames)) return refuse('tooMany');
		if (message === 'version') return refuse('version');
		if (typeof message === 'string') return refuse('malformed', `sound message: ${message}`);
		if (message.codec !== lineCodec) return refuse('malformed', 'sound message: codec');
		const own = message.parts[end];
		if (!own || Object.keys(message.parts).length > 1) return refuse('forbidden', `this end sends the ${end} leg only`);
		from.sound(own, message.mediaMs);
	}

	function readText(bytes: Buffer) {
		if (isTooMany(1)) return refuse('tooMany');
		if (bytes.length > lineLimits.textBytes) return refuse('tooLarge');
		let message: unknown;
		try {
			message = JSON.parse(bytes.toString());
		} catch {
			return refuse('malformed', 'not JSON');
		}
		if (!Value.Check(FromLineEnd, message)) return refuse('malformed', 'no message of a line');
		if (end === 'customer' && (message.type === 'hold' || message.type === 'resume'))
			return refuse('forbidden', 'only the agent puts a call on hold');
		if (end === 'agent' && message.type === 'withdraw') return refuse('forbidden', 'only the customer withdraws');
		if (message.type !== 'ping') return from.said(message);
		if (socket.bufferedAmount > maxUnsentBytes) return refuse('tooSlow');
		send({ type: 'pong', at: message.at, serverMs: Math.round(clock.now()) });
	}

	const send = (message: ToLineEnd) => socket.send(JSON.stringify(message));

	/** What a message handler throws reaches nobody's error handler: it must not get out. */
	function heard<Bytes>(read: (bytes: Bytes) => void, bytes: Bytes) {
		if (over) return;
		watch.heard();
		try {
			read(bytes);
		} catch (error) {
			from.failed(error);
			refuse('failed');
		}
	}
	readSoundAndText(socket, connection, {
		sound: (bytes) => heard(readSound, bytes),
		text: (bytes) => heard(readText, bytes),
	});
	socket.on('close', () => {
		if (over) return;
		finish();
		from.left('dropped');
	});

	function hear(leg: Leg, samples: Uint8Array, callMs: number) {
		if (over) return;
		const frames = samples.length / frameBytes(lineCodec);
		const serverMs = Math.round(clock.now());
		const header = { codec: lineCodec, frames, sequence: sequence++, mediaMs: callMs, serverMs } as const;
		sound.send(encodeSound(header, { [leg]: samples }), frames * frameMs);
	}

	return {
		tell(line) {
			const text = JSON.stringify(line);
			if (over || toldLast === text) return;
			toldLast = text;
			if (told !== line.state) watch.heard();
			told = line.state;
			socket.send(text);
		},
		hear,
		hearVoice: (frame, callMs, otherLeadMs) => hear('executive', frame, voice(callMs + otherLeadMs)),
		hush: () => sound.clear(),
		place(mediaMs, lengthMs, callMs) {
			const placeMs = microphone(mediaMs, lengthMs, callMs);
			ahead.came(placeMs, callMs);
			return placeMs;
		},
		get leadMs() {
			return ahead.ms;
		},
		leave(reason) {
			if (over) return;
			finish();
			hangUp(socket, reason);
		},
	};
}
