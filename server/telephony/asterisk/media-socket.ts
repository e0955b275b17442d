import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { formats, wholeSamples } from '#server/telephony/asterisk/format.ts';
import type { Media } from '#server/telephony/asterisk/media.ts';
import { readMediaControl } from '#server/telephony/asterisk/media-control.ts';
import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import { readSoundAndText } from '#server/telephony/hot-frames.ts';
import { onWireFault } from '#server/telephony/wire-fault.ts';
import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** Larger than any frame of 20 ms, and than anything Asterisk says. */
const maxMessageBytes = 65_536;
const startWithinMs = 5000;
/** How much of what is said may wait for the network. */
const maxUnsentMs = 60;

export interface MediaSocketNeeds {
	clock: Clock;
	/** What the socket is on, to read sound from in front of `ws`; where it came in to us. */
	connection?: Socket | undefined;
	format: MediaFormat;
	/** Its MEDIA_START has come, and fits. */
	started: (media: Media) => void;
	/** It was no good, or is over before it began; a fault of the peer by its name. */
	over: (reason: CloseReason | 'closed') => void;
	failed: (error: unknown) => void;
}

/**
 * One media WebSocket of Asterisk's chan_websocket, dialled by either side: MEDIA_START, then sound as binary messages and now and then a
 * text. Nothing comes while its source is silent by absence: whoever has the sound owns the clock.
 */
export function mediaSocket(socket: WebSocket, needs: MediaSocketNeeds): void {
	const { clock, format } = needs;
	const { wireBytes, read, write } = formats[format];
	const samples = wholeSamples(format.startsWith('slin') ? 2 : 1);
	let heard: ((bytes: Uint8Array) => void) | undefined;
	let gone = () => {};
	let hasStarted = false;
	let isFull = false;
	let isOver = false;
	/** It went, and not because of us. */
	let isGone = false;
	const stopWaiting = clock.after(startWithinMs, () => leave('noStart'));

	function over(reason: CloseReason | 'closed') {
		isOver = true;
		stopWaiting();
		needs.over(reason);
	}

	function leave(reason: CloseReason, why = '') {
		if (isOver) return;
		over(reason);
		hangUp(socket, reason, why);
		went();
	}

	function went() {
		isGone = true;
		gone();
	}

	const media: Media = {
		onSound(to) {
			heard = to;
		},
		onGone(told) {
			gone = told;
			// One leg may be gone while the other is awaited.
			if (isGone) queueMicrotask(told);
		},
		say(frame) {
			if (isOver || isFull || socket.readyState !== WebSocket.OPEN) return;
			const bytes = write(frame);
			if (socket.bufferedAmount > (bytes.length * maxUnsentMs) / frameMs) return;
			socket.send(bytes);
		},
		close() {
			if (isOver) return;
			over('closed');
			socket.close(1000);
		},
	};

	function text(given: string) {
		const told = readMediaControl(given);
		if ('wrong' in told) return leave('malformed', told.wrong);
		if (told.says === 'full') isFull = true;
		if (told.says === 'room') isFull = false;
		if (told.says !== 'start') return;
		if (hasStarted) return leave('malformed', 'a second MEDIA_START');
		if (told.format !== format) return leave('malformed', `sound as something else than ${format}`);
		hasStarted = true;
		stopWaiting();
		needs.started(media);
	}

	function sound(bytes: Uint8Array) {
		if (!hasStarted) return leave('malformed', 'sound before MEDIA_START');
		const whole = samples(bytes);
		// In frames of at most 20 ms: a leg that came in one long piece would leave before the other.
		for (let from = 0; from < whole.length; from += wireBytes) heard?.(read(whole.subarray(from, from + wireBytes)));
	}

	/** What a message handler throws reaches nobody's error handler: it must not get out. */
	function told<Bytes extends Uint8Array>(take: (bytes: Bytes) => void, bytes: Bytes) {
		if (isOver) return;
		if (bytes.length > maxMessageBytes) return leave('tooLarge');
		try {
			take(bytes);
		} catch (error) {
			needs.failed(error);
			leave('failed');
		}
	}

	readSoundAndText(socket, needs.connection, {
		sound: (bytes) => told(sound, bytes),
		text: (bytes) => told((one) => text(one.toString()), bytes),
	});
	socket.on('error', () => {});
	onWireFault(socket, (reason) => leave(reason));
	socket.on('close', () => {
		if (isOver) return;
		over('closed');
		went();
	});
}
