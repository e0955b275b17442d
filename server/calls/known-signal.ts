import { frameSamples, sampleRate, silenceByte } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';

/** What each voice of a test call sounds, so that it is known whose it is wherever it is heard. */
export const signalHz = { customer: 440, agent: 880 } as const;
export type SignalLeg = keyof typeof signalHz;
export const signalLegs = Object.keys(signalHz) as SignalLeg[];
/** The peak of each tone, in 16-bit samples: −12 dBFS, a voice that is well heard and nowhere clipped. */
export const signalPeak = 8192;

/** Frames that sound and frames that do not, in turn: lengths that fit themselves at one place only. 3 s in all. */
const lengths = [7, 3, 5, 2, 9, 4, 3, 6, 12, 2, 4, 5, 8, 3, 3, 7, 10, 2, 6, 4, 5, 8, 4, 3, 11, 2, 6, 1, 3, 2];

/** For each frame of the signal, whether it sounds. */
export const signalSounds: readonly boolean[] = lengths.flatMap((length, index) =>
	Array<boolean>(length).fill(index % 2 === 0),
);
export const signalFrames = signalSounds.length;

/** After so many samples both tones begin again: 25 ms, eleven turns of the one and 22 of the other. */
const periodSamples = 200;

/** One voice of the known signal, µ-law at 8 kHz. */
export function knownVoice(leg: SignalLeg): Uint8Array {
	const period = Uint8Array.from({ length: periodSamples }, (_, at) =>
		encodeUlaw(Math.round(signalPeak * Math.sin((2 * Math.PI * signalHz[leg] * at) / sampleRate))),
	);
	return Uint8Array.from({ length: signalFrames * frameSamples }, (_, at) =>
		signalSounds[Math.floor(at / frameSamples)] ? (period[at % periodSamples] as number) : silenceByte.pcmu,
	);
}
