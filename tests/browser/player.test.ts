import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SoundPage } from '#tests/browser/sound-page/sound-page.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { goertzel, peakOf, toneSamples } from '#tests/support/tone.ts';
import { wavFile } from '#tests/support/wav.ts';

/** What the product's own pages are served under, as far as sound is concerned: nothing inline, nothing from elsewhere. */
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'";
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

const folder = await temporaryFolder();
let browser: Browser;
let server: Server;
let address: string;

beforeAll(async () => {
	const root = join(import.meta.dirname, 'sound-page');
	await build({
		root,
		configFile: false,
		logLevel: 'error',
		worker: { format: 'es' },
		build: { outDir: folder.path, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
	});
	// A minute of the microphone's two tones, of which a telephone carries one: Chromium's stand-in device speaks this file.
	const speech = join(folder.path, 'speech.wav');
	const high = toneSamples(6000, 60_000, { rate: 48_000, peak: 10_000 });
	const both = toneSamples(440, 60_000, { rate: 48_000, peak: 10_000 }).map((low, at) => low + (high[at] as number));
	await writeFile(speech, wavFile({ rate: 48_000, channels: [both] }));
	server = createServer(async (request, response) => {
		const path = new URL(request.url ?? '/', 'http://here').pathname;
		const file = join(folder.path, path === '/' ? 'index.html' : path);
		const content = await readFile(file).catch(() => undefined);
		const type = types[extname(file)] ?? 'application/octet-stream';
		response.writeHead(content ? 200 : 404, { 'content-type': type, 'content-security-policy': policy }).end(content);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	browser = await openChromium([
		'--use-fake-ui-for-media-stream',
		'--use-fake-device-for-media-stream',
		`--use-file-for-fake-audio-capture=${speech}`,
	]);
});
afterAll(async () => {
	await browser?.close();
	server?.close();
	await folder.remove();
});

/** Asks the page, in the page. */
const ask = <Answer>(page: Page, question: (page: SoundPage) => Answer): Promise<Answer> =>
	page.evaluate(`(${question})(window.page)`) as Promise<Answer>;
const patiently = { timeout: 20_000, interval: 100 };

/** The peaks of both tones in what both output channels rendered, of 32,767. */
async function tones(page: Page) {
	const rate = await ask(page, (one) => one.rate());
	const channels = await ask(page, (one) => one.heard());
	return channels.map((channel) => ({
		customer: goertzel(channel, 440, rate) * 32_768,
		agent: goertzel(channel, 880, rate) * 32_768,
	})) as [Record<'customer' | 'agent', number>, Record<'customer' | 'agent', number>];
}

async function started(query = ''): Promise<Page> {
	const page = await (await browser.newContext()).newPage();
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(String(error)));
	page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
	await page.goto(`${address}${query}`);
	expect(await ask(page, (one) => one.state())).toBe('suspended');
	await page.click('#start');
	await vi.waitFor(async () => expect(await ask(page, (one) => one.stats().mediaMs)).toBeGreaterThan(0), patiently);
	expect(faults.filter((fault) => !fault.includes('favicon'))).toEqual([]);
	return page;
}
/** Both legs in both ears, as loud as they were sent, within 3 %. */
const bothHeard = async (page: Page) => {
	for (const ear of await tones(page)) {
		expect(ear.customer).toBeGreaterThan(11_640);
		expect(ear.customer).toBeLessThan(12_360);
		expect(ear.agent).toBeGreaterThan(5_820);
		expect(ear.agent).toBeLessThan(6_180);
	}
};

describe('the player in a real browser', () => {
	test.each([8000, 44_100, 48_000])(
		'renders both legs at their pitch and loudness on a device at %i Hz',
		async (rate) => {
			const page = await started(`?rate=${rate}`);
			expect(await ask(page, (one) => one.rate())).toBe(rate);
			await vi.waitFor(() => bothHeard(page), patiently);
			// Neither an image of the tones nor hum between them.
			await vi.waitFor(async () => {
				const [left] = await ask(page, (one) => one.heard());
				for (const hz of [440 * 3, 660, 3560]) expect(goertzel(left as number[], hz, rate) * 32_768).toBeLessThan(120);
			}, patiently);
			await page.context().close();
		},
	);

	test('mutes, turns down, weighs and places each leg', async () => {
		const page = await started();
		await vi.waitFor(() => bothHeard(page), patiently);
		await ask(page, (one) => one.play.setMuted('agent', true));
		await vi.waitFor(async () => {
			const [left] = await tones(page);
			expect(left.agent).toBeLessThan(60);
			expect(left.customer).toBeGreaterThan(11_640);
		}, patiently);
		await ask(page, (one) => {
			one.play.setMuted('agent', false);
			one.play.setBalance(1);
			one.play.setVolume('agent', 0.5);
		});
		await vi.waitFor(async () => {
			const [left] = await tones(page);
			expect(left.customer).toBeLessThan(60);
			expect(Math.abs(left.agent - 3000)).toBeLessThan(100);
		}, patiently);
		await ask(page, (one) => {
			one.play.setBalance(0);
			one.play.setVolume('agent', 1);
			one.play.setStereo(true);
		});
		await vi.waitFor(async () => {
			const [left, right] = await tones(page);
			expect(left.customer).toBeGreaterThan(2 * right.customer);
			expect(right.agent).toBeGreaterThan(2 * left.agent);
			// Apart, and still to be heard by both ears.
			expect(right.customer).toBeGreaterThan(500);
		}, patiently);
		await page.context().close();
	});

	test('shows levels, says what it plays, and goes on after the network stalled', async () => {
		const page = await started();
		await vi.waitFor(async () => {
			const { customer, agent } = await ask(page, (one) => one.levels());
			// 12,000 and 6,000 of 32,768 are 8.7 and 14.7 dB below the loudest, on a scale of 54 dB.
			expect(Math.abs(customer - 0.84)).toBeLessThan(0.03);
			expect(Math.abs(agent - 0.73)).toBeLessThan(0.03);
		}, patiently);
		const before = await vi.waitFor(async () => {
			const now = await ask(page, (one) => one.stats());
			expect(now).toMatchObject({ playing: true, serverMs: expect.any(Number) });
			return now;
		}, patiently);
		await ask(page, (one) => one.delay(700));
		await vi.waitFor(async () => {
			const now = await ask(page, (one) => one.stats());
			expect(now.underruns).toBeGreaterThan(before.underruns);
			expect(now).toMatchObject({ playing: true, lostMs: before.lostMs });
			expect(now.bufferMs).toBeLessThanOrEqual(500);
		}, patiently);
		await vi.waitFor(() => bothHeard(page), patiently);
		await page.context().close();
	});
});

describe('the microphone in a real browser', () => {
	test.each([44_100, 48_000])(
		'gives µ-law frames of what it hears, and silence while muted (device at %i Hz)',
		async (rate) => {
			const page = await started(`?microphone&rate=${rate}`);
			const spoken = async () => Uint8Array.from(await ask(page, (one) => one.spoken('pcmu')));
			await vi.waitFor(async () => expect((await spoken()).length).toBeGreaterThan(16_000), patiently);
			const heard = (await spoken()).subarray(-8000);
			expect(heard.length % 160).toBe(0);
			// The browser's own echo and noise treatment may change the loudness, not the pitch.
			expect(peakOf(heard, 440)).toBeGreaterThan(500);
			expect(peakOf(heard, 880)).toBeLessThan(peakOf(heard, 440) / 5);
			await ask(page, (one) => one.mic()?.mute(true));
			const until = (await spoken()).length + 16_000;
			await vi.waitFor(async () => expect((await spoken()).length).toBeGreaterThan(until), patiently);
			expect((await spoken()).subarray(-8000).every((byte) => byte === 0xff)).toBe(true);
			expect(await ask(page, (one) => one.mic()?.level())).toBe(0);
			await page.context().close();
		},
	);

	test('open already, it is told another codec and speaks that from then on, without a frame of the first', async () => {
		const page = await started('?microphone&rate=48000');
		const narrow = () => ask(page, (one) => one.spoken('pcmu').length);
		const wide = async () => Uint8Array.from(await ask(page, (one) => one.spoken('pcmu16')));
		await vi.waitFor(async () => expect(await narrow()).toBeGreaterThan(8000), patiently);
		await ask(page, (one) => one.mic()?.speak('pcmu16'));
		await vi.waitFor(async () => expect((await wide()).length).toBeGreaterThan(16_000), patiently);
		const until = await narrow();
		await vi.waitFor(async () => expect((await wide()).length).toBeGreaterThan(32_000), patiently);
		expect(await narrow()).toBe(until);
		const heard = (await wide()).subarray(-16_000);
		expect(heard.length % 320).toBe(0);
		for (const hz of [440, 6000]) expect(peakOf(heard, hz, 16_000)).toBeGreaterThan(500);
		expect(peakOf(heard, 880, 16_000)).toBeLessThan(peakOf(heard, 440, 16_000) / 5);
		await page.context().close();
	});
});

test('the tab’s clock rings its alarms from a thread of its own, in order, and not those that were stopped', async () => {
	const page = await started();
	expect(page.workers().length).toBe(1);
	const rang = () => ask(page, (one) => one.rang());
	await vi.waitFor(async () => expect(await rang()).toEqual(['first', 'second', 'tick', 'tick', 'tick']), patiently);
	await page.context().close();
});
