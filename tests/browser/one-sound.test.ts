import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { looks, looksRight, windowOf } from '#tests/support/browser-window.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse } from '#tests/support/house.ts';
import { tone } from '#tests/support/tone.ts';
import { vonagePeer } from '#tests/support/vonage-peer.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const key = 'a-key-for-vonage';
const participant = 'Not silent: Ycord is a participant of this call';

/** A call that Ycord is a participant of, with a voice in it for as long as the test runs. */
async function audibleCall() {
	const app = await openHouse({ YCORD_VONAGE_KEY: key, YCORD_ALLOW_AUDIBLE: 'true' });
	const about = { queue: 'Orders', from: '+4930123456789', language: 'de-DE', labels: { campaign: 'Spring' } };
	const platform = await vonagePeer({
		address: app.address(),
		key,
		headers: { agent: 'ann', label: 'Order 12', ...about },
	});
	platform.begin();
	await platform.settled();
	let over = false;
	onTestFinished(() => {
		over = true;
		platform.drop();
	});
	void (async () => {
		const clock = machineClock();
		while (!over && platform.socket.readyState === platform.socket.OPEN)
			await platform.play(tone(440, 1000, { rate: 16_000 }), undefined, { clock });
	})();
	return { app, callId: `vonage-${platform.uuid}` };
}

test.each(Object.entries(looks))(
	'a call with everybody in one sound: who listens hears one voice, nothing claims to know whose, and everybody reads that it is not silent (%s) [S3]',
	async (look, options) => {
		const { app, callId } = await audibleCall();
		const agent = await windowOf(chromium, app, 'ann', options);
		await agent.page.getByText(participant).waitFor();
		const about = 'Orders · from …789 · German (Germany) · campaign: Spring';
		await agent.page.getByText(about).waitFor();
		await looksRight(agent.page, 'agent');

		const { page, problems } = await windowOf(chromium, app, 'sue', options);
		const row = page.getByRole('row', { name: /Order 12/ });
		await row.getByText('Not silent').waitFor();
		await row.getByText(about).waitFor();
		await looksRight(page, 'board');
		await page.goto(`${app.address()}/board/${callId}`);
		await page.getByText(participant).waitFor();
		await page.getByRole('button', { name: 'Listen', exact: true }).click();
		await page.getByText('Everyone', { exact: true }).waitFor();
		const deck = page.getByRole('region', { name: 'What you hear' });
		expect(await deck.getByText(/Customer|Ann Agent/).count()).toBe(0);
		expect(await deck.getByLabel(/Balance/).count()).toBe(0);
		expect(await deck.getByRole('option').allInnerTexts()).toEqual([
			expect.stringMatching(/^All of it/),
			expect.stringMatching(/^Low data/),
		]);
		await deck.getByText(/\d\.\d s behind/).waitFor();
		await looksRight(page, `deck, ${look}`);
		expect([...problems, ...agent.problems]).toEqual([]);
	},
);
