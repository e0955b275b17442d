import { kernel } from '#client/audio/kernel.ts';
import { type FromPlayout, playoutName, type ToPlayout } from '#client/audio/playout.ts';
import { resampler } from '#client/audio/resample.ts';
import { ring } from '#client/audio/ring.ts';
import { scope } from '#client/audio/worklet-scope.ts';
import { sampleRate as callRate, decodeSound, legs } from '#shared/audio.ts';

/** A quantum is 128 frames today; the specification lets it grow. At 8 kHz it takes at most so many samples of a call. */
const most = 2048;
const levelsEvery = 0.05;
const statsEvery = 5;

/**
 * Runs in the audio thread, so that a busy page cannot make the sound stutter: decodes, orders, stretches and resamples.
 * Two channels out: the customer, and the company's side, where an executive who speaks sounds with the agent.
 */
class Playout extends scope.AudioWorkletProcessor {
	#ring = ring();
	#kernel = kernel(callRate, scope.sampleRate);
	#sides = [resampler(this.#kernel, callRate, most), resampler(this.#kernel, callRate, most)] as const;
	#pulled = legs.map(() => new Float32Array(most));
	#peaks: [number, number] = [0, 0];
	#saidAt = 0;
	#said = 0;
	#running = true;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<ToPlayout>) => {
			if (data === 'stop') {
				this.#running = false;
				return;
			}
			if (data === 'hush') return this.#ring.hush();
			const message = decodeSound(new Uint8Array(data));
			if (typeof message !== 'string') this.#ring.push(message);
		};
	}

	process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
		const channels = outputs[0] as Float32Array[];
		const count = this.#sides[0].needs((channels[0] as Float32Array).length);
		this.#ring.pull(this.#pulled, count);
		const [customer, agent, executive] = this.#pulled as [Float32Array, Float32Array, Float32Array];
		for (let i = 0; i < count; i++) agent[i] = (agent[i] as number) + (executive[i] as number);
		[customer, agent].forEach((side, channel) => {
			for (let i = 0; i < count; i++)
				this.#peaks[channel as 0 | 1] = Math.max(this.#peaks[channel as 0 | 1], Math.abs(side[i] as number));
			this.#sides[channel as 0 | 1].run(side, count, channels[channel] as Float32Array);
		});
		if (scope.currentTime - this.#saidAt >= levelsEvery) this.#say();
		return this.#running;
	}

	#say() {
		this.#saidAt = scope.currentTime;
		const message: FromPlayout = { peaks: this.#peaks };
		if (this.#said++ % statsEvery === 0) {
			const { playing, bufferMs, underruns, droppedMs, lostMs, mediaMs, serverMs } = this.#ring;
			const { delayMs } = this.#sides[0];
			message.stats = {
				playing,
				bufferMs,
				underruns,
				droppedMs,
				lostMs,
				mediaMs,
				contextMs: scope.currentTime * 1000,
				...(serverMs === undefined ? {} : { serverMs: serverMs - delayMs }),
			};
		}
		this.port.postMessage(message);
		this.#peaks = [0, 0];
	}
}

scope.registerProcessor(playoutName, Playout);
