import { sampleRate } from '#shared/audio.ts';

/** How loud a voice is while it speaks, RMS. */
const speechDb = -20;
/** Faint enough to hide in the codec's finest steps, enough for a leg not to sound dead. */
const roomToneDb = -66;
const windowSamples = sampleRate / 100;
/** What is quieter than the loudest 10 ms by this much is a pause. */
const pauseDb = 32;
/** Kept before and after speech, so that soft beginnings and endings stay. */
const margin = { before: 0.03 * sampleRate, after: 0.06 * sampleRate };
const fadeSamples = 0.008 * sampleRate;
/** With the margins around it, the pause between two sentences is 90 ms longer. */
const breathSamples = 0.2 * sampleRate;
/** Peaks above the knee are bent, and none comes past the ceiling. */
const limit = { knee: amplitudeOf(-7), ceiling: amplitudeOf(-3.5) };

/** Speech without the silence around it, its ends faded so that they do not click. */
export function trimmed(samples: Int16Array): Int16Array {
	const { power, threshold } = pausesOf(samples);
	const first = power.findIndex((one) => one > threshold) * windowSamples;
	const last = (power.findLastIndex((one) => one > threshold) + 1) * windowSamples;
	const kept = samples.subarray(Math.max(0, first - margin.before), last + margin.after);
	return kept.map((sample, index) =>
		Math.round(sample * Math.min(1, index / fadeSamples, (kept.length - 1 - index) / fadeSamples)),
	);
}

/** Sentences one after the other, with a breath between them. */
export function joined(sentences: Int16Array[]): Int16Array {
	const length = sentences.reduce((sum, one) => sum + one.length + breathSamples, -breathSamples);
	const whole = new Int16Array(length);
	let at = 0;
	for (const sentence of sentences) {
		whole.set(sentence, at);
		at += sentence.length + breathSamples;
	}
	return whole;
}

/** Speech as loud as all other, or by `extraDb` louder; no peak above −3.5 dBFS. */
export function levelled(samples: Int16Array, extraDb: number): Int16Array {
	const { power, threshold } = pausesOf(samples);
	const speaking = power.filter((one) => one > threshold);
	const rms = Math.sqrt(speaking.reduce((sum, one) => sum + one, 0) / speaking.length);
	const gain = amplitudeOf(speechDb + extraDb) / rms;
	return samples.map((sample) => Math.round(limited(sample * gain) * 32768));
}

/** The hum of a quiet room, the same for the same seed. */
export function roomTone(length: number, seed: number): Int16Array {
	let state = seed;
	let smooth = 0;
	const loudness = amplitudeOf(roomToneDb) * 32768;
	return new Int16Array(length).map(() => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		const white = (state / 2 ** 31 - 1) * Math.sqrt(3);
		smooth += 0.4 * (white - smooth);
		// The smoothing leaves half the amplitude.
		return Math.round(smooth * 2 * loudness);
	});
}

function limited(value: number): number {
	const { knee, ceiling } = limit;
	const over = Math.abs(value) - knee;
	if (over <= 0) return value;
	return Math.sign(value) * (knee + (ceiling - knee) * Math.tanh(over / (ceiling - knee)));
}

/** The mean square of each 10 ms, and below which of them the voice pauses. */
function pausesOf(samples: Int16Array): { power: number[]; threshold: number } {
	const power = Array.from({ length: Math.floor(samples.length / windowSamples) }, (_, index) => {
		const window = samples.subarray(index * windowSamples, (index + 1) * windowSamples);
		return window.reduce((sum, sample) => sum + sample * sample, 0) / windowSamples;
	});
	const loudest = power.reduce((most, one) => Math.max(most, one), 0);
	if (loudest === 0) throw new Error('a voice said nothing');
	return { power, threshold: loudest * 10 ** (-pauseDb / 10) };
}

function amplitudeOf(db: number): number {
	return 10 ** (db / 20);
}
