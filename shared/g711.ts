/**
 * G.711 (ITU-T G.711, 1988): 8-bit µ-law and A-law against 16-bit linear samples. Decoding is one look-up; encoding is
 * exact by the standard's segments. Used by the tab (which decodes, so that the wire stays at a byte a sample), by the
 * browser line's microphone and by the WAV reader.
 */
import type { Codec } from '#shared/audio.ts';

const bias = 0x84;
const clip = 32635;

/** One µ-law byte for one 16-bit sample. */
export function encodeUlaw(sample: number): number {
	const sign = sample < 0 ? 0x80 : 0;
	const magnitude = Math.min(Math.abs(sample), clip) + bias;
	const exponent = 31 - Math.clz32(magnitude) - 7;
	const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
	return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** One A-law byte for one 16-bit sample. */
export function encodeAlaw(sample: number): number {
	// The negative half is the one's complement of the positive, so that -1 stands beside 0. (G.711, table 1b)
	const sign = sample < 0 ? 0 : 0x80;
	const magnitude = (sample < 0 ? ~sample : sample) >> 4;
	const exponent = magnitude < 32 ? (magnitude < 16 ? 0 : 1) : 31 - Math.clz32(magnitude) - 3;
	const mantissa = exponent < 2 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
	return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function linearOfUlaw(byte: number): number {
	const code = ~byte & 0xff;
	const magnitude = ((((code & 0x0f) << 3) + bias) << ((code >> 4) & 7)) - bias;
	return code & 0x80 ? -magnitude : magnitude;
}

function linearOfAlaw(byte: number): number {
	const code = byte ^ 0x55;
	const exponent = (code >> 4) & 7;
	const step = ((code & 0x0f) << 4) + 8;
	const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1);
	return code & 0x80 ? magnitude : -magnitude;
}

/** 256 linear samples, by code. */
export const ulawTable = Int16Array.from({ length: 256 }, (_, byte) => linearOfUlaw(byte));
export const alawTable = Int16Array.from({ length: 256 }, (_, byte) => linearOfAlaw(byte));
export const tableOf: Record<Codec, Int16Array> = { pcmu: ulawTable, pcma: alawTable, pcmu16: ulawTable };
export const encoderOf: Record<Codec, (sample: number) => number> = {
	pcmu: encodeUlaw,
	pcma: encodeAlaw,
	pcmu16: encodeUlaw,
};
