import { type Codec, frameBytes, frameMs, rateOf, silenceByte } from '#shared/audio.ts';

/** Deviations of a wire's clock below this are rounding and jitter of its stamps, not lost or repeated sound. */
const toleranceMs = 15;
/** How long a gap is kept open for sound that comes out of order, and for at most this many pieces. Then it stays a gap. */
const maxHeldMs = 60;
const maxHeldPieces = 6;
/** A jump beyond this is no gap but another clock: the leg is put where the wall clock says. */
const maxGapMs = 10_000;
/** Without a clock on the wire: silence is filled in once the leg is this far behind the wall clock, up to this close. */
const behindMs = 60;
const closeMs = 20;
/**
 * Legs of one clock are put side by side if they arrive no further apart than the hub waits: 40 ms. Nor is a piece held for an
 * earlier one until its own place is given up: then two would be lost where one was.
 */
const maxBeside = 2;
/** A leg whose frames come too late for the other this many times in a row is moved to where they are taken: 200 ms. */
const maxLateInARow = 10;

/** One leg's sound on its way to frames. */
export interface LegTrack {
	/** Any number of samples, at `at` samples since the call's start where the wire has a clock. The bytes are copied or used before this returns. */
	sound(data: Uint8Array, at: number | undefined): void;
	/** The sound stopped for a while: what comes next is placed by the wall clock again. */
	restart(): void;
	/** Sound that came twice or after its place had been given up, in samples. */
	readonly droppedSamples: number;
}

/**
 * Where the legs of one call stand that one wire brings by one clock: the first of them is placed by its arrival, the
 * others beside it, so that what was said at once is in one message and waits for nothing.
 */
export interface SharedPlace {
	/** A frame, and the wire's position of its first sample; undefined before the first leg has come. */
	known?: { frame: number; at: number };
	/** The furthest frame of any leg: the hub waits for the others up to 40 ms behind it. */
	lead?: number;
	/** What each leg lets go when another one has gone on. */
	releases?: (() => void)[];
}

/** What a track needs: the call's start and time, and where frames go. `frame` says by how many frames it was too late. */
export interface LegTrackNeeds {
	/** Shared by the legs of one wire's clock; without it each leg is placed by its own arrival. */
	place?: SharedPlace;
	codec: Codec;
	startedAtMs: number;
	now: () => number;
	frame: (index: number, bytes: Uint8Array) => number;
}

/**
 * Puts one leg on the call's time line: pieces of any length become frames of 20 ms, in order, each at its place. A leg is
 * aligned once, by the arrival of its first sound; then its own clock counts. Gaps stay gaps (never closed up, which
 * would shorten the call), what comes twice is there once, nothing is waited for longer than 60 ms, nor than the hub waits.
 */
export function legTrack({ codec, startedAtMs, now, frame, place = {} }: LegTrackNeeds): LegTrack {
	const silence = silenceByte[codec];
	const frameSamples = frameBytes(codec);
	const samplesOf = (ms: number) => (rateOf[codec] * ms) / 1000;
	const [toleranceSamples, maxHeldSamples, maxGapSamples] = [toleranceMs, maxHeldMs, maxGapMs].map(samplesOf) as [
		number,
		number,
		number,
	];
	const [behindSamples, closeSamples] = [behindMs, closeMs].map(samplesOf) as [number, number];
	let anchored = false;
	/** The wire's position of the leg's first sample, and the frame it became. */
	let firstAt = 0;
	let firstFrame = 0;
	/** The next sample that is expected, and the frame that is being filled up to it, both counted from `firstAt`. */
	let next = 0;
	let filling: Uint8Array | undefined;
	let held: { from: number; data: Uint8Array }[] = [];
	/** The last piece with a stamp: one that comes twice is there once, however short it is. */
	let last: { at: number; length: number } | undefined;
	let lateInARow = 0;
	let droppedSamples = 0;

	const wallSamples = () => Math.round(samplesOf(now() - startedAtMs));

	/** The frame that is beside the other leg's, if the wire's clock says so and the arrival does not say otherwise. */
	function beside(at: number, arrived: number) {
		if (!place.known) return arrived;
		const frame = place.known.frame + Math.round((at - place.known.at) / frameSamples);
		return Math.abs(frame - arrived) <= maxBeside ? frame : arrived;
	}

	function anchor(at: number, hasClock: boolean) {
		anchored = true;
		firstAt = at;
		// Never back in time: what has been sent cannot be sent again.
		const reached = firstFrame + Math.ceil(next / frameSamples);
		const arrived = Math.floor((now() - startedAtMs) / frameMs);
		firstFrame = Math.max(reached, hasClock ? beside(at, arrived) : arrived);
		if (hasClock) place.known = { frame: firstFrame, at };
		next = 0;
		filling = undefined;
		held = [];
	}

	function emit(index: number, bytes: Uint8Array) {
		place.lead = Math.max(place.lead ?? 0, firstFrame + index);
		const late = frame(firstFrame + index, bytes);
		lateInARow = late > 0 ? lateInARow + 1 : 0;
		if (lateInARow < maxLateInARow) return;
		firstFrame += late;
		lateInARow = 0;
	}

	/** Takes samples that begin exactly at `next`. */
	function take(data: Uint8Array) {
		let from = 0;
		while (from < data.length) {
			const within = next % frameSamples;
			const index = (next - within) / frameSamples;
			if (within === 0 && data.length - from >= frameSamples) {
				next += frameSamples;
				// Nearly always a piece is just one frame: then no view of it is made.
				emit(index, data.length === frameSamples ? data : data.subarray(from, from + frameSamples));
				from += frameSamples;
				continue;
			}
			filling ??= new Uint8Array(frameSamples).fill(silence);
			const some = Math.min(frameSamples - within, data.length - from);
			filling.set(data.subarray(from, from + some), within);
			from += some;
			next += some;
			if (within + some < frameSamples) return;
			const full = filling;
			filling = undefined;
			emit(index, full);
		}
	}

	/** Leaves a gap: what is missing is silence, and whole frames of it are not sent at all. */
	function skipTo(sample: number) {
		const within = next % frameSamples;
		const frameEnd = next - within + frameSamples;
		if (filling && sample >= frameEnd) {
			const index = (next - within) / frameSamples;
			const full = filling;
			filling = undefined;
			next = frameEnd;
			emit(index, full);
		}
		next = sample;
	}

	function release() {
		while (held.length > 0) {
			const first = held[0] as (typeof held)[number];
			const span = (held.at(-1) as typeof first).from - next;
			const isDue = (place.lead ?? 0) - firstFrame - Math.floor(first.from / frameSamples) >= maxBeside - 1;
			if (first.from > next && held.length < maxHeldPieces && span < maxHeldSamples && !isDue) return;
			held.shift();
			if (first.from > next) skipTo(first.from);
			const overlap = next - first.from;
			droppedSamples += Math.min(Math.max(overlap, 0), first.data.length);
			if (overlap < first.data.length) take(first.data.subarray(Math.max(overlap, 0)));
		}
	}

	/** Takes sound to its place, or holds it. */
	function lay(data: Uint8Array, at: number | undefined) {
		if (!anchored) anchor(at ?? 0, at !== undefined);
		if (at === undefined) {
			const wall = wallSamples() - firstFrame * frameSamples;
			if (wall - next - data.length > behindSamples) skipTo(wall - data.length - closeSamples);
			return take(data);
		}
		if (last?.at === at && last.length === data.length) {
			droppedSamples += data.length;
			return;
		}
		last = { at, length: data.length };
		let from = at - firstAt;
		if (Math.abs(from - next) > maxGapSamples) {
			anchor(at, true);
			from = 0;
		}
		if (Math.abs(from - next) < toleranceSamples && held.length === 0) return take(data);
		// A Buffer's slice() is no copy.
		held.push({ from, data: new Uint8Array(data) });
		held.sort((a, b) => a.from - b.from);
		release();
	}

	place.releases ??= [];
	const { releases } = place;
	releases.push(release);
	return {
		sound(data, at) {
			if (data.length === 0) return;
			lay(data, at);
			for (const one of releases) if (one !== release) one();
		},
		restart() {
			skipTo(Math.ceil(next / frameSamples) * frameSamples);
			anchored = false;
		},
		get droppedSamples() {
			return droppedSamples;
		},
	};
}
