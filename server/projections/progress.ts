/** How far a fold of the journal has come, and who waits for it. */
export interface Progress {
	/** The last position that was folded in. */
	readonly seq: number;
	/** Folded as far as this now; tells those who waited for it. */
	reached(seq: number): void;
	/** Resolves when it has come as far as this, or will come no further. */
	until(seq: number): Promise<void>;
	/** Comes no further: nobody waits any more. */
	end(): void;
}

export function progress(from: number): Progress {
	let at = from;
	let ended = false;
	let waiting: { seq: number; resolve: () => void }[] = [];
	return {
		get seq() {
			return at;
		},
		reached(seq) {
			at = seq;
			if (waiting.length === 0) return;
			for (const one of waiting) if (one.seq <= at) one.resolve();
			waiting = waiting.filter((one) => one.seq > at);
		},
		until(seq) {
			return new Promise((resolve) => {
				if (seq <= at || ended) resolve();
				else waiting.push({ seq, resolve });
			});
		},
		end() {
			ended = true;
			for (const { resolve } of waiting) resolve();
			waiting = [];
		},
	};
}
