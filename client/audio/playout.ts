import type { Leg } from '#shared/audio.ts';

/** What the playout worklet and the player that owns it say to each other. */
export const playoutName = 'ycord-playout';

/** How loud each leg is to be: 0 is muted, 1 as it came. Legs that come mixed are as loud as the loudest of them is to be. */
export type Loudness = Record<Leg, number>;

/** From the player: a sound message as it came, how loud each leg is to be, or the word to forget what waits, or to end. */
export type ToPlayout = ArrayBuffer | { loudness: Loudness } | 'hush' | 'stop';

/** What the worklet says of itself, four times a second. */
export interface PlayerStats {
	/** False while the buffer fills: before the first sound, after an underrun, while nothing comes. */
	playing: boolean;
	/** Sound waiting to be played. */
	bufferMs: number;
	/** How often the buffer ran dry. */
	underruns: number;
	/** Not heard, because it was jumped over to be live again, so far. */
	missedMs: number;
	/** Left out to catch up (silence, or whole periods of a voice) and repeated to wait, so far: nothing that was said is gone. */
	stretchedMs: number;
	/** Not heard, because it never came or came too late, so far. */
	lostMs: number;
	/** Of what was not there in time, what was made up from the sound before it, so far. */
	concealedMs: number;
	/** Media time being played: ms since the call's first sound. */
	mediaMs: number;
	/** Server time of the sound leaving the worklet, modulo 2^32; absent while nothing plays. */
	serverMs?: number;
	/** The context's time for which this holds, in ms. */
	contextMs: number;
	/** Frames of 20 ms in a message now: more than one when the server is busy, or in low data. [A11] */
	frames?: number;
}

/** From the worklet: 20 times a second the loudest sample of each leg since the last time, before loudness, with each fifth the stats. */
export interface FromPlayout {
	peaks: Record<Leg, number>;
	/** Who talks in what is heard now, as the server measured it. [A12] */
	talks: Record<Leg, boolean>;
	overtalk: boolean;
	stats?: PlayerStats;
}
