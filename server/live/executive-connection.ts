import type { Socket } from 'node:net';
import { Value } from 'typebox/value';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { tokenBucket } from '#server/live/token-bucket.ts';
import type { Seat, Sitting } from '#server/segments/seat.ts';
import { readSoundAndText } from '#server/telephony/hot-frames.ts';
import { decodeSound, frameBytes, type SoundMessage } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { lineLimits } from '#shared/line.ts';
import type { SurveyTold } from '#shared/survey.ts';
import { FromSpeaker } from '#shared/survey-socket.ts';

export interface FromExecutive {
	/** What the socket is on, to read sound from in front of `ws`. Without it `ws` reads everything. */
	connection?: Socket | undefined;
	/** Takes the seat that this connection has a credential for; undefined if it has none. */
	sit(seat: Seat): Sitting | undefined;
	/** Calls `signedOut` when whoever opened it is not signed in any more; gives back what stops that. */
	follow(signedOut: () => void): () => void;
	/** An error of ours, not of the peer. */
	failed(error: unknown): void;
}

/** How long a connection may say nothing before it is taken for dead, and how exactly that is noticed. [T4] */
const silentMs = 3000;
const lookEveryMs = 500;
/** More text than this, not taken by the tab: it does not read any more. */
const maxUnsentBytes = 65_536;

/** Reads an executive's socket, message by message, and hangs up by name on what does not belong there. [T2] */
export function executiveConnection(socket: WebSocket, clock: Clock, from: FromExecutive): void {
	const { connection, sit, follow, failed } = from;
	// As fast as it is spoken, and what a stalled network may let through at once: frames, not messages, are counted.
	const pace = tokenBucket(lineLimits.messagesPerSecond, lineLimits.burst, clock.now);
	let heardAtMs = clock.now();
	let over = false;
	const stopLooking = clock.every(lookEveryMs, () => {
		if (clock.now() - heardAtMs >= silentMs) leave('silent');
	});
	let stopFollowing = () => {};
	const finish = () => {
		over = true;
		stopLooking();
		stopFollowing();
	};
	function leave(reason: CloseReason, why?: string) {
		if (over) return;
		finish();
		hangUp(socket, reason, why);
		sitting?.left('hung-up');
	}
	const send = (message: object) => {
		if (over || socket.readyState !== socket.OPEN) return;
		if (socket.bufferedAmount > maxUnsentBytes) return leave('tooSlow');
		socket.send(JSON.stringify(message));
	};

	const seat: Seat = {
		tell(state, droppedFrames) {
			// The seat is told while it is being taken: what it belongs to is known a moment later.
			told = { state, droppedFrames };
			if (sitting) say(sitting);
		},
		end(reason) {
			if (over) return;
			finish();
			hangUp(socket, reason);
		},
	};
	let told: Pick<SurveyTold, 'state' | 'droppedFrames'> | undefined;
	let sitting: Sitting | undefined;
	const say = ({ segmentId, codec }: Sitting) => {
		if (!told) return;
		const message: SurveyTold = { type: 'survey', segmentId, codec, ...told };
		send(message);
	};

	function readSound(bytes: Uint8Array, { said, codec }: Sitting) {
		const message: SoundMessage | string = decodeSound(bytes);
		const frames = typeof message === 'string' ? 1 : message.frames;
		for (let frame = 0; frame < frames; frame++) if (!pace.take()) return leave('tooMany');
		if (message === 'version') return leave('version');
		if (typeof message === 'string') return leave('malformed', `sound message: ${message}`);
		const { executive } = message.parts;
		if (!executive || Object.keys(message.parts).length > 1)
			return leave('forbidden', 'only the executive leg may be sent');
		if (message.codec !== codec) return leave('malformed', `this call’s sound is ${codec}`);
		const size = frameBytes(codec);
		for (let at = 0; at < executive.length; at += size) said(executive.subarray(at, at + size));
	}

	function readText(bytes: Buffer) {
		if (!pace.take()) return leave('tooMany');
		if (bytes.length > lineLimits.textBytes) return leave('tooLarge');
		let message: unknown;
		try {
			message = JSON.parse(bytes.toString());
		} catch {
			return leave('malformed', 'not JSON');
		}
		if (!Value.Check(FromSpeaker, message)) return leave('malformed', 'no message of a survey socket');
		send({ type: 'pong', at: message.at, serverMs: Math.round(clock.now()) });
	}

	function heard<Bytes>(read: (bytes: Bytes, sitting: Sitting) => void, bytes: Bytes) {
		if (over || !sitting) return;
		heardAtMs = clock.now();
		// What a message handler throws reaches nobody's error handler: it must not get out.
		try {
			read(bytes, sitting);
		} catch (error) {
			failed(error);
			leave('failed');
		}
	}
	readSoundAndText(socket, connection, {
		sound: (bytes) => heard(readSound, bytes),
		text: (bytes) => heard(readText, bytes),
	});
	socket.on('error', () => {
		// What broke is told by the close that follows.
	});
	socket.on('close', () => {
		if (over) return;
		finish();
		sitting?.left('broken');
	});

	stopFollowing = follow(() => leave('signInNeeded'));
	sitting = sit(seat);
	if (sitting) say(sitting);
	else leave('unknown');
}
