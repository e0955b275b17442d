import type { Page } from 'playwright-core';
import { goertzel } from '#tests/support/tone.ts';

/**
 * Puts an ear at the page's playout worklet, before any fader: an analyser on each of its channels. Called before the
 * page loads; nothing of the product knows of it.
 */
export async function tapWorklets(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const Original = window.AudioWorkletNode;
		const taps: AnalyserNode[][] = [];
		Object.assign(window, { ycordTaps: taps });
		window.AudioWorkletNode = class extends Original {
			constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
				super(context, name, options);
				if (this.numberOfOutputs === 0) return;
				const channels: AnalyserNode[] = [];
				const outputs = this.numberOfOutputs;
				const listen = (source: AudioNode, output: number) => {
					const analyser = context.createAnalyser();
					analyser.fftSize = 32768;
					source.connect(analyser, output);
					channels.push(analyser);
				};
				if (outputs > 1) for (let output = 0; output < outputs; output++) listen(this, output);
				else {
					const splitter = context.createChannelSplitter(2);
					this.connect(splitter);
					listen(splitter, 0);
					listen(splitter, 1);
				}
				taps.push(channels);
			}
		};
	});
}

/** What the worklet rendered in the last 0.7 s: the samples of each channel, customer first, and their rate. */
export async function rendered(page: Page): Promise<{ rate: number; channels: number[][] }> {
	return page.evaluate(() => {
		const taps = (window as unknown as { ycordTaps: AnalyserNode[][] }).ycordTaps;
		const channels = taps.at(-1) ?? [];
		return {
			rate: channels[0]?.context.sampleRate ?? 0,
			channels: channels.map((analyser) => {
				const samples = new Float32Array(analyser.fftSize);
				analyser.getFloatTimeDomainData(samples);
				return [...samples];
			}),
		};
	});
}

/** Peaks of some frequencies in each channel, 1 is full scale. */
export async function peaks(page: Page, ...hz: number[]): Promise<number[][]> {
	const { rate, channels } = await rendered(page);
	return channels.map((samples) => hz.map((one) => goertzel(samples, one, rate)));
}
