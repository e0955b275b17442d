/** Two soft notes, a fourth apart, every four seconds: somebody waits, and the line is not dead. */
const notes = [
	{ hz: 392, afterSeconds: 0 },
	{ hz: 523.25, afterSeconds: 0.35 },
];
const everyMs = 4000;
/** Far below a voice. */
const loudness = 0.04;

/** Plays until the function given back is called. */
export function waitingTone(context: AudioContext, every: (ms: number, ring: () => void) => () => void): () => void {
	const out = context.createGain();
	out.connect(context.destination);
	const ring = () => {
		for (const { hz, afterSeconds } of notes) {
			const note = context.createOscillator();
			const shape = context.createGain();
			const from = context.currentTime + afterSeconds;
			note.frequency.value = hz;
			shape.gain.setValueAtTime(0, from);
			shape.gain.linearRampToValueAtTime(loudness, from + 0.05);
			shape.gain.exponentialRampToValueAtTime(0.0001, from + 0.9);
			note.connect(shape).connect(out);
			note.start(from);
			note.stop(from + 1);
		}
	};
	ring();
	const stop = every(everyMs, ring);
	return () => {
		stop();
		out.disconnect();
	};
}
