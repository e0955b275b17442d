import { kernel } from '#client/audio/kernel.ts';
import { type FromPlayout, type Loudness, playoutName, type ToPlayout } from '#client/audio/playout.ts';
import { resampler } from '#client/audio/resample.ts';
import { ring } from '#client/audio/ring.ts';
import { scope } from '#client/audio/worklet-scope.ts';
import { sampleRate as callRate, decodeSound, type Leg, legs } from '#shared/audio.ts';

/** A quantum is 128 frames today; the specification lets it grow. At 8 kHz it takes at most so many samples of a call. */
const most = 2048;
const levelsEvery = 0.05;
const statsEvery = 5;
/** What is left, after one sample, of the way to another loudness: there within about 60 ms, so that it does not click. */
const fade = Math.exp(-1 / (0.02 * callRate));
const nothing = (): Record<Leg, number> => ({ customer: 0, agent: 0, executive: 0 });

/**
 * Runs in the audio thread, so that a busy page cannot make the sound stutter: decodes, orders, stretches and resamples.
 * Two channels out: the customer, and the company's side, where an executive who speaks sounds with the agent, each with a
 * loudness of its own.
 */
class Playout extends scope.AudioWorkletProcessor {
	#ring = ring();
	#kernel = kernel(callRate, scope.sampleRate);
	#sides = [resampler(this.#kernel, callRate, most), resampler(this.#kernel, callRate, most)] as const;
	#pulled = legs.map(() => new Float32Array(most));
	#peaks = nothing();
	#wished: Loudness = { customer: 1, agent: 1, executive: 1 };
	#loudness: Loudness = { ...this.#wished };
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
			if ('loudness' in data) {
				this.#wished = data.loudness;
				return;
			}
			const message = decodeSound(new Uint8Array(data));
			if (typeof message !== 'string') this.#ring.push(message);
		};
	}

	process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
		const channels = outputs[0] as Float32Array[];
		const count = this.#sides[0].needs((channels[0] as Float32Array).length);
		this.#ring.pull(this.#pulled, count);
		legs.forEach((leg, row) => {
			this.#weigh(leg, this.#pulled[row] as Float32Array, count);
		});
		const [customer, agent, executive] = this.#pulled as [Float32Array, Float32Array, Float32Array];
		for (let i = 0; i < count; i++) agent[i] = (agent[i] as number) + (executive[i] as number);
		[customer, agent].forEach((side, channel) => {
			this.#sides[channel as 0 | 1].run(side, count, channels[channel] as Float32Array);
		});
		if (scope.currentTime - this.#saidAt >= levelsEvery) this.#say();
		return this.#running;
	}

	#weigh(leg: Leg, samples: Float32Array, count: number) {
		const wished = this.#wished[leg];
		let loudness = this.#loudness[leg];
		for (let i = 0; i < count; i++) {
			const sample = samples[i] as number;
			this.#peaks[leg] = Math.max(this.#peaks[leg], Math.abs(sample));
			loudness = wished + (loudness - wished) * fade;
			samples[i] = sample * loudness;
		}
		this.#loudness[leg] = loudness;
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
		this.#peaks = nothing();
	}
}

scope.registerProcessor(playoutName, Playout);
