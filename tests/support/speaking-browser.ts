import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { openChromium } from '#tests/support/chromium.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { toneSamples } from '#tests/support/tone.ts';
import { wavFile } from '#tests/support/wav.ts';

const rate = 48_000;

/** A browser whose microphone hears one tone, for a minute and then again; with `burstMs`, in bursts as long as the pauses between them. */
export async function speakingBrowser(hz: number, burstMs?: number): Promise<Browser> {
	const folder = await temporaryFolder();
	const speech = join(folder.path, 'speech.wav');
	const samples = toneSamples(hz, 60_000, { rate, peak: 10_000 });
	if (burstMs !== undefined)
		for (let at = 0; at < samples.length; at++) if (Math.floor((at * 1000) / rate / burstMs) % 2 === 1) samples[at] = 0;
	await writeFile(speech, wavFile({ rate, channels: [samples] }));
	const browser = await openChromium([
		'--use-fake-ui-for-media-stream',
		'--use-fake-device-for-media-stream',
		`--use-file-for-fake-audio-capture=${speech}`,
	]);
	onTestFinished(async () => {
		await browser.close();
		await folder.remove();
	});
	return browser;
}
