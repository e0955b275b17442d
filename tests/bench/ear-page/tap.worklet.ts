import { scope } from '#client/audio/worklet-scope.ts';

const pieceSamples = 4096;
const piece = () => [new Int16Array(pieceSamples), new Int16Array(pieceSamples)];

/** Hands on what comes in, in large pieces: a message for each quantum would keep the page from doing anything else. */
class EarTap extends scope.AudioWorkletProcessor {
	#piece = piece();
	#at = 0;

	process([input = []]: Float32Array[][]): boolean {
		const length = input[0]?.length ?? 128;
		for (let i = 0; i < length; i++) {
			for (const channel of [0, 1])
				(this.#piece[channel] as Int16Array)[this.#at] = Math.round((input[channel]?.[i] ?? 0) * 32_767);
			if (++this.#at < pieceSamples) continue;
			this.port.postMessage(this.#piece);
			this.#piece = piece();
			this.#at = 0;
		}
		return true;
	}
}

scope.registerProcessor('ear-tap', EarTap);
