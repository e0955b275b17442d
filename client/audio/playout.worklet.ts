import { type FromPlayout, type Loudness, playoutName, type ToPlayout } from '#client/audio/playout.ts';
import { ring } from '#client/audio/ring.ts';
import { varispeed } from '#client/audio/varispeed.ts';
import { scope } from '#client/audio/worklet-scope.ts';
import { sampleRate as callRate, decodeSound, type Leg, legs, parts, rateOf } from '#shared/audio.ts';

/** A quantum is 128 frames today; the specification lets it grow. At a call's rate it takes at most so many samples. */
const most = 4096;
const levelsEvery = 0.05;
const statsEvery = 5;
/** What is left, after one ms, of the way to another loudness: there within about 60 ms, so that it does not click. */
const fadeInOneMs = Math.exp(-1 / 20);
/** A talking leg's loudest sample is about so much louder than its power says. */
const peakOverPower = 4;
const nothing = (): Record<Leg, number> => ({ customer: 0, agent: 0, executive: 0 });
const nobody = { customer: false, agent: false, executive: false };

/** What turns a call's messages into what the device takes, at the call's rate. */
const playing = (rate: number) => ({
	rate,
	buffer: ring(rate),
	speed: varispeed(rate, scope.sampleRate, 2, most),
	fade: fadeInOneMs ** (1000 / rate),
});

/**
 * Runs in the audio thread, so that a busy page cannot make the sound stutter: decodes, orders, conceals, stretches and
 * resamples. Two channels out: the customer, and the company's side, where an executive who speaks sounds with the agent,
 * each with a loudness of its own. What comes mixed is on both.
 */
class Playout extends scope.AudioWorkletProcessor {
	#now = playing(callRate);
	#pulled = parts.map(() => new Float32Array(most));
	#peaks = nothing();
	#wished: Loudness = { customer: 1, agent: 1, executive: 1 };
	#loudness = parts.map(() => 1);
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
			if (data === 'hush') return this.#now.buffer.hush();
			if ('loudness' in data) {
				this.#wished = data.loudness;
				return;
			}
			const message = decodeSound(new Uint8Array(data));
			if (typeof message === 'string') return;
			const rate = rateOf[message.codec];
			if (rate !== this.#now.rate) this.#now = playing(rate);
			this.#now.buffer.push(message);
		};
	}

	process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
		const channels = outputs[0] as Float32Array[];
		const { buffer, speed } = this.#now;
		speed.trim(buffer.ppm);
		const count = speed.needs((channels[0] as Float32Array).length);
		buffer.pull(this.#pulled, count);
		for (let part = 0; part < parts.length; part++) this.#weigh(part, count);
		const [customer, agent, executive, mixed] = this.#pulled as [
			Float32Array,
			Float32Array,
			Float32Array,
			Float32Array,
		];
		for (let i = 0; i < count; i++) {
			agent[i] = (agent[i] as number) + (executive[i] as number) + (mixed[i] as number);
			customer[i] = (customer[i] as number) + (mixed[i] as number);
		}
		speed.run(this.#pulled, count, channels);
		if (scope.currentTime - this.#saidAt >= levelsEvery) this.#say();
		return this.#running;
	}

	#weigh(part: number, count: number) {
		const leg = legs[part];
		const { customer, agent, executive } = this.#wished;
		const wished = leg ? this.#wished[leg] : Math.max(customer, agent, executive);
		const samples = this.#pulled[part] as Float32Array;
		const { fade } = this.#now;
		let loudness = this.#loudness[part] as number;
		let peak = 0;
		for (let i = 0; i < count; i++) {
			const sample = samples[i] as number;
			peak = Math.max(peak, Math.abs(sample));
			loudness = wished + (loudness - wished) * fade;
			samples[i] = sample * loudness;
		}
		this.#loudness[part] = loudness;
		if (leg) this.#peaks[leg] = Math.max(this.#peaks[leg], peak);
	}

	#say() {
		this.#saidAt = scope.currentTime;
		const { buffer, speed } = this.#now;
		const { told } = buffer;
		const message: FromPlayout = { peaks: this.#peaks, talks: { ...nobody }, overtalk: told?.overtalk ?? false };
		if (told)
			for (const leg of legs) {
				const { talks, below } = told.levels[leg];
				message.talks[leg] = talks;
				// Of legs that come mixed only the header says how loud each is.
				if (message.peaks[leg] === 0 && talks) message.peaks[leg] = Math.min(1, peakOverPower * 10 ** (-below / 20));
			}
		if (this.#said++ % statsEvery === 0) {
			const { playing, bufferMs, underruns, missedMs, droppedMs, addedMs, lostMs, concealedMs, mediaMs } = buffer;
			message.stats = {
				playing,
				bufferMs,
				underruns,
				missedMs,
				stretchedMs: droppedMs + addedMs,
				lostMs,
				concealedMs,
				mediaMs,
				contextMs: scope.currentTime * 1000,
				...(told ? { serverMs: told.serverMs - speed.delayMs, frames: told.frames } : {}),
			};
		}
		this.port.postMessage(message);
		this.#peaks = nothing();
	}
}

scope.registerProcessor(playoutName, Playout);
