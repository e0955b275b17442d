import { frameMs, frameSamples } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';

/** Whoever is louder than this speaks: RMS, 38 dB below the loudest. */
const speechRms = 400;
/** A room may hum: what is this far below the loudest of an utterance is its end, whatever its level. 18 dB. */
const pauseRatio = 8;
/** Shorter than this is a cough or a key: it asks nothing. */
const leastSpeechMs = 200;
/** How long somebody must have been quiet before they are answered; people pause inside a sentence. */
const pauseMs = 800;

/** A customer who is not there: listens to an executive, and answers when they have asked. */
export interface SyntheticCustomer {
	/** 20 ms of the executive, µ-law, heard at `nowMs`. */
	hears(frame: Uint8Array, nowMs: number): void;
	/** The next 20 ms of an answer; undefined while the customer listens. */
	says(nowMs: number): Uint8Array | undefined;
}

/** Gives one reply after the other, each once; then only listens. Pure: its only clock is what is passed in. */
export function syntheticCustomer(replies: readonly Uint8Array[]): SyntheticCustomer {
	let next = 0;
	let answering: { reply: Uint8Array; at: number } | undefined;
	let spokenMs = 0;
	let loudest = 0;
	let quietSinceMs = 0;
	return {
		hears(frame, nowMs) {
			// While the customer speaks, what comes back is as likely their own echo.
			if (answering) return;
			const level = rms(frame);
			loudest = Math.max(loudest, level);
			if (level < Math.max(speechRms, loudest / pauseRatio)) return;
			spokenMs += frameMs;
			quietSinceMs = nowMs + frameMs;
		},
		says(nowMs) {
			if (!answering && spokenMs > 0 && nowMs - quietSinceMs >= pauseMs) {
				const reply = spokenMs >= leastSpeechMs ? replies[next] : undefined;
				if (reply) {
					answering = { reply, at: 0 };
					next++;
				}
				spokenMs = 0;
				loudest = 0;
			}
			if (!answering) return undefined;
			const frame = answering.reply.subarray(answering.at, answering.at + frameSamples);
			answering.at += frameSamples;
			if (answering.at >= answering.reply.length) answering = undefined;
			return frame;
		},
	};
}

function rms(frame: Uint8Array): number {
	let sum = 0;
	for (const byte of frame) sum += (ulawTable[byte] as number) ** 2;
	return Math.sqrt(sum / frame.length);
}
