import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { machineClock } from '#server/clock.ts';
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

/**
 * What listening costs the listener's machine: percents of a core, a figure a round, that the browser's pages and its audio
 * service take while the built page plays both legs of a call from a house in its own process. Nothing is tapped, nothing
 * is painted to a screen.
 */
export async function tabCpu({ rounds, windowMs, settleMs, signal }: TabCpuOptions): Promise<number[]> {
	const server = await ycordServer({ core: undefined, signal });
	const browser = await openChromium().catch(async (error) => {
		await server.stop();
		throw error;
	});
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
		const page = await context.newPage();
		await page.goto(`${address}/board/twilio-${platform.callSid}`);
		await page.getByRole('button', { name: 'Listen', exact: true }).click();
		await page.waitForTimeout(settleMs);
		const cpuSeconds = await cpuOf(browser);
		const found: number[] = [];
		for (let round = 0; round < rounds; round++) {
			signal.throwIfAborted();
			const [before, beganMs] = [await cpuSeconds(), performance.now()];
			await page.waitForTimeout(windowMs);
			const spent = (await cpuSeconds()) - before;
			found.push((100_000 * spent) / (performance.now() - beganMs));
		}
		platform.drop();
		return found;
	} finally {
		await browser.close();
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
