import type { Leg } from '#shared/audio.ts';

/** What the playout worklet and the player that owns it say to each other. */
export const playoutName = 'ycord-playout';

/** How loud each leg is to be: 0 is muted, 1 as it came. */
export type Loudness = Record<Leg, number>;

/** From the player: a sound message as it came, how loud each leg is to be, the word to forget what waits, or to end. */
export type ToPlayout = ArrayBuffer | { loudness: Loudness } | 'hush' | 'stop';

/** What the worklet says of itself, four times a second. */
export interface PlayerStats {
	/** False while the buffer fills: before the first sound, after an underrun, while nothing comes. */
	playing: boolean;
	/** Sound waiting to be played. */
	bufferMs: number;
	/** How often the buffer ran dry. */
	underruns: number;
	/** Skipped to catch up, so far. */
	droppedMs: number;
	/** Silence played for sound that never came or came too late, so far. */
	lostMs: number;
	/** Media time being played: ms since the call's first sound. */
	mediaMs: number;
	/** Server time of the sound leaving the worklet, modulo 2^32; absent while nothing plays. */
	serverMs?: number;
	/** The context's time for which this holds, in ms. */
	contextMs: number;
}

/** From the worklet: 20 times a second the loudest sample of each leg since the last time, before loudness, with each fifth the stats. */
export interface FromPlayout {
	peaks: Record<Leg, number>;
	stats?: PlayerStats;
}
