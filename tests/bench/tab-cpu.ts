import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { machineClock } from '#server/clock.ts';
import { bareTab } from '#tests/bench/bare-tab.ts';
import { ycordServer } from '#tests/bench/ycord-server.ts';
import { chirpMs, chirpsOnTheWire } from '#tests/support/chirp.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

export interface TabCpuOptions {
	rounds: number;
	windowMs: number;
	/** The page has begun to play, and is done with beginning. */
	settleMs: number;
	signal: AbortSignal;
}

/** Percents of a core: the built page, and a page that does the least that plays sound at all. */
export interface TabCpu {
	ycord: number;
	bare: number;
}

/**
 * What listening costs the listener's machine: what the browser's pages and its audio
 * service take while the built page plays both legs of a call from a house in its own process. Beside it, in turn, a bare page (bare-tab.ts).
 * Nothing is tapped, nothing is painted to a screen.
 */
export async function tabCpu({ rounds, windowMs, settleMs, signal }: TabCpuOptions): Promise<TabCpu[]> {
	const server = await ycordServer({ core: undefined, signal });
	const browser = await openChromium().catch(async (error) => {
		await server.stop();
		throw error;
	});
	const bare = await bareTab();
	try {
		const { address, cookie } = server.seat;
		const { headers, agent } = server.door;
		const platform = await twilioPeer({ address, authToken: '', headers, parameters: { agent } });
		platform.begin();
		await platform.settled();
		const clock = machineClock();
		void playAgainAndAgain();
		async function playAgainAndAgain() {
			const { customer, agent } = chirpsOnTheWire(chirpMs);
			while (platform.socket.readyState === platform.socket.OPEN)
				await platform.play({ inbound: customer, outbound: agent }, { clock });
		}
		const [name, value] = cookie.split('=') as [string, string];
		const context = await browser.newContext();
		await context.addCookies([{ name, value, url: address }]);
		const cpuSeconds = await cpuOf(browser);
		/** Percents of a core for one page alone, from a fresh start. */
		const alone = async (address: string) => {
			signal.throwIfAborted();
			const page = await context.newPage();
			await page.goto(address);
			await page.getByRole('button', { name: /^Listen( again)?$/ }).click();
			await page.waitForTimeout(settleMs);
			const [before, beganMs] = [await cpuSeconds(), performance.now()];
			await page.waitForTimeout(windowMs);
			const spent = (await cpuSeconds()) - before;
			const percent = (100_000 * spent) / (performance.now() - beganMs);
			await page.close();
			return percent;
		};
		const found: TabCpu[] = [];
		for (let round = 0; round < rounds; round++)
			found.push({
				ycord: await alone(`${address}/board/twilio-${platform.callSid}`),
				bare: await alone(bare.address),
			});
		platform.drop();
		return found;
	} finally {
		await browser.close();
		await bare.stop();
		await server.stop();
	}
}

/** CPU seconds so far of all renderers and of the audio service. (Chrome DevTools Protocol, SystemInfo.getProcessInfo) */
async function cpuOf(browser: Browser): Promise<() => Promise<number>> {
	const session = await browser.newBrowserCDPSession();
	const isAudio = async (pid: number) =>
		(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('audio.mojom.AudioService');
	return async () => {
		const { processInfo } = await session.send('SystemInfo.getProcessInfo');
		let seconds = 0;
		for (const { id, type, cpuTime } of processInfo) if (type === 'renderer' || (await isAudio(id))) seconds += cpuTime;
		return seconds;
	};
}
