import type { Clock } from '#shared/clock.ts';

/** Sets an alarm; gives back what forgets it. */
type SetAlarm = (id: number, ms: number) => () => void;

const rings = new Map<number, () => void>();
let setAlarm: SetAlarm | undefined;
let alarms = 0;

/**
 * Browsers let a hidden page's own timers run once a minute; its connection would be given up for silent, and an agent
 * who works in another tab would not be told who listens. A worker's timers are left alone.
 */
function startAlarms(): SetAlarm {
	const ring = (id: number) => {
		const due = rings.get(id);
		rings.delete(id);
		due?.();
	};
	const here: SetAlarm = (id, ms) => {
		const timer = setTimeout(() => ring(id), ms);
		return () => clearTimeout(timer);
	};
	// A program without a window is never hidden.
	if (typeof Worker === 'undefined') return here;
	try {
		const worker = new Worker(new URL('./alarm.worker.ts', import.meta.url), { type: 'module' });
		const waiting = new Map<number, number>();
		worker.onmessage = ({ data }: MessageEvent<number>) => {
			waiting.delete(data);
			ring(data);
		};
		// The file could not be had: what waits there is taken over, and all that follows.
		worker.onerror = () => {
			setAlarm = here;
			for (const [id, ms] of waiting) here(id, ms);
			waiting.clear();
		};
		return (id, ms) => {
			waiting.set(id, ms);
			worker.postMessage([id, ms]);
			return () => {};
		};
	} catch {
		return here;
	}
}

/** This tab's clock: begins at the device's wall clock, then never jumps when that is set. */
export const tabClock: Clock = {
	now: () => performance.timeOrigin + performance.now(),
	after(ms, ring) {
		setAlarm ??= startAlarms();
		const id = ++alarms;
		rings.set(id, ring);
		const forget = setAlarm(id, Math.max(0, ms));
		return () => {
			rings.delete(id);
			forget();
		};
	},
	every(ms, ring) {
		let stop = () => {};
		const next = () => {
			stop = tabClock.after(ms, () => {
				next();
				ring();
			});
		};
		next();
		return () => stop();
	},
};
