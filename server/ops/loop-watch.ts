import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LoopWindow } from '#server/audio/interval.ts';
import type { Clock } from '#shared/clock.ts';

/** Reads how busy the loop was since it was last read. */
export interface LoopGauge {
	read(): LoopWindow;
	stop(): void;
}

const windowMs = 500;
const resolutionMs = 10;

/** Tells `seen` every 500 ms how busy the loop was; gives back what stops it. */
export function watchLoop(
	clock: Pick<Clock, 'now' | 'every'>,
	seen: (window: LoopWindow, nowMs: number) => void,
	gauge: LoopGauge = machineLoop(),
): () => void {
	const stopTicking = clock.every(windowMs, () => seen(gauge.read(), clock.now()));
	return () => {
		stopTicking();
		gauge.stop();
	};
}

/** This process's own event loop. */
export function machineLoop(): LoopGauge {
	const delays = monitorEventLoopDelay({ resolution: resolutionMs });
	delays.enable();
	let since = performance.eventLoopUtilization();
	return {
		read() {
			const until = performance.eventLoopUtilization();
			const { utilization } = performance.eventLoopUtilization(until, since);
			since = until;
			// Nine of ten: the tenth of a window may be one long garbage collection.
			const delayMs = delays.count === 0 ? 0 : Math.max(0, delays.percentile(90) / 1e6 - resolutionMs);
			delays.reset();
			return { delayMs, utilisation: utilization };
		},
		stop: () => {
			delays.disable();
		},
	};
}
