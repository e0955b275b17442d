import { spawn } from 'node:child_process';
import { type BrowserContext, chromium } from 'playwright-core';
import { chromiumHere } from '#tests/support/chromium.ts';

/** A browser with a profile folder of its own, as a person has one. */
export interface ProfileBrowser {
	context: BrowserContext;
	/** Kills the whole of it, as the system does when memory is short: nothing is written any more. */
	kill(): Promise<void>;
}

/** Starts a browser on a profile folder, also one that another has left. */
export async function openProfile(folder: string): Promise<ProfileBrowser> {
	const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
	// A group of its own, so that its renderers go with it.
	const browser = spawn(chromiumHere(), [...flags, `--user-data-dir=${folder}`, '--remote-debugging-port=0'], {
		detached: true,
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const gone = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
	const kill = async () => {
		if (browser.pid !== undefined && browser.exitCode === null && browser.signalCode === null)
			process.kill(-browser.pid, 'SIGKILL');
		await gone;
	};
	const address = await new Promise<string>((resolve, reject) => {
		let said = '';
		browser.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			const [, found] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
			if (found) resolve(found);
		});
		browser.once('exit', () => reject(new Error(`the browser ended: ${said}`)));
	});
	const [context] = (await chromium.connectOverCDP(address)).contexts();
	if (!context) throw new Error('the browser has no window');
	return { context, kill };
}
