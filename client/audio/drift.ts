/** How far the device's clock may be put right, in parts per million: no device is further off, and nobody hears it. */
const most = 500;
/** Parts per million for each ms that the delay is off: a lasting drift of 200 ppm leaves it 5 ms off. */
const perMs = 40;
/** How much of a new reading is believed; with 50 a second, over about two seconds. */
const believed = 0.01;
/** The change from one reading to the next: 15 ppm a second. */
const step = 0.3;

/** Keeps the delay where it is wanted although two clocks differ, by playing a little faster or slower. */
export interface Drift {
	/** Every 20 ms: how much more delay there is than wanted. */
	seen(excessMs: number): void;
	/** Play so much faster; parts per million. */
	readonly ppm: number;
	/** The delay was changed at once, by a jump: what was seen before says nothing any more. */
	moved(): void;
}

export function drift(): Drift {
	let mean = 0;
	let ppm = 0;
	return {
		seen(excessMs) {
			mean += (Math.max(-30, Math.min(30, excessMs)) - mean) * believed;
			const wanted = Math.max(-most, Math.min(most, mean * perMs));
			ppm += Math.max(-step, Math.min(step, wanted - ppm));
		},
		get ppm() {
			return ppm;
		},
		moved() {
			mean = 0;
		},
	};
}
