import { frameMs, type Leg, legs, type Part, partBits, parts, type SoundMessage } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

/** Two seconds. What is older is written over; whoever reads stays well inside. */
const capacityMs = 2048;
/** What counts as quiet: 44 dB below the loudest a leg can be. */
const quietPeak = 0.006;
/** Where silence was left out there is a little noise, as on any line, so that it does not seem dead: at most 50 dB below. */
const mostNoise = 0.003;

/** The parts of a call side by side, every sample at its place in media time; where nothing came there is silence. */
export interface Tracks {
	/** Samples a millisecond. */
	readonly msSamples: number;
	/** Sound is known from here … */
	readonly from: number;
	/** … to here, in samples; holes between are silence. */
	readonly end: number;
	/** Begins anew at `position`: nothing before it is known. */
	restart(position: number): void;
	/** Puts a message's parts in their place. What came twice is there once. */
	write(start: number, message: SoundMessage): void;
	/** One sample of one part, silence outside what is known. */
	sample(part: number, position: number): number;
	/** Whether sound for this place came: of any part, or of all of `asked` (bits as in a sound message). */
	came(position: number, asked?: number): boolean;
	/** Whether every part is quiet over a stretch. */
	quiet(from: number, to: number): boolean;
}

export function tracks(rate: number): Tracks {
	const msSamples = rate / 1000;
	const capacity = capacityMs * msSamples;
	const rows = parts.map(() => new Float32Array(capacity));
	/** The parts that came, for each millisecond. */
	const there = new Uint8Array(capacityMs);
	let from = 0;
	let end = 0;
	let random = 1;
	const slot = (position: number) => Math.floor(position / msSamples) % there.length;
	const sample = (part: number, position: number) =>
		position < from || position >= end ? 0 : ((rows[part] as Float32Array)[position % capacity] as number);
	const noise = () => {
		// xorshift32 (Marsaglia 2003)
		random ^= random << 13;
		random ^= random >>> 17;
		random ^= random << 5;
		return random / 2 ** 31;
	};
	return {
		msSamples,
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
			const length = message.frames * frameMs * msSamples;
			for (; end < start + length; end += msSamples) {
				there[slot(end)] = 0;
				for (const row of rows) row.fill(0, end % capacity, (end % capacity) + msSamples);
			}
			const table = tableOf[message.codec];
			for (let place = 0; place < rows.length; place++) {
				const part = message.parts[parts[place] as Part];
				const row = rows[place] as Float32Array;
				const room = noiseIn(message, parts[place] as Part);
				if (part)
					for (let i = 0; i < length; i++) row[(start + i) % capacity] = (table[part[i] as number] as number) / 32768;
				else if (room > 0) for (let i = 0; i < length; i++) row[(start + i) % capacity] = noise() * room;
			}
			const bits = bitsOf(message);
			for (let position = start; position < start + length; position += msSamples)
				there[slot(position)] = (there[slot(position)] as number) | bits;
		},
		sample,
		came(position, asked = 0) {
			const bits = position >= from && position < end ? (there[slot(position)] as number) : 0;
			return bits > 0 && (bits & asked) === asked;
		},
		quiet(first, to) {
			for (let part = 0; part < rows.length; part++)
				for (let position = first; position < to; position++)
					if (Math.abs(sample(part, position)) > quietPeak) return false;
			return true;
		},
	};
}

/** The peak of the noise that stands for a leg's left out silence; evenly spread, it is √3 times as loud as its power says. */
function noiseIn({ silenceLeftOut, levels }: SoundMessage, part: Part): number {
	const level = silenceLeftOut && part !== 'mixed' ? levels[part as Leg] : undefined;
	return level && level.below < 127 ? Math.sqrt(3) * Math.min(mostNoise, 10 ** (-level.below / 20)) : 0;
}

const allLegs = legs.reduce((bits, leg) => bits | partBits[leg], 0);

/** The parts that a message carries, as bits. Silence that was left out came too. */
export function bitsOf(message: SoundMessage): number {
	const left = message.silenceLeftOut ? allLegs : 0;
	return parts.reduce((bits, part) => (message.parts[part] ? bits | partBits[part] : bits), left);
}
