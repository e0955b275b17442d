import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { machineClock } from '#server/clock.ts';
import type { EarPage, HeardBoth } from '#tests/bench/ear-page/ear-page.ts';
import { ycordServer } from '#tests/bench/ycord-server.ts';
import { chirpMs, chirpsOnTheWire } from '#tests/support/chirp.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { linkProxy } from '#tests/support/link-proxy.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';
import type { LinkWeather } from '#tests/support/weather.ts';

/** A house in which chirps are on a call, and listening pages over whatever link. */
export interface EarHouse {
	/** A page in which the call is heard by two players; unlistened-to by us if `bare`, as people have it. */
	listening(options: { weather?: LinkWeather; seed: number; bare?: true }): Promise<Listening>;
	stop(): Promise<void>;
}

export interface Listening {
	hear(forMs: number): Promise<HeardBoth>;
	/** CPU seconds so far of the tab and of the browser's audio, by the system's count. */
	cpuSeconds(): Promise<number>;
	close(): Promise<void>;
}

const readyWithinMs = 60_000;

/** `ycord start` in its own process, and a call that lasts as long as told, brought in through the Twilio gateway. */
export async function earHouse(callMs: number, signal: AbortSignal): Promise<EarHouse> {
	const injected = await pageScript();
	const server = await ycordServer({ core: undefined, signal });
	const { address, cookie } = server.seat;
	const peer = await twilioPeer({
		address,
		authToken: '',
		headers: server.door.headers,
		parameters: { agent: server.door.agent },
	});
	peer.begin();
	await peer.settled();
	const clock = machineClock();
	const once = chirpsOnTheWire(chirpMs);
	// A chirp ends where the next begins: 6,400 whole cycles.
	const often = (leg: Uint8Array) => {
		const all = new Uint8Array(Math.ceil(callMs / chirpMs) * leg.length);
		for (let at = 0; at < all.length; at += leg.length) all.set(leg, at);
		return all;
	};
	const chirpsBeganMs = clock.now();
	void peer.play({ inbound: often(once.customer), outbound: often(once.agent) }, { clock });

	return {
		async listening({ weather, seed, bare }) {
			const link = weather && (await linkProxy(address, weather, seed));
			const site = new URL(address.replace('127.0.0.1', 'localhost'));
			// The house speaks to pages under its own address only: the browser takes another way there.
			const way = link ? [`--host-resolver-rules=MAP ${site.host} ${new URL(link.address).host}`] : [];
			const chromium = await openChromium(way);
			const close = async () => {
				signal.removeEventListener('abort', close);
				await chromium.close();
				await link?.close();
			};
			signal.addEventListener('abort', close);
			try {
				const [name, value] = cookie.split('=') as [string, string];
				const context = await chromium.newContext(bare ? {} : { bypassCSP: true });
				await context.addCookies([{ name, value, url: site.origin }]);
				const page = await context.newPage();
				if (!bare) await page.addInitScript({ content: injected });
				await page.goto(`${site.origin}/board/twilio-${peer.callSid}`, { timeout: readyWithinMs });
				await page.getByRole('button', { name: /^Listen( again)?$/ }).click({ timeout: readyWithinMs });
				if (!bare)
					await page.waitForFunction(() => (window as unknown as { ear: EarPage }).ear.ready(), undefined, {
						timeout: readyWithinMs,
					});
				return {
					hear: (forMs) => heardIn(page, forMs, chirpsBeganMs),
					cpuSeconds: await cpuOf(chromium),
					close,
				};
			} catch (error) {
				await close();
				throw error;
			}
		},
		async stop() {
			peer.drop();
			await server.stop();
		},
	};
}

const heardIn = (page: Page, forMs: number, chirpsBeganMs: number): Promise<HeardBoth> =>
	page.evaluate(([ms, beganMs]) => (window as unknown as { ear: EarPage }).ear.hear(ms, beganMs), [
		forMs,
		chirpsBeganMs,
	] as const);

/** What is put into the page before its own programs, as one classic script. */
async function pageScript(): Promise<string> {
	const entry = fileURLToPath(new URL('./ear-page/ear-page.ts', import.meta.url));
	const built = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, lib: { entry, formats: ['iife'], name: 'ycordEar' } },
	});
	const [first] = Array.isArray(built) ? built : [built];
	const chunk = first && 'output' in first ? first.output.find(({ type }) => type === 'chunk') : undefined;
	if (chunk?.type !== 'chunk') throw new Error('the page’s script could not be built');
	return chunk.code;
}

/** Renderers, and the utility process that is the audio service. (Chrome DevTools Protocol, SystemInfo.getProcessInfo) */
async function cpuOf(chromium: Browser): Promise<() => Promise<number>> {
	const session: CDPSession = await chromium.newBrowserCDPSession();
	const isAudio = async (pid: number) =>
		(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('audio.mojom.AudioService');
	return async () => {
		const { processInfo } = await session.send('SystemInfo.getProcessInfo');
		let seconds = 0;
		for (const { id, type, cpuTime } of processInfo) if (type === 'renderer' || (await isAudio(id))) seconds += cpuTime;
		return seconds;
	};
}
