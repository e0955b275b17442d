import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import { type Codec, frameMs } from '#shared/audio.ts';
import { encodeUlaw, tableOf } from '#shared/g711.ts';

/** How one of Asterisk's formats stands to ours. */
export interface SoundFormat {
	codec: Codec;
	rate: 8000 | 16_000;
	/** 20 ms on the wire. */
	wireBytes: number;
	/** From the wire to the call's codec; gives back what is left over of half a sample. */
	read(bytes: Uint8Array): Uint8Array;
	/** From the call's codec to the wire. */
	write(frame: Uint8Array): Uint8Array;
}

const own = (bytes: Uint8Array) => bytes;

function linear(rate: 8000 | 16_000): SoundFormat {
	const table = tableOf.pcmu;
	return {
		codec: rate === 16_000 ? 'pcmu16' : 'pcmu',
		rate,
		wireBytes: (rate * frameMs * 2) / 1000,
		// Little-endian: Asterisk sends what its machine has.
		read(bytes) {
			const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
			return Uint8Array.from({ length: bytes.length >> 1 }, (_, n) => encodeUlaw(view.getInt16(2 * n, true)));
		},
		write(frame) {
			const bytes = Buffer.alloc(frame.length * 2);
			for (const [n, code] of frame.entries()) bytes.writeInt16LE(table[code] as number, 2 * n);
			return bytes;
		},
	};
}

export const formats: Readonly<Record<MediaFormat, SoundFormat>> = {
	ulaw: { codec: 'pcmu', rate: 8000, wireBytes: 160, read: own, write: own },
	alaw: { codec: 'pcma', rate: 8000, wireBytes: 160, read: own, write: own },
	slin: linear(8000),
	slin16: linear(16_000),
};

/** Whole samples of a stream of bytes that may be cut anywhere: an odd byte waits for the next piece. */
export function wholeSamples(sampleBytes: 1 | 2): (bytes: Uint8Array) => Uint8Array {
	let left: number | undefined;
	return (bytes) => {
		if (sampleBytes === 1) return bytes;
		const whole = left === undefined ? bytes : Uint8Array.of(left, ...bytes);
		left = whole.length % 2 === 1 ? whole.at(-1) : undefined;
		return whole.length % 2 === 1 ? whole.subarray(0, -1) : whole;
	};
}
