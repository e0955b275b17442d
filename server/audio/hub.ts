import { FrameLine, placeOf } from '#server/audio/frame-line.ts';
import { type LegLevel, legLevel } from '#server/audio/levels.ts';
import { isOvertalk, Strand } from '#server/audio/strand.ts';
import { type Codec, frameMs, type Leg, legs, type SoundForm, soundForms } from '#shared/audio.ts';

/** One listener's ear on a call: an outbox, or a test's stand-in. */
export interface Ear {
	/** One message with its WebSocket head before it (framed.ts), the same bytes for all ears: not to be changed. */
	send(framed: Uint8Array, messageMs: number): void;
	clear(): void;
}

/** One ear's hearing of a call. */
export interface Hearing {
	/** In which form the sound comes from the next message on. [A10] */
	choose(form: SoundForm): void;
	stop(): void;
}

/** A call's way into the hub. */
export interface CallSound {
	/**
	 * One leg's 20 ms of sound at its place on the call's time line, counted in frames. The bytes are copied. Gives back
	 * by how many frames it came too late, 0 if it was taken: the caller decides when to move the leg.
	 */
	frame(leg: Leg, index: number, bytes: Uint8Array): number;
	close(): void;
}

/** Who talks on a call. */
export interface Talking {
	/** The legs on which somebody talks just now, as bits of a sound message. */
	bits: number;
	/** Customer and company at once. */
	overtalk: boolean;
}

/** One call in, many listeners out, in this process. In memory, bounded, late means dropped, never written down. */
export interface Hub {
	open(callId: string, codec: Codec): CallSound;
	/** From now on this ear hears the call, in the form `both`. Nothing is heard of a call that is not here. */
	listen(callId: string, ear: Ear): Hearing;
	/** While protected nothing of the call leaves, not even what was queued before. [P1] */
	protect(callId: string, on: boolean): void;
	/** Nobody, of a call that is not here, that is protected, or from which nothing comes. [P1] */
	talking(callId: string): Talking;
	readonly calls: number;
	readonly listeners: number;
	/** Messages handed to listeners so far, counted once for each listener. */
	readonly deliveredMessages: number;
	/** Frames that came after their message had left. */
	readonly lateFrames: number;
}

export interface HubNeeds {
	now: () => number;
	/** How many frames go into a message now, 1 to 3: more under load. [A11] */
	frames?: () => number;
}

/** Frames one leg may run ahead of the other before its sound leaves alone: 40 ms, less than a tab's smallest buffer. */
const maxAhead = 2;
/** A leg that is this many frames behind the other is not waited for. */
const absentAfter = 5;
/** Who was not heard for so long talks no more. */
const quietAfterMs = 200;
const nobody: Talking = { bits: 0, overtalk: false };

/**
 * Both legs of a call share one message where both are present, because a message written is the cost, not a byte. A
 * message is built once for all listeners of the call, and legs are put together by their place in time: a leg that is
 * a little behind is waited for, one that is absent is not.
 */
export function soundHub({ now, frames = () => 1 }: HubNeeds): Hub {
	const calls = new Map<string, OneCall>();
	const counts: Counts = { listeners: 0, deliveredMessages: 0, lateFrames: 0 };

	return {
		open(callId, codec) {
			const call = new OneCall(codec, now, frames, counts);
			calls.set(callId, call);
			return {
				frame: (leg, index, bytes) => call.frame(placeOf[leg], index, bytes),
				close() {
					if (calls.get(callId) !== call) return;
					call.close();
					calls.delete(callId);
				},
			};
		},
		listen: (callId, ear) => calls.get(callId)?.listen(ear) ?? deaf,
		protect: (callId, on) => calls.get(callId)?.protect(on),
		talking: (callId) => calls.get(callId)?.talking() ?? nobody,
		get calls() {
			return calls.size;
		},
		get listeners() {
			return counts.listeners;
		},
		get deliveredMessages() {
			return counts.deliveredMessages;
		},
		get lateFrames() {
			return counts.lateFrames;
		},
	};
}

interface Counts {
	listeners: number;
	deliveredMessages: number;
	lateFrames: number;
}

const deaf: Hearing = { choose() {}, stop() {} };

/** One call's sound in this process. A class, so that all calls have one shape. */
class OneCall {
	readonly #now: () => number;
	readonly #frames: () => number;
	readonly #counts: Counts;
	readonly #line: FrameLine;
	readonly #levels: LegLevel[];
	/** `both` first: it goes on whether anybody hears it so or not, and says what comes too late. */
	readonly #strands: Strand[];
	/** The newest frame seen of each leg, and of all. */
	readonly #newest = legs.map(() => Number.NEGATIVE_INFINITY);
	#lead = 0;
	#heardAtMs = 0;
	#isProtected = false;
	readonly #openedAtMs: number;
	/** Everything before this frame was said while the call was protected, and never leaves. [P1] */
	#silencedBefore = 0;

	constructor(codec: Codec, now: () => number, frames: () => number, counts: Counts) {
		this.#now = now;
		this.#frames = frames;
		this.#counts = counts;
		this.#line = new FrameLine(codec);
		this.#levels = legs.map(() => legLevel(codec));
		this.#strands = soundForms.map((form) => new Strand(form, codec, this.#line));
		this.#openedAtMs = now();
	}

	get #both() {
		return this.#strands[0] as Strand;
	}

	frame(place: number, index: number, bytes: Uint8Array): number {
		const level = this.#levels[place] as LegLevel;
		if (index > (this.#newest[place] as number) + absentAfter) level.absent();
		// A leg that comes too late is there all the same, and is waited for from now on.
		this.#newest[place] = Math.max(this.#newest[place] as number, index);
		const ahead = index - this.#lead;
		this.#lead = Math.max(this.#lead, index);
		if (this.#isProtected) this.#silencedBefore = Math.max(this.#silencedBefore, index + 1);
		// Not late but kept back: the leg stays where it is.
		if (index < this.#silencedBefore) return 0;
		if (index < this.#both.next) {
			this.#counts.lateFrames++;
			return this.#both.next - index;
		}
		this.#heardAtMs = this.#now();
		level.take(bytes);
		// What has waited long enough leaves before its place is taken.
		if (ahead > maxAhead) this.#advance();
		this.#line.put(place, index, bytes, level.byte);
		this.#advance();
		return 0;
	}

	listen(ear: Ear): Hearing {
		let strand = this.#both;
		strand.ears.add(ear);
		this.#counts.listeners++;
		return {
			choose: (form) => {
				if (!strand.ears.delete(ear)) return;
				strand = this.#strands[soundForms.indexOf(form)] as Strand;
				strand.next = Math.max(strand.next, this.#both.next);
				strand.ears.add(ear);
			},
			stop: () => {
				if (strand.ears.delete(ear)) this.#counts.listeners--;
			},
		};
	}

	protect(on: boolean) {
		this.#isProtected = on;
		if (!on) {
			// What was said until now may still be on its way to us: its place in time keeps it back.
			const until = Math.ceil((this.#now() - this.#openedAtMs) / frameMs);
			this.#silencedBefore = Math.max(this.#silencedBefore, until);
			return;
		}
		this.#line.clear();
		for (const level of this.#levels) level.absent();
		for (const { ears } of this.#strands) for (const ear of ears) ear.clear();
	}

	talking(): Talking {
		if (this.#isProtected || this.#now() - this.#heardAtMs > quietAfterMs) return nobody;
		let bits = 0;
		for (let place = 0; place < legs.length; place++) {
			const isHere = (this.#newest[place] as number) > this.#lead - absentAfter;
			if (isHere && (this.#levels[place] as LegLevel).talks) bits |= 1 << place;
		}
		return { bits, overtalk: isOvertalk(bits) };
	}

	close() {
		for (const { ears } of this.#strands) {
			this.#counts.listeners -= ears.size;
			ears.clear();
		}
	}

	/** Sends what is complete, or has waited long enough. */
	#advance() {
		const usual = this.#frames();
		for (const strand of this.#strands) {
			if (strand !== this.#both && strand.ears.size === 0) continue;
			for (;;) {
				const from = this.#line.firstFrom(strand.next);
				if (from === undefined || this.#mustWait(from, strand.framesOf(usual))) break;
				let to = from + 1;
				while (to < from + strand.framesOf(usual) && this.#line.legsAt(to) > 0) to++;
				this.#counts.deliveredMessages += strand.send({ from, to }, Math.round(this.#now()) % 2 ** 32);
			}
		}
	}

	#mustWait(from: number, frames: number) {
		for (let index = from; index < from + frames; index++)
			if (this.#lead - index < maxAhead && !this.#isComplete(index)) return true;
		return false;
	}

	#isComplete(index: number) {
		const there = this.#line.legsAt(index);
		for (let place = 0; place < legs.length; place++) {
			const isHere = (this.#newest[place] as number) > this.#lead - absentAfter;
			if (isHere && !(there & (1 << place))) return false;
		}
		return true;
	}
}
