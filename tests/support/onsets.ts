import type { Page } from 'playwright-core';

/** When sound began after a silence, in ms since 1970: as the microphone gave it, and as the player rendered it. */
export interface Onsets {
	microphone: number[];
	player: number[];
}

/** Notes down onsets in a page, from its microphone's stream and at its playout worklet, every few ms. Called before the page loads. */
export async function watchOnsets(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const onsets: Onsets = { microphone: [], player: [] };
		Object.assign(window, { ycordOnsets: onsets });
		const watch = (of: 'microphone' | 'player', analysers: AnalyserNode[]) => {
			const samples = new Float32Array(256);
			let quietSinceMs = 0;
			const look = () => {
				const nowMs = performance.timeOrigin + performance.now();
				let loud = false;
				for (const analyser of analysers) {
					analyser.getFloatTimeDomainData(samples);
					for (const sample of samples) if (Math.abs(sample) > 0.02) loud = true;
				}
				if (loud && nowMs - quietSinceMs > 200 && quietSinceMs > 0) onsets[of].push(nowMs);
				if (loud) quietSinceMs = nowMs;
				else quietSinceMs ||= nowMs;
			};
			setInterval(look, 4);
		};
		const analyserOn = (context: BaseAudioContext) => Object.assign(context.createAnalyser(), { fftSize: 256 });
		const Original = window.AudioWorkletNode;
		window.AudioWorkletNode = class extends Original {
			constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
				super(context, name, options);
				if (this.numberOfOutputs === 0) return;
				const analysers = Array.from({ length: this.numberOfOutputs }, (_, output) => {
					const analyser = analyserOn(context);
					this.connect(analyser, output);
					return analyser;
				});
				watch('player', analysers);
			}
		};
		const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
		navigator.mediaDevices.getUserMedia = async (constraints) => {
			const stream = await open(constraints);
			const context = new AudioContext();
			const analyser = analyserOn(context);
			context.createMediaStreamSource(stream).connect(analyser);
			watch('microphone', [analyser]);
			return stream;
		};
	});
}

export const onsetsOf = (page: Page): Promise<Onsets> =>
	page.evaluate(() => (window as unknown as { ycordOnsets: Onsets }).ycordOnsets);

/** For each time somebody began to speak, how much later it was heard; what was not heard within `withinMs` is left out. */
export function delaysBetween(spoken: readonly number[], heard: readonly number[], withinMs = 700): number[] {
	return spoken.flatMap((atMs) => {
		const next = heard.find((one) => one > atMs - 20);
		return next !== undefined && next - atMs < withinMs ? [next - atMs] : [];
	});
}
