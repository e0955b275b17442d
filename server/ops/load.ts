import { type IntervalFrames, soundInterval } from '#server/audio/interval.ts';
import { type Capacity, capacity } from '#server/ops/capacity.ts';
import { type LoopGauge, watchLoop } from '#server/ops/loop-watch.ts';
import { writeCost } from '#server/ops/write-cost.ts';
import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

export interface LoadNeeds {
	clock: Clock;
	/** `auto`, or the ms of sound that every message holds. */
	interval: 'auto' | '20' | '40' | '60';
	/** Messages handed to listeners so far. */
	delivered: () => number;
	/** A test's stand-in for this process's loop. */
	gauge?: LoopGauge | undefined;
}

/** How busy this process is, and what follows from it: how much sound goes into a message, and who is let in. */
export interface Load {
	/** [A11] */
	frames(): IntervalFrames;
	/** [B2] */
	room: Capacity;
	/** Of the last window. */
	loopDelayMs(): number;
	soundIntervalMs(): number;
	/** Measures what a write costs here; takes some tens of ms, in small pieces. Gives back messages a second. */
	measure(): Promise<number>;
	stop(): void;
}

export function nodeLoad({ clock, interval, delivered, gauge }: LoadNeeds): Load {
	const room = capacity();
	const wide = soundInterval();
	let loopDelayMs = 0;
	const stop = watchLoop(
		clock,
		(window, nowMs) => {
			loopDelayMs = window.delayMs;
			wide.seen(window, nowMs);
			room.seen(window, delivered(), nowMs);
		},
		gauge,
	);
	const frames = () => (interval === 'auto' ? wide.frames : ((Number(interval) / frameMs) as IntervalFrames));
	return {
		frames,
		room,
		loopDelayMs: () => loopDelayMs,
		soundIntervalMs: () => frames() * frameMs,
		async measure() {
			room.measured(await writeCost());
			return room.messagesPerSecond;
		},
		stop,
	};
}
