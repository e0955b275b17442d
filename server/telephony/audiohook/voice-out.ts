import { silenceByte } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/**
 * What goes toward Genesys in one message: 200 ms, 1,600 bytes. More than five messages a second earn error 429.
 * (github.com/pipecat-ai/pipecat, src/pipecat/serializers/genesys.py)
 */
export const voiceMs = 200;
export const voiceBytes = 1600;

/** What carries the messages. */
export interface VoiceSocket {
	send(bytes: Uint8Array): void;
	/** Bytes that were sent and have not left this process. */
	readonly bufferedAmount: number;
}

/** An executive's voice on its way: gathered to 200 ms, never more than that behind. */
export interface VoiceOut {
	say(frame: Uint8Array): void;
	/** Says nothing for so long. */
	slowDown(ms: number): void;
	/** Nothing that was said and not sent is sent any more. */
	stop(): void;
}

/**
 * Gathers frames of µ-law; what is there 200 ms after the first of them goes out filled up with silence, so that the end of a
 * sentence does not wait for the next one. When the network does not take it, or Genesys asks for less, it is dropped, not
 * queued: the customer loses it, and `behind` is called, for what they have not heard yet is late as well. [B1]
 */
export function voiceOut(socket: VoiceSocket, clock: Clock, behind: () => void): VoiceOut {
	let gathered = new Uint8Array(voiceBytes);
	let filled = 0;
	let stopWaiting = () => {};
	let isStopped = false;
	let isBehind = false;
	let silentUntilMs = 0;

	function flush() {
		stopWaiting();
		gathered.fill(silenceByte.pcmu, filled);
		filled = 0;
		const wasBehind = isBehind;
		isBehind = socket.bufferedAmount > voiceBytes;
		if (isBehind) return wasBehind ? undefined : behind();
		if (clock.now() < silentUntilMs) return;
		socket.send(gathered);
		// What was sent may still be on its way.
		gathered = new Uint8Array(voiceBytes);
	}

	return {
		say(frame) {
			if (isStopped) return;
			for (let at = 0; at < frame.length; ) {
				if (filled === 0) stopWaiting = clock.after(voiceMs, flush);
				const some = Math.min(frame.length - at, voiceBytes - filled);
				gathered.set(frame.subarray(at, at + some), filled);
				filled += some;
				at += some;
				if (filled === voiceBytes) flush();
			}
		},
		slowDown(ms) {
			silentUntilMs = clock.now() + Math.min(ms, maxSlowMs);
		},
		stop() {
			isStopped = true;
			stopWaiting();
		},
	};
}

/** The longest that Genesys can keep an executive silent with one word. */
const maxSlowMs = 5000;
