import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The Chromium of this machine: the one that `YCORD_TEST_CHROMIUM` names, else the first of the usual names on the path. */
export function chromiumHere(): string {
	const named = process.env.YCORD_TEST_CHROMIUM;
	if (named) return named;
	const folders = (process.env.PATH ?? '').split(delimiter);
	for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
		for (const folder of folders) {
			try {
				accessSync(join(folder, name), constants.X_OK);
				return join(folder, name);
			} catch {
				// Not there; the next one.
			}
		}
	throw new Error('No Chromium: `npm test` installs one, or name one in YCORD_TEST_CHROMIUM.');
}

/** A real browser without a window. Sound is rendered in real time without a device, and autoplay is refused as for people. */
export const openChromium = (more: string[] = []): Promise<Browser> =>
	chromium.launch({
		executablePath: chromiumHere(),
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more],
		ignoreDefaultArgs: ['--mute-audio', '--autoplay-policy=no-user-gesture-required'],
	});
