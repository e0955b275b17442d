import { frameSamples, legBits, legs, type SoundMessage, sampleRate } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

/** Samples of one millisecond: media time counts in these. */
export const msSamples = sampleRate / 1000;
/** About two seconds. What is older is written over; whoever reads stays well inside. */
const capacity = 16_384;
/** What counts as quiet: 44 dB below the loudest a leg can be. */
const quietPeak = 0.006;

/** The legs of a call side by side, every sample at its place in media time; where nothing came there is silence. */
export interface Tracks {
	/** Sound is known from here … */
	readonly from: number;
	/** … to here, in samples; holes between are silence. */
	readonly end: number;
	/** Begins anew at `position`: nothing before it is known. */
	restart(position: number): void;
	/** Puts a message's legs in their place. What came twice is there once. */
	write(start: number, message: SoundMessage): void;
	/** One sample of one leg, silence outside what is known. */
	sample(leg: number, position: number): number;
	/** Whether sound for this place came: of any leg, or of all of `legsAsked` (bits as in a sound message). */
	came(position: number, legsAsked?: number): boolean;
	/** Whether every leg is quiet over a stretch. */
	quiet(from: number, to: number): boolean;
}

export function tracks(): Tracks {
	const rows = legs.map(() => new Float32Array(capacity));
	/** The legs that came, for each millisecond. */
	const there = new Uint8Array(capacity / msSamples);
	let from = 0;
	let end = 0;
	const slot = (position: number) => Math.floor(position / msSamples) % there.length;
	const sample = (leg: number, position: number) =>
		position < from || position >= end ? 0 : ((rows[leg] as Float32Array)[position % capacity] as number);
	return {
		get from() {
			return Math.max(from, end - capacity);
		},
		get end() {
			return end;
		},
		restart(position) {
			from = position;
			end = position;
		},
		write(start, message) {
			const length = message.frames * frameSamples;
			for (; end < start + length; end += msSamples) {
				there[slot(end)] = 0;
				for (const row of rows) row.fill(0, end % capacity, (end % capacity) + msSamples);
			}
			const table = tableOf[message.codec];
			legs.forEach((leg, index) => {
				const part = message.parts[leg];
				const row = rows[index] as Float32Array;
				if (part)
					for (let i = 0; i < length; i++) row[(start + i) % capacity] = (table[part[i] as number] as number) / 32768;
			});
			const bits = bitsOf(message);
			for (let position = start; position < start + length; position += msSamples)
				there[slot(position)] = (there[slot(position)] as number) | bits;
		},
		sample,
		came(position, legsAsked = 0) {
			const bits = position >= from && position < end ? (there[slot(position)] as number) : 0;
			return bits > 0 && (bits & legsAsked) === legsAsked;
		},
		quiet(first, to) {
			for (let leg = 0; leg < rows.length; leg++)
				for (let position = first; position < to; position++)
					if (Math.abs(sample(leg, position)) > quietPeak) return false;
			return true;
		},
	};
}

/** The legs that a message carries, as bits. */
export function bitsOf(message: SoundMessage): number {
	return legs.reduce((bits, leg) => (message.parts[leg] ? bits | legBits[leg] : bits), 0);
}
