/** How long turns are gathered before they are looked at. */
const blockMs = 0.25;

/** Knows what a turn of the event loop costs in which nothing is done, and so how much of the time was work. */
export interface Wakefulness {
	/** Keeps the event loop turning; gives back what ends that. */
	stay(): () => void;
	/** How long it was at work since it was asked last. */
	takeWorkedMs(): number;
}

/**
 * A turn that reads one message takes hardly longer than one that does nothing, so turns cannot be told apart one by one: the
 * cheapest block of them ever seen says what a turn costs by itself, and all that is beyond it is work.
 */
export function wakefulness(): Wakefulness {
	let idleTurnMs = Number.POSITIVE_INFINITY;
	let awakeMs = 0;
	let turns = 0;
	return {
		stay() {
			let on = true;
			let fromMs = performance.now();
			let inBlock = 0;
			const turn = () => {
				inBlock++;
				const tookMs = performance.now() - fromMs;
				if (tookMs >= blockMs) {
					awakeMs += tookMs;
					turns += inBlock;
					idleTurnMs = Math.min(idleTurnMs, tookMs / inBlock);
					fromMs += tookMs;
					inBlock = 0;
				}
				if (on) setImmediate(turn);
			};
			turn();
			return () => {
				on = false;
			};
		},
		takeWorkedMs() {
			const workedMs = turns === 0 ? 0 : Math.max(0, awakeMs - turns * idleTurnMs);
			awakeMs = turns = 0;
			return workedMs;
		},
	};
}
