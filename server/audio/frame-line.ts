import { type Codec, frameBytes, type Leg, legs, silenceByte, silent } from '#shared/audio.ts';

/** How many frames back are kept: what may be waited for, and the longest message, with some to spare. 160 ms. */
const kept = 8;
/** A leg by its place among `legs`. */
export const placeOf = Object.fromEntries(legs.map((leg, place) => [leg, place])) as Record<Leg, number>;

/**
 * The last frames of a call's legs, each at its place in time, in one piece of memory that is made once: a frame is copied
 * in when it comes and out into each message, and nothing is made anew for it.
 */
export class FrameLine {
	readonly frameBytes: number;
	readonly #silence: number;
	readonly #sound: Buffer;
	/** The frame that stands in each slot, and the legs that came for it, as bits. */
	readonly #index = new Float64Array(kept).fill(-1);
	readonly #there = new Uint8Array(kept);
	readonly #levels = new Uint8Array(kept * legs.length);

	constructor(codec: Codec) {
		this.frameBytes = frameBytes(codec);
		this.#silence = silenceByte[codec];
		this.#sound = Buffer.alloc(kept * legs.length * this.frameBytes);
	}

	/** Puts a leg's frame at its place; what stood there before, `kept` frames ago, is gone. */
	put(place: number, index: number, bytes: Uint8Array, level: number): void {
		const slot = index % kept;
		if (this.#index[slot] !== index) {
			this.#index[slot] = index;
			this.#there[slot] = 0;
			this.#levels.fill(silent.below, slot * legs.length, (slot + 1) * legs.length);
		}
		this.#there[slot] = (this.#there[slot] as number) | (1 << place);
		this.#levels[slot * legs.length + place] = level;
		this.#sound.set(bytes, this.#offset(slot, place));
	}

	/** The legs that came for a frame, as bits in a sound message. */
	legsAt(index: number): number {
		const slot = index % kept;
		return this.#index[slot] === index ? (this.#there[slot] as number) : 0;
	}

	/** What the header says of a leg in a frame. (RFC 6464) */
	levelAt(place: number, index: number): number {
		const slot = index % kept;
		return this.#index[slot] === index ? (this.#levels[slot * legs.length + place] as number) : silent.below;
	}

	/** The first frame from `index` on that is there; undefined if none is. */
	firstFrom(index: number): number | undefined {
		if (this.legsAt(index) > 0) return index;
		let first: number | undefined;
		for (let slot = 0; slot < kept; slot++) {
			const one = this.#index[slot] as number;
			if (one >= index && (this.#there[slot] as number) > 0 && (first === undefined || one < first)) first = one;
		}
		return first;
	}

	/** Copies a leg's frame out, or silence if it did not come. */
	copy(place: number, index: number, into: Buffer, at: number): void {
		const slot = index % kept;
		const isThere = this.#index[slot] === index && ((this.#there[slot] as number) & (1 << place)) > 0;
		if (!isThere) into.fill(this.#silence, at, at + this.frameBytes);
		else this.#sound.copy(into, at, this.#offset(slot, place), this.#offset(slot, place) + this.frameBytes);
	}

	/** Forgets every frame. [P1] */
	clear(): void {
		this.#there.fill(0);
		this.#sound.fill(this.#silence);
	}

	#offset(slot: number, place: number) {
		return (slot * legs.length + place) * this.frameBytes;
	}
}
