import { shippedRecording } from '#server/telephony/rehearsal/recording.ts';
import { frameSamples } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';

/** A frame of speech has a sample of this much at least, of 32,767; a room has not. */
const speaks = 1500;

/**
 * Both voices of the call that comes with Ycord, at once and without their pauses, as µ-law of whole frames. Taken as
 * sound of 16 kHz it is faster and higher, and fills that band as speech fills its own.
 */
export async function speech(frames: number): Promise<{ customer: Uint8Array; agent: Uint8Array }> {
	const { customer, agent } = await shippedRecording();
	return { customer: spoken(customer, frames), agent: spoken(agent, frames) };
}

function spoken(leg: Uint8Array, frames: number): Uint8Array {
	const kept: Uint8Array[] = [];
	for (let from = 0; from < leg.length && kept.length < frames; from += frameSamples) {
		const frame = leg.subarray(from, from + frameSamples);
		if (frame.some((code) => Math.abs(ulawTable[code] as number) > speaks)) kept.push(frame);
	}
	return Buffer.concat(kept);
}
