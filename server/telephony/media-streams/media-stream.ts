import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { hotFrames } from '#server/telephony/hot-frames.ts';
import { type Dialect, Malformed, type StreamStart } from '#server/telephony/media-streams/dialect.ts';
import { mediaKeys, scanMedia } from '#server/telephony/media-streams/media-scan.ts';
import { type Media, maxMessageBytes, readMessage } from '#server/telephony/media-streams/messages.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import { onWireFault } from '#server/telephony/wire-fault.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** How long a stream may be open without its `start`. (protocols.md 1.4) */
export const startWithinMs = 5000;

/** How a stream came to its end: the platform said so, its socket was gone, we were done with it, or we hung up by name. */
export type StreamEnd = 'stopped' | 'dropped' | 'done' | CloseReason;

/** Hangs up by name; `why` is our own text, and nothing of the stream is read or told after it. */
export type Leave = (reason: CloseReason, why?: string) => void;

/** An open stream, as whoever opened it may end it. */
export interface MediaStream {
	leave: Leave;
	/** Closes it because its work is done (1000). On a bidirectional stream the call then goes on with its next verb. */
	close(): void;
}

/** What a stream that has started is for. */
export interface Carried {
	/** For the log. */
	callId: string;
	/** One message of sound, of this stream; its bytes must be copied. Throws `Malformed` for what does not belong on it. */
	media(message: Media): void;
	/** The platform has played, or forgotten, what was said before this mark; where something is said. */
	played?(mark: string): void;
	/** A key of the telephone, where the platform tells of them: on a bidirectional stream. */
	pressed?(digit: string): void;
	/** Nothing comes after this. */
	over(how: StreamEnd): void;
}

export interface MediaStreamNeeds {
	dialect: Dialect;
	clock: Clock;
	/** What the socket is on, to read sound from in front of `ws`. Without it `ws` reads everything. */
	connection?: Socket | undefined;
	startWithinMs: number;
	/** Platforms send silence too: a started stream that says nothing for so long is a dead connection. */
	silentAfterMs: number;
	/** Says what the stream is for; without that, it must have left. */
	start: (message: StreamStart, stream: MediaStream) => Carried | undefined;
	/** It has started. */
	begun?: (() => void) | undefined;
	/** What the log should say of the stream's end. `why` is our own text. */
	over?: ((outcome: { callId: string | undefined; reason: StreamEnd; why: string }) => void) | undefined;
	/** An error of ours, not of the peer. */
	failed?: ((error: unknown) => void) | undefined;
}

/** Closed in order, with or without saying so. (RFC 6455, 7.4.1 and 7.1.5) */
const orderly = new Set([1000, 1005]);

/** Where a stream stands. (protocols.md 1.4) A state carries only what is true in it. */
type Stream =
	| { at: 'upgraded' | 'connected' }
	| { at: 'started'; carried: Carried; streamId: string; streamIdBytes: Uint8Array }
	| { at: 'over' };

/** One media stream's life on its socket, whichever way its sound goes. */
export function mediaStream(socket: WebSocket, needs: MediaStreamNeeds): MediaStream {
	const { clock, dialect } = needs;
	const keys = mediaKeys(dialect);
	let stream: Stream = { at: dialect.greets ? 'upgraded' : 'connected' };
	const stopWaiting = clock.after(needs.startWithinMs, () => leave('noStart'));
	const watch = silenceWatch(
		clock,
		() => needs.silentAfterMs,
		() => leave('silent'),
	);

	/** Nothing is read or told after this. */
	function finish(reason: StreamEnd, why: string): Carried | undefined {
		const carried = stream.at === 'started' ? stream.carried : undefined;
		stream = { at: 'over' };
		stopWaiting();
		watch.stop();
		needs.over?.({ callId: carried?.callId, reason, why });
		return carried;
	}

	function leave(reason: CloseReason, why = '') {
		if (stream.at === 'over') return;
		const carried = finish(reason, why);
		hangUp(socket, reason, why);
		carried?.over(reason);
	}

	function close() {
		if (stream.at === 'over') return;
		const carried = finish('done', '');
		socket.close(1000);
		carried?.over('done');
	}

	function receive(text: string) {
		const message = readMessage(text, dialect);
		if (message.event === 'other') return;
		switch (stream.at) {
			case 'upgraded':
				if (message.event !== 'connected') throw new Malformed(`${message.event} before connected`);
				stream = { at: 'connected' };
				return;
			case 'connected': {
				if (message.event !== 'start') throw new Malformed(`${message.event} before start`);
				const carried = needs.start(message.start, { leave, close });
				if (!carried) return;
				const { streamId } = message.start;
				stream = { at: 'started', carried, streamId, streamIdBytes: Buffer.from(streamId) };
				needs.begun?.();
				return stopWaiting();
			}
			case 'started':
				if (message.event === 'media') {
					if (message.streamId !== undefined && message.streamId !== stream.streamId)
						throw new Malformed('media of another stream');
					return stream.carried.media(message);
				}
				if (message.event === 'dtmf') return stream.carried.pressed?.(message.digit ?? '');
				if (message.event === 'mark') return stream.carried.played?.(message.name ?? '');
				if (message.event === 'stop') {
					finish('stopped', '')?.over('stopped');
					socket.close(1000);
				} else throw new Malformed(`a second ${message.event}`);
				return;
			case 'over':
				return;
		}
	}

	/** What a message handler throws reaches nobody's error handler: it must not get out. */
	function heard(handle: () => void) {
		watch.heard();
		try {
			handle();
		} catch (error) {
			if (error instanceof Malformed) return leave('malformed', error.message);
			needs.failed?.(error);
			leave('failed');
		}
	}

	// A hundred messages of sound come each second of a call, and hardly anything else.
	hotFrames(socket, needs.connection, (bytes, isBinary) => {
		if (stream.at !== 'started' || isBinary) return false;
		const sound = scanMedia(bytes, stream.streamIdBytes, keys);
		if (!sound) return false;
		const { carried } = stream;
		heard(() => carried.media(sound));
		return true;
	});
	socket.on('message', (data, isBinary) => {
		if (stream.at === 'over') return;
		heard(() => {
			const bytes = data as Buffer;
			if (isBinary) throw new Malformed('a binary message');
			if (bytes.length > maxMessageBytes) return leave('tooLarge');
			receive(bytes.toString());
		});
	});
	onWireFault(socket, (reason) => leave(reason));
	socket.on('close', (code: number) => {
		if (stream.at === 'over') return;
		const how = dialect.endsByClose && orderly.has(code) ? 'stopped' : 'dropped';
		finish(how, '')?.over(how);
	});
	return { leave, close };
}
