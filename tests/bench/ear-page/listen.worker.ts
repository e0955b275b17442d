import { chirpMs, heardChirps } from '#tests/support/chirp.ts';

/** Two channels that were rendered, and the context's time of their first sample. */
export interface Piece {
	contextMs: number;
	channels: [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
}

/** What is to be listened to: pieces that follow one another, and the wall clock's time at the context's zero, and at the chirps'. */
export interface ToHear {
	pieces: Piece[];
	rate: number;
	contextBeganMs: number;
	chirpsBeganMs: number;
}

/** How long after it was sent each place was heard, and what was wrong with the sound. */
export interface HeardSide {
	delaysMs: number[];
	glitches: number;
	gaps: number;
	silences: number;
	repeats: number;
	pitchErrors: number;
	ms: number;
}

self.onmessage = ({ data, ports: [answer] }: MessageEvent<ToHear>) => {
	const { pieces, rate, contextBeganMs, chirpsBeganMs } = data;
	const [first, second] = [0, 1].map((channel) =>
		joined(pieces.map(({ channels }) => channels[channel] as Float32Array)),
	);
	const { places, gapsMs, silencesMs, repeatsMs, pitchErrors } = heardChirps(
		first as Float32Array,
		second as Float32Array,
		rate,
	);
	const beganMs = (pieces[0]?.contextMs ?? 0) + contextBeganMs - chirpsBeganMs;
	const [gaps, silences, repeats] = [gapsMs.length, silencesMs.length, repeatsMs.length];
	const heard: HeardSide = {
		delaysMs: places.map(({ atMs, positionMs }) => modulo(beganMs + atMs - positionMs, chirpMs)),
		glitches: gaps + silences + repeats + pitchErrors,
		gaps,
		silences,
		repeats,
		pitchErrors,
		ms: ((first as Float32Array).length * 1000) / rate,
	};
	answer?.postMessage(heard);
};

const modulo = (value: number, by: number) => ((value % by) + by) % by;

function joined(pieces: Float32Array[]): Float32Array {
	const all = new Float32Array(pieces.reduce((length, piece) => length + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		all.set(piece, at);
		at += piece.length;
	}
	return all;
}
