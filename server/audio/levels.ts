import { type Codec, frameMs } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

/** How loud one leg is and whether somebody talks on it, frame by frame. */
export interface LegLevel {
	/** The next 20 ms. */
	take(frame: Uint8Array): void;
	/** As the header of a sound message has it: bit 7 talks, bits 0–6 −dBov. (RFC 6464, 3) */
	readonly byte: number;
	readonly talks: boolean;
	/** −dBov: 0 the loudest, 127 silence. */
	readonly below: number;
}

/** Louder than this is talk: line noise lies below it, quiet speech above. */
const talkBelow = 48;
/** The pause between two words is still talk. */
const hangoverFrames = 300 / frameMs;
const fullScale = 32_768 ** 2;

export function legLevel(codec: Codec): LegLevel {
	return new EnergyLevel(squaresOf(codec));
}

const squaresOf = (codec: Codec) => Float64Array.from(tableOf[codec], (sample) => sample * sample);

class EnergyLevel implements LegLevel {
	below = 127;
	readonly #squares: Float64Array;
	#talksFor = 0;

	constructor(squares: Float64Array) {
		this.#squares = squares;
	}

	take(frame: Uint8Array) {
		let sum = 0;
		for (let i = 0; i < frame.length; i++) sum += this.#squares[frame[i] as number] as number;
		const dbov = sum > 0 ? 10 * Math.log10(sum / frame.length / fullScale) : -127;
		this.below = Math.max(0, Math.min(127, Math.round(-dbov)));
		this.#talksFor = this.below < talkBelow ? hangoverFrames : Math.max(0, this.#talksFor - 1);
	}

	get talks() {
		return this.#talksFor > 0;
	}

	get byte() {
		return (this.talks ? 0x80 : 0) | this.below;
	}
}
