import { type Codec, frameBytes, frameMs, type Leg, type SoundMessage } from '#shared/audio.ts';
import { alawTable, ulawTable } from '#shared/g711.ts';

const tableOf = { pcmu: ulawTable, pcma: alawTable, pcmu16: ulawTable } satisfies Record<Codec, ArrayLike<number>>;

/** What a listener heard of a leg, in linear samples, each message at its own place in time; what never came is silence. */
export function heardLeg(messages: readonly SoundMessage[], leg: Leg): Int16Array {
	const withLeg = messages.filter(({ parts }) => parts[leg]);
	const [first, last] = [withLeg[0], withLeg.at(-1)];
	if (!first || !last) return new Int16Array();
	const perMs = frameBytes(first.codec) / frameMs;
	const heard = new Int16Array((last.mediaMs - first.mediaMs + last.frames * frameMs) * perMs);
	for (const { codec, mediaMs, parts } of withLeg)
		heard.set(
			Int16Array.from(parts[leg] as Uint8Array, (code) => tableOf[codec][code] as number),
			(mediaMs - first.mediaMs) * perMs,
		);
	return heard;
}
