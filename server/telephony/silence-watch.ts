import type { Clock } from '#shared/clock.ts';

/** How exactly a silence is noticed: a second. */
const lookEveryMs = 1000;

/** Notices a peer that says nothing any more: a connection can die without either side being told. */
export interface SilenceWatch {
	heard(): void;
	stop(): void;
}

/** Calls `silent` once when nothing was heard for what `limitMs` says at that time. */
export function silenceWatch(clock: Clock, limitMs: () => number, silent: () => void): SilenceWatch {
	let heardAtMs = clock.now();
	const stop = clock.every(lookEveryMs, () => {
		if (clock.now() - heardAtMs < limitMs()) return;
		stop();
		silent();
	});
	return {
		heard() {
			heardAtMs = clock.now();
		},
		stop,
	};
}
