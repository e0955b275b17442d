import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/** Frames that are made up for after a stall: 60 ms. Older ones are skipped, so that a voice stays on the wall clock. */
const maxCatchUp = 3;

/** Calls whoever is on it once for each 20 ms, whatever the timers do. */
export interface Pacer {
	/** Gives back what takes it off again. */
	add(tick: () => void): () => void;
}

/** One timer for all, that runs while anybody is on it: set anew for each frame, for an interval would run late a little more each time. */
export function pacer(clock: Clock): Pacer {
	const ticks = new Set<() => void>();
	let startedAtMs = 0;
	let done = 0;
	let stop = () => {};

	function turn() {
		const begun = Math.floor((clock.now() - startedAtMs) / frameMs);
		done = Math.max(done, begun - maxCatchUp);
		for (; done < begun; done++) for (const tick of ticks) tick();
		if (ticks.size > 0) stop = clock.after(Math.max(1, startedAtMs + (done + 1) * frameMs - clock.now()), turn);
	}

	return {
		add(tick) {
			ticks.add(tick);
			if (ticks.size === 1) {
				startedAtMs = clock.now();
				done = 0;
				stop();
				stop = clock.after(frameMs, turn);
			}
			return () => ticks.delete(tick);
		},
	};
}
