import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { chirpsOnTheWire, heardChirps } from '#tests/support/chirp.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse, twilioToken } from '#tests/support/house.ts';
import { type LinkProxy, linkProxy } from '#tests/support/link-proxy.ts';
import { seedFor } from '#tests/support/seed.ts';
import { captured, captureSound, playedSoFar } from '#tests/support/sound-capture.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';
import type { LinkWeather } from '#tests/support/weather.ts';

/** An executive's page in which a call of chirps is heard, over a bad link if there is a weather. */
async function listeningPage(
	weather?: LinkWeather,
): Promise<{ page: Page; link: LinkProxy | undefined; serverNowMs: () => number }> {
	const app = await openHouse();
	const link = weather && (await linkProxy(app.address(), weather, seedFor('link')));
	// The house speaks to pages under its own address only: the browser takes another way there.
	const site = app.address().replace('127.0.0.1', 'localhost');
	const way = link ? [`--host-resolver-rules=MAP ${new URL(site).host} ${new URL(link.address).host}`] : [];
	const chromium = await openChromium(way);
	onTestFinished(async () => {
		await chromium.close();
		await link?.close();
	});
	const platform = await twilioPeer({ address: app.address(), authToken: twilioToken, parameters: { agent: 'ann' } });
	platform.begin();
	await platform.settled();
	const { customer, agent } = chirpsOnTheWire(60_000);
	void platform.play({ inbound: customer, outbound: agent }, { clock: machineClock() });
	onTestFinished(() => platform.drop());
	const open = async (address: string) => {
		const page = await (await chromium.newContext({ bypassCSP: true })).newPage();
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
	const invitation = await desk.getByLabel('Link for Eve Executive').inputValue();
	await desk.close();
	const page = await open(invitation.replace(app.address(), site));
	await page.getByRole('button', { name: 'Listen', exact: true }).click();
	return { page, link, serverNowMs: app.clock.now };
}

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

test('over a bad link that breaks for three seconds, the sound comes back live, all of it, and what was not heard is told [A1]', async () => {
	const { page, link, serverNowMs } = await listeningPage({
		baseMs: 60,
		jitterMs: 40,
		stallShare: 0.02,
		stallMs: 300,
	});
	await playOn(page, 2500);
	link?.breakFor(3000);
	const isPlaying = async () => (await playedSoFar(page)).stats?.playing;
	await expect.poll(async () => (await isPlaying()) === false, { timeout: 30_000 }).toBe(true);
	// A stall may have emptied the buffer for a moment before the outage did.
	await expect.poll(async () => (await playedSoFar(page)).stats?.missedMs, { timeout: 30_000 }).toBeGreaterThan(1000);
	const { ms: backMs } = await playedSoFar(page);
	await playOn(page, 4000);
	const { stats: live } = await playedSoFar(page);
	const behindMs = (Math.floor(serverNowMs()) % 2 ** 32) - Math.floor(live?.serverMs ?? 0);
	const { found, stats } = await heardSoFar(page);
	expect(found).toMatchObject({ pitchErrors: 0, swapped: false });
	expect(Math.abs(found.apartMs)).toBeLessThan(20);
	const unheard = sum(found.gapsMs);
	const told = stats.missedMs + stats.lostMs;
	expect(unheard).toBeGreaterThan(1000);
	expect(unheard).toBeLessThanOrEqual(told + 300);
	// Every second that was said since it came back: how much of each can be placed is the analyser's matter while a voice is stretched.
	const back = found.places.filter(({ atMs }) => atMs > backMs).map(({ positionMs }) => Math.floor(positionMs / 1000));
	const [from, to] = [Math.min(...back), Math.max(...back)];
	expect(to - from).toBeGreaterThan(1);
	expect(new Set(back).size).toBe(to - from + 1);
	// biome-ignore lint/suspicious/noConsole: figures for whoever reads the run
	console.info(`not heard ${Math.round(unheard)} ms, told ${Math.round(told)} ms, then at most ${behindMs} ms behind`);
	expect(stats.bufferMs).toBeLessThan(1000);
});
