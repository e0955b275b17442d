import { type Codec, frameBytes, frameMs, silenceByte } from '#shared/audio.ts';

/** What may wait for its turn: 200 ms. The oldest falls out, for what is said late is worse than what is missing. [B1] [T3] */
const maxWaitingFrames = 200 / frameMs;
/** What is gathered before a voice begins, and again after it ran dry: 40 ms, so that ordinary jitter is not heard. */
const cushionFrames = 2;
/** A queue that never got emptier than its cushion for this long gives a frame up: delay that was built up does not stay. */
const settledFrames = 25;

/** An executive's voice between their connection and the call's clock. */
export interface VoiceQueue {
	/** A frame has arrived; its bytes are copied. */
	arrived(frame: Uint8Array): void;
	/** The frame that is due now: a voice's, or silence. */
	next(): Uint8Array;
	/** Frames that were given up so far, because they came too late or too many at once. */
	readonly dropped: number;
}

export function voiceQueue(codec: Codec): VoiceQueue {
	const silence = new Uint8Array(frameBytes(codec)).fill(silenceByte[codec]);
	const waiting: Uint8Array[] = [];
	let dropped = 0;
	let flowing = false;
	/** The fewest frames that waited since this was last looked at, and for how many turns. */
	let fewest = Number.POSITIVE_INFINITY;
	let turns = 0;

	const giveUp = () => {
		waiting.shift();
		dropped++;
	};

	return {
		arrived(frame) {
			waiting.push(Uint8Array.from(frame));
			if (waiting.length > maxWaitingFrames) giveUp();
		},
		next() {
			if (!flowing && waiting.length < cushionFrames) return silence;
			flowing = true;
			fewest = Math.min(fewest, waiting.length);
			if (++turns >= settledFrames) {
				if (fewest > cushionFrames) giveUp();
				fewest = Number.POSITIVE_INFINITY;
				turns = 0;
			}
			const frame = waiting.shift();
			if (frame) return frame;
			flowing = false;
			return silence;
		},
		get dropped() {
			return dropped;
		},
	};
}
