import { sampleRate } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/** One stream's positions as positions of the call; in samples, as everything here. */
export type Placed = (at: number) => number;

/** Several streams of one call, each counting from its own start, on the clock of the first. */
export interface CallClock {
	/** The call's own clock: the stream whose counting is the call's. What was counted before is forgotten. */
	first(): Placed;
	/** Another stream, put where the call is when its first sound arrives. */
	another(): Placed;
}

/** Goes by the call's last known position and the time since then, so a stream may come after another one has gone. */
export function callClock(clock: Clock): CallClock {
	let known: { at: number; ms: number } | undefined;
	const now = () => (known ? known.at + Math.round(((clock.now() - known.ms) * sampleRate) / 1000) : 0);
	function stream(offset: number | undefined): Placed {
		return (at) => {
			offset ??= now() - at;
			const placed = at + offset;
			// What comes late says nothing about the present.
			if (!known || placed >= known.at) known = { at: placed, ms: clock.now() };
			return placed;
		};
	}
	return {
		first() {
			known = { at: 0, ms: clock.now() };
			return stream(0);
		},
		another: () => stream(undefined),
	};
}
