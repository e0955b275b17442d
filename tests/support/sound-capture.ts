import type { Page } from 'playwright-core';
import type { FromPlayout, PlayerStats } from '#client/audio/playout.ts';

interface Kept {
	rate: number;
	samples: number;
	pieces: Float32Array[][];
	stats?: PlayerStats;
}

/** What a page's player rendered so far, both channels, customer first; samples from −1 to 1. */
export interface CapturedSound {
	rate: number;
	channels: [Float32Array, Float32Array];
}

/** Keeps everything the page's playout worklet renders, by a worklet behind it. Called before the page loads; its context must bypass CSP. */
export async function captureSound(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const kept: Kept = { rate: 0, samples: 0, pieces: [] };
		Object.assign(window, { ycordKept: kept });
		// A piece is 8,192 samples: a message for each quantum would keep the page from doing anything else.
		const text = `registerProcessor('kept', class extends AudioWorkletProcessor {
			at = 0;
			piece = [new Float32Array(8192), new Float32Array(8192)];
			process([input]) {
				if (input.length < 2) return true;
				for (const channel of [0, 1]) this.piece[channel].set(input[channel], this.at);
				this.at += input[0].length;
				if (this.at < 8192) return true;
				this.at = 0;
				this.port.postMessage(this.piece);
				return true;
			}
		})`;
		const Original = window.AudioWorkletNode;
		window.AudioWorkletNode = class extends Original {
			constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
				super(context, name, options);
				if (options?.numberOfInputs !== 0) return;
				kept.rate = context.sampleRate;
				this.port.addEventListener('message', ({ data }: MessageEvent<FromPlayout>) => {
					if (data.stats) kept.stats = data.stats;
				});
				const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
				void context.audioWorklet.addModule(address).then(() => {
					const tap = new Original(context, 'kept', { channelCount: 2, channelCountMode: 'explicit' });
					tap.port.onmessage = ({ data }) => {
						kept.pieces.push(data);
						kept.samples += data[0].length;
					};
					this.connect(tap).connect(context.destination);
				});
			}
		};
	});
}

/** How much was rendered since the page began to play, and what the worklet last said of itself. */
export const playedSoFar = (page: Page): Promise<{ ms: number; stats: PlayerStats | undefined }> =>
	page.evaluate(() => {
		const { rate, samples, stats } = (window as unknown as { ycordKept: Kept }).ycordKept;
		return { ms: rate ? (samples * 1000) / rate : 0, stats };
	});

/** All of it; ask once, it is much. */
export async function captured(page: Page): Promise<CapturedSound> {
	const { rate, channels } = await page.evaluate(() => {
		const { rate, pieces } = (window as unknown as { ycordKept: Kept }).ycordKept;
		return { rate, channels: [0, 1].map((channel) => pieces.flatMap((piece) => [...(piece[channel] ?? [])])) };
	});
	return { rate, channels: channels.map((one) => Float32Array.from(one)) as [Float32Array, Float32Array] };
}
