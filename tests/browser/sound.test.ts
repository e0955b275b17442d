import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { chirpsOnTheWire, heardChirps } from '#tests/support/chirp.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse, twilioToken } from '#tests/support/house.ts';
import { linkProxy } from '#tests/support/link-proxy.ts';
import { seedFor } from '#tests/support/seed.ts';
import { captured, captureSound, playedSoFar } from '#tests/support/sound-capture.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';
import type { LinkWeather } from '#tests/support/weather.ts';

/** An executive's page in which a call of chirps is heard; its sound, and nothing else, comes over a link with a weather if one is given. */
async function listeningPage(weather?: LinkWeather) {
	const app = await openHouse();
	const chromium = await openChromium();
	onTestFinished(() => chromium.close());
	const platform = await twilioPeer({ address: app.address(), authToken: twilioToken, parameters: { agent: 'ann' } });
	platform.begin();
	await platform.settled();
	const { customer, agent } = chirpsOnTheWire(60_000);
	void platform.play({ inbound: customer, outbound: agent }, { clock: machineClock() });
	onTestFinished(() => platform.drop());
	const open = async (address: string, soundFrom?: string) => {
		const page = await (await chromium.newContext({ bypassCSP: true })).newPage();
		if (soundFrom) await takeSoundFrom(page, soundFrom);
		await captureSound(page);
		await page.goto(address);
		return page;
	};
	const nowMs = app.clock.now();
	const desk = await open(
		`${app.address()}/enter/${app.access.mintLink('ann', { nowMs, expiresAtMs: nowMs + 60_000 })}`,
	);
	await desk.getByRole('combobox', { name: 'Executive' }).fill('Eve Executive');
	await desk.getByRole('option', { name: 'Eve Executive' }).click();
	await desk.getByRole('button', { name: 'Invite', exact: true }).click();
	const link = await desk.getByLabel('Link for Eve Executive').inputValue();
	await desk.close();
	const proxy = weather && (await linkProxy(app.address(), weather, seedFor('link')));
	if (proxy) onTestFinished(() => proxy.close());
	const page = await open(link, proxy?.address);
	await page.getByRole('button', { name: 'Listen', exact: true }).click();
	return { page, app, proxy };
}

/** The page's listening connection goes to another address; the server sees the page's own. */
const takeSoundFrom = (page: Page, address: string) =>
	page.addInitScript((host) => {
		const Original = window.WebSocket;
		window.WebSocket = class extends Original {
			constructor(url: string | URL, protocols?: string | string[]) {
				super(String(url).includes('/sound/') ? String(url).replace(location.host, host) : url, protocols);
			}
		};
	}, new URL(address).host);

/** Waits until so much more was rendered, by the context's own time. */
async function playOn(page: Page, ms: number): Promise<void> {
	const { ms: before } = await playedSoFar(page);
	await expect.poll(async () => (await playedSoFar(page)).ms, { timeout: 30_000 }).toBeGreaterThan(before + ms);
}

/** What was heard so far, and what the player said went wrong until then: handing the samples over holds the page up, and is not counted. */
async function heardSoFar(page: Page) {
	const { stats } = await playedSoFar(page);
	const { rate, channels } = await captured(page);
	if (!stats) throw new Error('the player said nothing');
	const until = Math.floor((stats.contextMs * rate) / 1000);
	const found = heardChirps(channels[0].subarray(0, until), channels[1].subarray(0, until), rate);
	return { found, stats };
}
const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

test('a listener hears a call as it was spoken: side by side, at its pitch, and nothing missing that is not told [A1]', async () => {
	const { page } = await listeningPage();
	await playOn(page, 6000);
	const { found, stats } = await heardSoFar(page);
	expect(found.places.length).toBeGreaterThan(200);
	expect(found).toMatchObject({ pitchErrors: 0, swapped: false });
	expect(Math.abs(found.apartMs)).toBeLessThan(20);
	// None at all when nothing was late; on a machine that stands still now and then, what the player tells of.
	const told = stats.missedMs + stats.lostMs + stats.stretchedMs + 500 * stats.underruns + 50;
	expect(sum([...found.gapsMs, ...found.silencesMs, ...found.repeatsMs])).toBeLessThanOrEqual(told);
});

test('over a bad link and after three seconds of nothing, all that is said from then on is heard, live, and the page says what was missed [A5]', async () => {
	const { page, app, proxy } = await listeningPage({ baseMs: 60, jitterMs: 40, stallShare: 0.02, stallMs: 300 });
	await playOn(page, 4000);
	const statsNow = async () => {
		const { stats } = await playedSoFar(page);
		if (!stats) throw new Error('the player said nothing');
		return stats;
	};
	const before = await statsNow();
	proxy?.outage(3000);
	// Three seconds of the call later it plays again.
	await expect
		.poll(async () => (await statsNow()).playing && (await statsNow()).mediaMs, { timeout: 30_000 })
		.toBeGreaterThan(before.mediaMs + 3000);
	const back = await statsNow();
	const { ms: backMs } = await playedSoFar(page);
	expect(back.missedMs + back.lostMs - before.missedMs - before.lostMs).toBeGreaterThan(1000);
	await page.getByText(/of the call not heard, up to/).waitFor();
	await playOn(page, 5000);
	const later = await statsNow();
	process.stdout.write(
		`five seconds after an outage: ${Math.round(soundAgeMs(app.clock.now(), later))} ms behind, ${later.underruns - back.underruns} underruns\n`,
	);
	// Nothing was left out but pauses and whole periods of a voice, and it is at the present.
	expect([later.missedMs, later.lostMs]).toEqual([back.missedMs, back.lostMs]);
	expect(soundAgeMs(app.clock.now(), later)).toBeLessThan(2500);
	// By ear: what is missing of the call is what was told, and of what came since there is something of every second.
	const { found, stats } = await heardSoFar(page);
	expect(found).toMatchObject({ pitchErrors: 0, swapped: false });
	expect(Math.abs(found.apartMs)).toBeLessThan(20);
	const notHeardMs = sum(found.gapsMs);
	expect(notHeardMs).toBeGreaterThan(1000);
	expect(notHeardMs).toBeLessThanOrEqual(stats.missedMs + stats.lostMs + 300);
	const places = found.places.filter(({ atMs }) => atMs > backMs);
	const seconds = places.map(({ positionMs }) => Math.floor(positionMs / 1000));
	const [from, to] = [Math.min(...seconds), Math.max(...seconds)];
	expect(to - from).toBeGreaterThan(1);
	expect(new Set(seconds).size).toBe(to - from + 1);
});

/** How long ago the server had the sound that was rendered last. */
const soundAgeMs = (nowMs: number, { serverMs = 0 }: { serverMs?: number }) => (Math.round(nowMs) - serverMs) | 0;
