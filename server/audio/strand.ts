import type { FrameLine } from '#server/audio/frame-line.ts';
import { framedRoom, headOf } from '#server/audio/framed.ts';
import type { Ear } from '#server/audio/hub.ts';
import {
	type Codec,
	frameMs,
	headerBytes,
	type Leg,
	type Level,
	legs,
	maxFramesPerMessage,
	partBits,
	type SoundForm,
	silent,
	soundBytes,
	writeSoundHeader,
} from '#shared/audio.ts';
import { encoderOf, tableOf } from '#shared/g711.ts';

/** The frames `from` to before `to` of a call, to be sent. */
export interface Span {
	from: number;
	to: number;
}

/** A call's sound in one form, and those who hear it so. */
export class Strand {
	readonly ears = new Set<Ear>();
	/** Everything before this frame has left, or never will. */
	next = 0;
	readonly #form: SoundForm;
	readonly #codec: Codec;
	readonly #line: FrameLine;
	#sequence = 0;

	constructor(form: SoundForm, codec: Codec, line: FrameLine) {
		this.#form = form;
		this.#codec = codec;
		this.#line = line;
	}

	/** How many frames are put into a message, where `usual` is what the node's load allows. */
	framesOf(usual: number): number {
		return this.#form === 'low' ? maxFramesPerMessage : usual;
	}

	/** Builds one message and gives it to everybody. Gives back how many that were. */
	send({ from, to }: Span, serverMs: number): number {
		this.next = to;
		this.#sequence++;
		if (this.ears.size === 0) return 0;
		const framed = this.#message(from, to, serverMs);
		const messageMs = (to - from) * frameMs;
		for (const ear of this.ears) ear.send(framed, messageMs);
		return this.ears.size;
	}

	#message(from: number, to: number, serverMs: number): Buffer {
		const line = this.#line;
		const frames = to - from;
		let came = 0;
		let talk = 0;
		let overtalk = false;
		const loudest = legs.map(() => silent.below);
		for (let index = from; index < to; index++) {
			let talkNow = 0;
			came |= line.legsAt(index);
			for (let place = 0; place < legs.length; place++) {
				const level = line.levelAt(place, index);
				if (level >= 0x80) talkNow |= 1 << place;
				loudest[place] = Math.min(loudest[place] as number, level & 0x7f);
			}
			overtalk ||= isOvertalk(talkNow);
			talk |= talkNow;
		}
		const sent = this.#form === 'low' ? came & talk : came;
		const isMixed = this.#form === 'mixed' && came > 0;
		const partCount = isMixed ? 1 : countOf(sent);
		const size = soundBytes(this.#codec, frames, partCount);
		const framed = framedRoom(size);
		const head = headOf(size);
		const level = (place: number): Level => ({ talks: (talk & (1 << place)) > 0, below: loudest[place] as number });
		writeSoundHeader(
			framed.subarray(head),
			{
				codec: this.#codec,
				frames,
				sequence: this.#sequence,
				mediaMs: from * frameMs,
				serverMs,
				levels: { customer: level(0), agent: level(1), executive: level(2) } satisfies Record<Leg, Level>,
				overtalk,
				silenceLeftOut: sent !== came,
			},
			isMixed ? partBits.mixed : sent,
		);
		let at = head + headerBytes;
		if (isMixed) this.#mix(came, from, to, framed, at);
		else
			for (let place = 0; place < legs.length; place++)
				if (sent & (1 << place))
					for (let index = from; index < to; index++, at += line.frameBytes) line.copy(place, index, framed, at);
		return framed;
	}

	#mix(came: number, from: number, to: number, into: Buffer, at: number) {
		const line = this.#line;
		const table = tableOf[this.#codec];
		const encode = encoderOf[this.#codec];
		const size = (to - from) * line.frameBytes;
		const sum = new Int32Array(countOf(came) > 1 ? size : 0);
		const one = Buffer.allocUnsafe(line.frameBytes);
		for (let place = 0; place < legs.length; place++) {
			if (!(came & (1 << place))) continue;
			for (let index = from, start = 0; index < to; index++, start += line.frameBytes) {
				if (sum.length === 0) line.copy(place, index, into, at + start);
				else {
					line.copy(place, index, one, 0);
					for (let i = 0; i < one.length; i++)
						sum[start + i] = (sum[start + i] as number) + (table[one[i] as number] as number);
				}
			}
		}
		for (let i = 0; i < sum.length; i++) into[at + i] = encode(Math.max(-32768, Math.min(32767, sum[i] as number)));
	}
}

/** Whether the customer and somebody of the company talk at once; `talk` are the legs that talk, as bits. */
export const isOvertalk = (talk: number): boolean => (talk & 1) > 0 && talk > 1;

const countOf = (bits: number) => (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1);
