import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audioForkPeer } from '#tests/support/audio-fork-peer.ts';
import { looks, looksRight, windowOf } from '#tests/support/browser-window.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { handClock } from '#tests/support/clock.ts';
import { playedThrough } from '#tests/support/gateway-test-call.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { UpgradeRefused } from '#tests/support/twilio-peer.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const key = 'a-key-of-audio-forks';
async function opened() {
	const clock = handClock();
	const app = await openHouse({ YCORD_AUDIO_FORK_KEY: key, YCORD_AUDIO_FORK_AGENT: '' }, { clock });
	return { app, clock };
}

/** Somebody who wants to look names a folder. */
async function picture(page: Page, name: string) {
	const folder = process.env.YCORD_TEST_PICTURES;
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: `${folder}/${name.replace(/\W+/g, '-')}.png`, fullPage: true });
}

/** A call for an agent whom nobody knows, and one with a wrong key. */
async function turnedAway(app: TestHouse) {
	const peer = { address: app.address(), key };
	await expect(audioForkPeer({ ...peer, key: 'wrong' })).rejects.toBeInstanceOf(UpgradeRefused);
	const fork = await audioForkPeer({ ...peer, metadata: { agent: 'sip:1000@pbx.example.com' } });
	fork.begin();
	await fork.closed;
}

const card = (page: Page) => page.getByRole('article', { name: /audio fork/ });

describe('Settings → Gateways', () => {
	test.each(Object.entries(looks))(
		'shows how each stands, what was turned away, a test call and the agents; no axe violations, nothing cut off: %s',
		async (name, look) => {
			const { app, clock } = await opened();
			await turnedAway(app);
			const { page, problems } = await windowOf(chromium, app, 'adam', look);
			await page.waitForURL('**/settings/gateways');
			await card(page).getByText('Turning calls away').waitFor();
			await card(page).getByText('The key does not fit').first().waitFor();
			await page.getByText('YCORD_PUBLIC_URL is not set').waitFor();

			const twilio = page.getByRole('article', { name: /Twilio/ });
			await twilio.getByRole('button', { name: /^Test call/ }).click();
			await playedThrough(app, clock, twilio.getByText('Heard, as it was sent.').waitFor());
			await twilio.getByText('Customer and agent are where they belong.').waitFor();
			expect(await twilio.getByText(/^−1\d\.\d dBFS$/).count()).toBe(2);
			await looksRight(page, `gateways ${name}`);
			await picture(page, `gateways ${name}`);

			await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Agents' }).click();
			await page.getByText('sip:1000@pbx.example.com', { exact: true }).waitFor();
			await looksRight(page, `agents offered ${name}`);
			await picture(page, `agents offered ${name}`);
			await page.getByLabel('Who is sip:1000@pbx.example.com?').selectOption('ann');
			await page.getByRole('button', { name: 'Map' }).click();
			await page.getByRole('cell', { name: 'Ann Agent' }).waitFor();
			await looksRight(page, `agents mapped ${name}`);
			await picture(page, `agents mapped ${name}`);
			expect(problems).toEqual([]);
		},
	);

	test('follows a call that comes in and goes, without a reload', async () => {
		const { app } = await opened();
		const { page } = await windowOf(chromium, app, 'adam');
		await card(page).getByText('Ready, never heard from').waitFor();
		const fork = await audioForkPeer({ address: app.address(), key, metadata: { agent: 'ann' } });
		fork.begin();
		await card(page).getByText('Receiving calls').waitFor();
		await card(page).getByText('1 call right now.').waitFor();
		await fork.stop();
		await card(page).getByText('Ready', { exact: true }).waitFor();
		await card(page).getByText('The platform was last here just now.').waitFor();
	});

	test('is worked by keyboard alone: a test call, then an agent written down before the first call', async () => {
		const { app, clock } = await opened();
		const { page } = await windowOf(chromium, app, 'adam');
		await card(page)
			.getByRole('button', { name: /^Test call/ })
			.focus();
		await page.keyboard.press('Enter');
		await playedThrough(app, clock, card(page).getByText('Heard, as it was sent.').waitFor());
		await page.goto(`${app.address()}/settings/gateways/agents`);
		await page.getByLabel('Gateway', { exact: true }).focus();
		await page.keyboard.press('Tab');
		await page.keyboard.type('4711');
		await page.keyboard.press('Tab');
		await page.keyboard.type('Abe');
		await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		await page.getByRole('cell', { name: '4711', exact: true }).waitFor();
		await page.getByRole('button', { name: 'Take away 4711' }).focus();
		await page.keyboard.press('Enter');
		await page.getByText('Nobody yet.').waitFor();
		expect(app.access.agents.all()).toEqual([]);
	});

	test('is kind to whoever begins at midnight: nothing is set up, and each platform says what to set first', async () => {
		const app = await openHouse({ YCORD_TWILIO_AUTH_TOKEN: '', YCORD_TWILIO_AGENT: '', YCORD_VONAGE_KEY: key });
		const { page, problems } = await windowOf(chromium, app, 'adam');
		await page.getByRole('heading', { name: 'No platform is set up yet. Choose yours:' }).waitFor();
		await page.getByText('YCORD_TWILIO_AUTH_TOKEN').waitFor();
		// One of two is set: the page asks for the other.
		await page.getByRole('listitem').filter({ hasText: 'Vonage' }).getByText('YCORD_ALLOW_AUDIBLE').waitFor();
		await looksRight(page, 'nothing set up');
		await picture(page, 'nothing set up');
		expect(problems).toEqual([]);
		await page.getByRole('listitem').filter({ hasText: 'Twilio' }).getByRole('link', { name: /^How/ }).click();
		await page.getByText('# Twilio').waitFor();
	});

	test('tells whoever is not an administrator what to do', async () => {
		const { app } = await opened();
		const { page } = await windowOf(chromium, app, 'sue');
		await page.waitForURL('**/board');
		await page.goto(`${app.address()}/settings/gateways`);
		await page.getByRole('heading', { name: 'Sign in first' }).waitFor();
		await looksRight(page, 'settings of nobody');
	});
});
