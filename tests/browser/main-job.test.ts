import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse, type TestHouse, twilioToken } from '#tests/support/house.ts';
import { peaks, tapWorklets } from '#tests/support/listening-tap.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

/** A call on the Twilio gateway with 440 Hz from the customer and 880 Hz from the agent, for as long as the test runs. */
async function callWithTones() {
	const app = await openHouse();
	const parameters = { agent: 'ann', label: 'Order 12' };
	const platform = await twilioPeer({ address: app.address(), authToken: twilioToken, parameters });
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
			await platform.play({ inbound: tone(440, 1000), outbound: tone(880, 1000) }, { clock });
	})();
	return { app, platform, callId: `twilio-${platform.callSid}` };
}

/** A browser window of one of the test people, signed in by a link. */
async function windowOf(app: TestHouse, personId: string, options: Parameters<Browser['newContext']>[0] = {}) {
	const context = await chromium.newContext(options);
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems = watchForProblems(page);
	await tapWorklets(page);
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
	return { page, context, problems };
}

/** What a person would never see but a developer must: errors of scripts, refused resources, broken policy. */
function watchForProblems(page: Page): string[] {
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error') problems.push(message.text());
	});
	return problems;
}

async function violations(page: Page): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
	return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Invites by the agent's page and gives back the link that it shows. */
async function inviteOnPage(agent: Page, name: string): Promise<string> {
	await agent.getByRole('combobox', { name: 'Executive' }).fill(name);
	await agent.getByRole('option', { name }).click();
	await agent.getByRole('button', { name: 'Invite', exact: true }).click();
	return agent.getByLabel(`Link for ${name}`).inputValue();
}

/** The executive opens the link in a browser of their own and has not pressed anything yet. */
async function openInvitation(link: string) {
	const context = await chromium.newContext();
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems = watchForProblems(page);
	await tapWorklets(page);
	await page.goto(link);
	return { page, context, problems };
}

const full = 12_000 / 32_768;
/** Resolves when the worklet renders 440 Hz on the customer's channel and 880 Hz on the agent's, each alone. */
async function heard(page: Page) {
	await expect
		.poll(async () => (await peaks(page, 440, 880)).flat().map((peak) => Math.round(peak / full)), { timeout: 40_000 })
		.toEqual([1, 0, 0, 1]);
}
const nothing = async (page: Page) => Math.max(...(await peaks(page, 440, 880)).flat()) < 0.001;

describe('the main job, in real browsers', () => {
	test('from the agent’s invitation to sound in one click; notes reach agent and supervisor; [C0] [C1] [P1] [S1]', async () => {
		const { app, platform, callId } = await callWithTones();
		const agent = await windowOf(app, 'ann');
		const supervisor = await windowOf(app, 'sue');
		await agent.page.getByText('Nobody is listening').waitFor();
		await supervisor.page.getByRole('row', { name: /Order 12/ }).waitFor();

		const { page, problems } = await openInvitation(await inviteOnPage(agent.page, 'Eve Executive'));
		await page.getByText('You cannot be heard').first().waitFor();
		expect(page.url()).not.toMatch(/listen\/[\w-]{43}/);
		expect(app.hub.listeners).toBe(0);
		await page.getByRole('button', { name: 'Listen', exact: true }).click();
		await heard(page);
		expect(await page.getByRole('button', { name: 'Listen', exact: true }).count()).toBe(0);
		await page.getByText(/\d\.\d s behind/).waitFor();

		const present = agent.page.getByRole('region', { name: /listening now/i });
		await present.getByText('Eve Executive').waitFor();
		await supervisor.page.getByRole('row', { name: /Eve Executive/ }).waitFor();

		await page.getByRole('heading', { level: 1 }).click();
		await page.keyboard.press('p');
		await page.keyboard.type('The flat number is cut off.');
		await page.keyboard.press('Enter');
		await supervisor.page
			.getByRole('link', { name: /Order 12|Ann Agent/ })
			.first()
			.click();
		for (const one of [agent.page, supervisor.page, page])
			await one.getByText('The flat number is cut off.').first().waitFor();
		await page.getByText('Saved').first().waitFor();

		await agent.page.getByRole('button', { name: /Protect this part/ }).click();
		await page
			.getByText(/Protected/)
			.first()
			.waitFor();
		await expect.poll(() => nothing(page), { timeout: 40_000 }).toBe(true);
		await agent.page
			.getByRole('button', { name: /protect/i })
			.first()
			.click();
		await heard(page);

		// What no page of ours does: a script in the tab sends sound on a listening connection of its own.
		const listeningId = new URL(page.url()).pathname.split('/').at(-1);
		const code = await page.evaluate(
			(id) =>
				new Promise((resolve) => {
					const socket = new WebSocket(`/sound/${id}?as=executive`);
					socket.onopen = () => setTimeout(() => socket.send(new Uint8Array(336).fill(0x2a)), 0);
					socket.onclose = (event) => resolve(event.code);
				}),
			listeningId,
		);
		expect(code).toBe(closeCodes.soundRefused.code);
		expect(platform.received).toEqual([]);

		await platform.stop();
		for (const one of [page, agent.page, supervisor.page]) await one.getByText('Ended', { exact: true }).waitFor();
		expect(app.sessions.get(callId)?.call.at).toBe('ended');
		expect([...problems, ...agent.problems, ...supervisor.problems]).toEqual([]);
	});

	test('a reload comes back to the same seat and shows the notes; leaving stops the sound and the agent sees it', async () => {
		const { app } = await callWithTones();
		const agent = await windowOf(app, 'ann');
		const { page } = await openInvitation(await inviteOnPage(agent.page, 'Eve Executive'));
		await page.getByRole('button', { name: 'Listen', exact: true }).click();
		await heard(page);
		await page.getByLabel('Note', { exact: true }).fill('Kept over a reload');
		await page.keyboard.press('Enter');
		await page.getByText('Saved').first().waitFor();
		await page.reload();
		await page.getByText('Kept over a reload').waitFor();
		await page.getByRole('button', { name: /^Listen/ }).click();
		await heard(page);
		await page.getByRole('button', { name: 'Leave', exact: true }).click();
		await agent.page.getByText('Nobody is listening').waitFor();
		await page.getByText('You have left').waitFor();
	});

	test('[N5] what was typed while the server was out of reach is sent when it is back', async () => {
		const { app } = await callWithTones();
		const agent = await windowOf(app, 'ann');
		const { page, context } = await openInvitation(await inviteOnPage(agent.page, 'Eve Executive'));
		await page.getByRole('button', { name: 'Listen', exact: true }).waitFor();
		await context.setOffline(true);
		for (const client of app.http.websocketServer.clients) client.terminate();
		await page
			.getByText(/reconnecting/i)
			.first()
			.waitFor();
		await page.getByLabel('Note', { exact: true }).fill('Typed in a tunnel');
		await page.keyboard.press('Enter');
		await page
			.getByText(/kept on this device until the connection is back/i)
			.first()
			.waitFor();
		await context.setOffline(false);
		await page.getByText('Saved').first().waitFor();
		await agent.page.getByText('Typed in a tunnel').first().waitFor();
		expect(await page.getByText('Typed in a tunnel').count()).toBe(1);
	});
});

describe('every page, for everybody', () => {
	test('a mistyped address is a page that says so to people, and a named refusal to programs', async () => {
		const app = await openHouse();
		const page = await chromium.newPage();
		onTestFinished(() => page.close());
		expect((await page.goto(`${app.address()}/lisen`))?.status()).toBe(404);
		await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
		await page.goto(`${app.address()}/line/half-a-link`);
		await page.getByText('This link is not whole').waitFor();
		const answer = await fetch(`${app.address()}/lisen`);
		expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'request.not-found']);
	});

	test('focus is never lost: into a session and back, leaving, and removing somebody by keyboard', async () => {
		const { app } = await callWithTones();
		const agent = await windowOf(app, 'ann');
		const { page } = await openInvitation(await inviteOnPage(agent.page, 'Eve Executive'));
		await page.getByRole('button', { name: 'Listen', exact: true }).press('Enter');
		const supervisor = await windowOf(app, 'sue');
		await supervisor.page.getByRole('row', { name: /Eve Executive/ }).waitFor();
		await supervisor.page.keyboard.press('ArrowDown');
		await supervisor.page.keyboard.press('Enter');
		const focused = (tab: Page) =>
			tab.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
		await supervisor.page.getByRole('button', { name: /^Remove/ }).waitFor();
		expect(await focused(supervisor.page)).toBe('main');
		await page.getByRole('button', { name: 'Leave', exact: true }).press('Enter');
		await expect.poll(() => focused(page)).toContain('You have left');
		await page.getByRole('button', { name: 'Listen again', exact: true }).press('Enter');
		await supervisor.page.getByRole('button', { name: /^Remove/ }).press('Enter');
		expect(await focused(supervisor.page)).toBe('Keep');
		await supervisor.page.keyboard.press('Shift+Tab');
		await supervisor.page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'Your listening was ended' }).waitFor();
		await expect.poll(() => focused(page)).toContain('Your listening was ended');
		await expect.poll(() => page.getByRole('status').allTextContents()).toContain('Your listening was ended');
	});

	const looks = {
		light: { colorScheme: 'light' },
		dark: { colorScheme: 'dark' },
		phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
	} as const;
	test.each(Object.entries(looks))('no axe violations, nothing cut off: %s', async (_, look) => {
		const { app } = await callWithTones();
		const agent = await windowOf(app, 'ann', look);
		await agent.page.getByText('Nobody is listening').waitFor();
		const link = await inviteOnPage(agent.page, 'Eve Executive');
		const supervisor = await windowOf(app, 'sue', look);
		await supervisor.page.getByText('Order 12').first().waitFor();
		const executive = await windowOf(app, 'eve', look);
		await executive.page
			.getByRole('button', { name: /accept/i })
			.first()
			.waitFor();
		await looksRight(executive.page, 'lobby');
		await executive.page.goto(link);
		const listen = executive.page.getByRole('button', { name: 'Listen', exact: true });
		await listen.waitFor();
		await looksRight(executive.page, 'before listening');
		await listen.click();
		await heard(executive.page);
		await looksRight(executive.page, 'listening');
		await looksRight(agent.page, 'agent');
		await looksRight(supervisor.page, 'board');
		await supervisor.page.goto(`${app.address()}/`);
		await supervisor.page.getByRole('heading').first().waitFor();
		await looksRight(supervisor.page, 'landing');
		await supervisor.page.goto(`${app.address()}/enter/${'x'.repeat(43)}`);
		await supervisor.page
			.getByText(/not valid/i)
			.first()
			.waitFor();
		await looksRight(supervisor.page, 'a refused link');
	});

	/** No axe violations, and nothing wider than the window. */
	async function looksRight(page: Page, where: string) {
		expect(await violations(page), where).toEqual([]);
		const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		expect(wider, `${where}: wider than the window`).toBeLessThanOrEqual(0);
	}
});
