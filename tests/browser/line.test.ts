import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { peaks, tapWorklets } from '#tests/support/listening-tap.ts';
import { speakingBrowser } from '#tests/support/speaking-browser.ts';

async function signedIn(page: Page, app: TestHouse, personId: string) {
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
}

/** Which of the two tones is loudest on each channel; the browser's own echo and noise treatment changes only loudness. */
async function loudest(page: Page): Promise<string[]> {
	return (await peaks(page, 440, 880)).map(([low = 0, high = 0]) => {
		if (Math.max(low, high) < 0.01) return 'nothing';
		return low > high * 3 ? '440' : high > low * 3 ? '880' : 'both';
	});
}
const hears = (page: Page, ...expected: string[]) =>
	expect.poll(() => loudest(page), { timeout: 40_000 }).toEqual(expected);

test('a team without a phone platform: two links, both hear each other, and an executive sits in unheard', async () => {
	const app = await openHouse();
	const [customers, agents] = [await speakingBrowser(440), await speakingBrowser(880)];
	const desk = await agents.newPage();
	await signedIn(desk, app, 'ann');
	await desk.getByRole('button', { name: /open a browser line/i }).click();
	await desk
		.getByLabel(/label|called|about/i)
		.first()
		.fill('A line to Ms Test');
	await desk.keyboard.press('Enter');
	const customerLink = await desk
		.getByLabel(/customer/i)
		.first()
		.inputValue();
	const agentLink = await desk
		.getByLabel(/your (own )?(end|link)/i)
		.first()
		.inputValue();

	const customer = await customers.newPage();
	await tapWorklets(customer);
	await customer.goto(customerLink);
	await customer.getByText(/may be listened to/i).waitFor();
	await customer.getByRole('button', { name: /join/i }).click();
	const agent = await agents.newPage();
	await tapWorklets(agent);
	await agent.goto(agentLink);
	await agent.getByRole('button', { name: /join/i }).click();

	// A line plays what it hears on the channel of the leg that speaks.
	await hears(agent, '440', 'nothing');
	await hears(customer, 'nothing', '880');

	const watch = await agents.newPage();
	await tapWorklets(watch);
	await signedIn(watch, app, 'sue');
	await watch
		.getByRole('link', { name: /A line to Ms Test|Ann Agent/ })
		.first()
		.click();
	await watch.getByRole('button', { name: /^Listen/ }).click();
	await hears(watch, '440', '880');
	await desk.getByText('Sue Supervisor').first().waitFor();

	await agent.getByRole('button', { name: /^hold/i }).click();
	await watch
		.getByText(/on hold/i)
		.first()
		.waitFor();
	await hears(customer, 'nothing', 'nothing');
	await agent.getByRole('button', { name: /^hold/i }).click();
	await hears(customer, 'nothing', '880');
	await agent.getByRole('button', { name: /hang up/i }).click();
	await customer
		.getByText(/ended|hung up/i)
		.first()
		.waitFor();
	await watch.getByText('Ended', { exact: true }).waitFor();
});
