import { type Codec, frameMs } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

/** How loud one leg of a call is and whether somebody talks on it, told frame by frame. */
export interface LegLevel {
	/** The leg's next 20 ms, `frameBytes(codec)` bytes of G.711. Nothing is kept of it but the level. */
	take(frame: Uint8Array): void;
	/** The leg has sent nothing for a while: silent at once, and what is learned of its noise is forgotten. */
	absent(): void;
	/** As a sound message and RFC 6464 (3) carry it: bit 7 talks, bits 0–6 the level in −dBov. */
	readonly byte: number;
	readonly talks: boolean;
	/** −dBov: 0 is a square wave at full scale, so that a sine at full scale is 3; 127 is silence. (ITU-T G.100.1) */
	readonly below: number;
}

const silence = 127;
/** Louder than this many dB over the leg's noise is talk, within the two bounds: hiss never is, quiet speech always. */
const overNoise = 9;
const hiss = -50;
const quietSpeech = -43;
/** Dips this far under the threshold do not end talk that has begun. */
const hysteresis = 3;
/** As loud as this over the threshold is talk at once; anything less must last a second frame, which a click does not. */
const surelyOver = 12;
/** How much of a quieter frame, and how many dB a louder one, moves the noise. */
const downShare = 0.3;
const upDb = 0.04;
/** Pauses between words are not silence. */
const hangoverFrames = 300 / frameMs;

/** Squares of the samples as shares of full scale, by code; one table a codec. */
const squares = new Map<Codec, Float64Array>();
function squaresOf(codec: Codec): Float64Array {
	let made = squares.get(codec);
	if (!made) {
		const table = tableOf[codec];
		const full = table.reduce((most, sample) => Math.max(most, sample), 0);
		made = Float64Array.from(table, (sample) => (sample / full) ** 2);
		squares.set(codec, made);
	}
	return made;
}

/** A class inside, and nothing allocated a frame: this runs for every frame of every call, listened to or not. */
class OneLeg implements LegLevel {
	byte = silence;
	talks = false;
	below = silence;
	readonly #squares: Float64Array;
	#noise = hiss - overNoise;
	#loudFrames = 0;
	#hangover = 0;

	constructor(codec: Codec) {
		this.#squares = squaresOf(codec);
	}

	take(frame: Uint8Array): void {
		const table = this.#squares;
		const length = frame.length;
		// Four sums side by side: one would wait for itself at each sample. A frame's length is a multiple of four.
		let [one, two, three, four] = [0, 0, 0, 0];
		for (let at = 0; at < length; at += 4) {
			one += table[frame[at] as number] as number;
			two += table[frame[at + 1] as number] as number;
			three += table[frame[at + 2] as number] as number;
			four += table[frame[at + 3] as number] as number;
		}
		const energy = one + two + three + four;
		const level = energy > 0 ? Math.max(-silence, 10 * Math.log10(energy / length)) : -silence;
		this.#judge(level);
		this.below = Math.min(silence, Math.max(0, Math.round(-level)));
		this.byte = (this.talks ? 0x80 : 0) | this.below;
	}

	absent(): void {
		this.byte = silence;
		this.below = silence;
		this.talks = false;
		this.#noise = hiss - overNoise;
		this.#loudFrames = 0;
		this.#hangover = 0;
	}

	#judge(level: number) {
		const threshold = Math.min(quietSpeech, Math.max(hiss, this.#noise + overNoise));
		this.#noise += level < this.#noise ? (level - this.#noise) * downShare : upDb;
		// Beyond this the threshold no longer moves, so that noise which ends is soon forgotten.
		if (this.#noise > quietSpeech - overNoise) this.#noise = quietSpeech - overNoise;
		if (level > (this.talks ? threshold - hysteresis : threshold)) {
			this.#loudFrames++;
			if (this.talks || this.#loudFrames > 1 || level > threshold + surelyOver) {
				this.talks = true;
				this.#hangover = hangoverFrames;
			}
			return;
		}
		this.#loudFrames = 0;
		if (this.#hangover > 0) this.#hangover--;
		else this.talks = false;
	}
}

/** One leg's level, for as long as the leg keeps its codec. */
export function legLevel(codec: Codec): LegLevel {
	return new OneLeg(codec);
}
