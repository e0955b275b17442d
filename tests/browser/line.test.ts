import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { frameBytes, lineCodec, rateOf } from '#shared/audio.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { peaks, tapWorklets } from '#tests/support/listening-tap.ts';
import { speakingBrowser } from '#tests/support/speaking-browser.ts';
import { tone } from '#tests/support/tone.ts';

async function signedIn(page: Page, app: TestHouse, personId: string) {
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
}

/** Which of the two tones is loudest on each channel; the browser's own echo and noise treatment changes only loudness. */
async function loudest(page: Page): Promise<string[]> {
	return (await peaks(page, 880, 6000)).map(([low = 0, high = 0]) => {
		if (Math.max(low, high) < 0.01) return 'nothing';
		return low > high * 3 ? '880' : high > low * 3 ? '6000' : 'both';
	});
}
const hears = (page: Page, ...expected: string[]) =>
	expect.poll(() => loudest(page), { timeout: 40_000 }).toEqual(expected);

async function violations(page: Page): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
	return found.violations.map(({ id }) => id);
}

/** A line opened on the agent's page, and both ends talking on it: 6 kHz, which no telephone carries, from the customer, 880 Hz from the agent. */
async function lineWithBothOn(app: TestHouse) {
	const [customers, agents] = [await speakingBrowser(6000), await speakingBrowser(880)];
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
	await hears(agent, '6000', 'nothing');
	await hears(customer, 'nothing', '880');
	return { agents, desk, customer, agent };
}

test('a team without a phone platform: two links, both hear each other in the whole band of speech, and an executive sits in unheard [A9]', async () => {
	const app = await openHouse();
	const { agents, desk, customer, agent } = await lineWithBothOn(app);

	const watch = await agents.newPage();
	await tapWorklets(watch);
	await signedIn(watch, app, 'sue');
	await watch
		.getByRole('link', { name: /A line to Ms Test|Ann Agent/ })
		.first()
		.click();
	await watch.getByRole('button', { name: /^Listen/ }).click();
	await hears(watch, '6000', '880');
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

test('an executive comes on the line and the customer, whose key it is, goes back to the agent [S2] [C2] [C3]', async () => {
	const app = await openHouse();
	const { customer, agent } = await lineWithBothOn(app);
	const callId = [...app.sessions.all()].find(({ state }) => state.call.at === 'live')?.callId ?? '';
	const control = app.intake.control(callId);
	let withdrawn = 0;
	control?.onWithdrawn?.(() => withdrawn++);
	const voice = await control?.take?.({ agent: 'muted', shownAs: 'a member of our leadership' }, () => {});
	const word = tone(660, 1000, { rate: rateOf[lineCodec] });
	const size = frameBytes(lineCodec);
	let frame = 0;
	onTestFinished(
		app.clock.every(20, () => voice?.say(word.subarray((frame % 50) * size, (frame++ % 50) * size + size))),
	);

	// 660 Hz where the executive sounds, and the agent's 880 Hz nowhere while they are muted.
	const loudestOnLine = async (page: Page) =>
		(await peaks(page, 6000, 660, 880)).map((found) => {
			const most = Math.max(...found);
			return most < 0.01 ? 'nothing' : ['6000', '660', '880'][found.indexOf(most)];
		});
	const onLine = (page: Page, ...expected: string[]) =>
		expect.poll(() => loudestOnLine(page), { timeout: 40_000 }).toEqual(expected);
	await customer.getByRole('heading', { name: 'You are now speaking with a member of our leadership' }).waitFor();
	await agent.locator('#main').getByText('You are muted: nobody hears you.').waitFor();
	await onLine(customer, 'nothing', '660');
	await onLine(agent, '6000', '660');
	for (const page of [customer, agent]) expect(await violations(page)).toEqual([]);

	await customer.getByRole('button', { name: 'Back to the agent' }).click();
	await customer.locator('#main').getByText('You are back with Ann Agent.').waitFor();
	await agent.locator('#main').getByText('You have the customer again.').waitFor();
	await onLine(customer, 'nothing', '880');
	await onLine(agent, '6000', 'nothing');
	expect(withdrawn).toBe(1);

	await control?.take?.({ agent: 'open', shownAs: 'a member of our leadership' }, () => {});
	await agent.locator('#main').getByText('Your microphone is open: both hear you.').waitFor();
	await agent.close();
	await customer.getByRole('heading', { name: 'The connection to Ann Agent was lost' }).waitFor();
	await customer
		.locator('#main')
		.getByText(/The call ends in \d+ s/)
		.waitFor();
	expect(await violations(customer)).toEqual([]);
});
