import { createHash, randomBytes } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SegmentCommand } from '#server/domain/handoff.ts';
import { looks, looksRight, windowOf } from '#tests/support/browser-window.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { talkPeer } from '#tests/support/survey.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const executive = { id: 'eve', name: 'Eve Executive' };

/** A call of Ann's on a platform that can bring executives on the line, with Eve listening; and Ann's page. */
async function callWithEar(look: BrowserContextOptions = {}) {
	const app = await openHouse();
	// The platform never gets as far as sound, nor back, by itself: what comes after `ready` is the test's to say.
	let back = Promise.withResolvers<'agent'>();
	const control = {
		abilities: ['survey', 'returnToAgent'] as const,
		take: () => new Promise<never>(() => {}),
		release: () => back.promise,
	};
	const { callId } = await startCall(app, { label: 'Order 12', control });
	const eve = await app.live('eve');
	const listener = await listenPeer(app.seat('eve'), await admit(await app.live('ann'), eve, callId));
	await listener.begun();
	const agent = await windowOf(chromium, app, 'ann', look);
	const house = (command: SegmentCommand) => app.ask.house('test', callId, { of: 'segment', command });
	const offer = async () => {
		const segmentId = uuidV7();
		expect(await eve.ask(callId, { type: 'offer-survey', segmentId })).toMatchObject({ type: 'done' });
		return segmentId;
	};
	/** As if Eve had pressed: her tab is there. */
	const takes = async (segmentId: string) => {
		const secret = randomBytes(32).toString('base64url');
		const secretHash = createHash('sha256').update(secret).digest('base64url');
		await house({ type: 'take-line', segmentId, taken: { executive, by: 'line', secretHash } });
		const talk = await talkPeer(app.seat('eve'), `/survey/sound/${secret}?as=executive`);
		talk.stayOn();
	};
	return {
		app,
		callId,
		agent,
		house,
		offer,
		segment: () => [...(app.sessions.get(callId)?.segments.values() ?? [])].at(-1),
		takes,
		/** The platform has brought the customer back. */
		comesBack() {
			back.resolve('agent');
			back = Promise.withResolvers();
		},
		/** As if Eve had pressed, and the platform had brought her on. */
		async goLive(segmentId: string, limitMs = 300_000) {
			await takes(segmentId);
			await house({ type: 'go-live', segmentId, limitMs });
		},
	};
}

/** On the page itself: what was announced stays in the place for that. */
const says = (page: Page, text: string | RegExp) => page.getByRole('main').getByText(text).first().waitFor();
const said = async (page: Page) => (await page.getByRole('status').allTextContents()).join(' ');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

describe('the agent and a survey, by keyboard', () => {
	test('[W13] [C2] asks with the words of the script, records a yes with name and second, and takes it back', async () => {
		const { agent, segment } = await callWithEar({ locale: 'de-DE' });
		const { page, problems } = agent;
		await page.getByRole('button', { name: /Ask for a survey/ }).waitFor();
		await page.keyboard.press('s');
		expect(await page.getByRole('radio', { name: 'German' }).isChecked()).toBe(true);
		await page.keyboard.press('s');
		await says(page, 'Read this out');
		await says(page, /Bevor wir auflegen: Haben Sie ein, zwei Minuten/);
		expect(await page.locator('blockquote').getAttribute('lang')).toBe('de');
		await page.keyboard.press('?');
		await page.getByRole('dialog').getByText('Survey: the customer says yes').waitFor();
		expect(await page.getByText('Survey: take the customer back').count()).toBe(0);
		await page.keyboard.press('Escape');
		await page.keyboard.press('y');
		await says(page, 'The customer said yes');
		await says(page, /recorded by you/);
		expect(segment()).toMatchObject({
			at: 'agreed',
			asked: { script: { id: 'service', language: 'de' }, by: { id: 'ann' } },
			consent: { answer: 'agreed', by: { id: 'ann' } },
		});
		await page.keyboard.press('c');
		await says(page, 'The customer changed their mind');
		expect(segment()?.at).toBe('withdrawn');
		expect(await page.getByRole('button', { name: /Ask/ }).count()).toBe(0);
		expect(problems).toEqual([]);
	});

	test('a no is a no; what was drawn says so; the language is remembered', async () => {
		const { agent, house, segment } = await callWithEar();
		const { page } = agent;
		await page.getByRole('button', { name: /Ask for a survey/ }).waitFor();
		const [first, second] = [uuidV7(), uuidV7()];
		await house({ type: 'offer-survey', segmentId: first, offer: { how: 'quota' } });
		await says(page, 'This call was drawn for a survey');
		await expect.poll(() => said(page)).toContain('This call was drawn for a survey');
		await page.getByText('German').click();
		await page.keyboard.press('s');
		await says(page, 'Read this out');
		await page.keyboard.press('l');
		await says(page, 'You may ask again later in this call.');
		await house({ type: 'offer-survey', segmentId: second, offer: { how: 'quota' } });
		await says(page, 'This call was drawn for a survey');
		expect(await page.getByRole('radio', { name: 'German' }).isChecked()).toBe(true);
		await page.keyboard.press('s');
		await says(page, 'Read this out');
		await page.keyboard.press('x');
		await says(page, /A no is a no/);
		await page.keyboard.press('s');
		expect(await page.getByRole('button', { name: /Ask|Show the words/ }).count()).toBe(0);
		expect(segment()).toMatchObject({ segmentId: second, at: 'declined' });
	});

	test('why it could not be asked is said, and stays until the next try', async () => {
		const { agent, app } = await callWithEar();
		await agent.page.getByRole('button', { name: /Ask for a survey/ }).click();
		await agent.page.context().setOffline(true);
		for (const client of app.http.websocketServer.clients) client.terminate();
		await says(agent.page, /reconnecting/i);
		await agent.page.getByRole('button', { name: /Show the words/ }).click();
		await agent.page.getByRole('alert').first().waitFor();
		await agent.page.context().setOffline(false);
		await agent.page.getByRole('region', { name: 'Connection', exact: true }).waitFor({ state: 'detached' });
		await agent.page.getByRole('button', { name: /Show the words/ }).click();
		await says(agent.page, 'Read this out');
		expect(await agent.page.getByRole('alert').count()).toBe(0);
	});

	test('focus stays where the hand was, and never lands on the next answer', async () => {
		const { agent, offer } = await callWithEar();
		await offer();
		const { page } = agent;
		await says(page, 'Eve Executive asks whether they may put a few questions to your customer');
		await page.getByRole('button', { name: /Show the words/ }).press('Enter');
		await says(page, 'Read this out');
		await expect.poll(() => focused(page)).toContain('Read this out');
		await page.getByRole('button', { name: /^Yes/ }).press('Enter');
		await says(page, 'The customer said yes');
		await expect.poll(() => focused(page)).toContain('The customer said yes');
		await page.getByRole('button', { name: 'Send' }).focus();
		await page.getByRole('button', { name: /changed their mind/ }).click();
		await page.getByRole('button', { name: 'Send' }).focus();
		await says(page, 'They are not asked again in this call.');
		expect(await focused(page)).toBe('Send');
	});
});

describe('while an executive has the line', () => {
	test('[C2] [C3] everybody sees who speaks and how long; the agent takes the customer back with one key', async () => {
		const { agent, app, callId, offer, goLive, comesBack, segment } = await callWithEar();
		const supervisor = await windowOf(chromium, app, 'sue');
		await supervisor.page.getByRole('row', { name: /Order 12/ }).waitFor();
		const segmentId = await offer();
		await supervisor.page.getByRole('row', { name: /Survey: to be asked/ }).waitFor();
		const { page } = agent;
		await page.getByRole('button', { name: /Show the words/ }).click();
		await page.getByRole('button', { name: /^Yes/ }).click();
		await says(page, /Eve Executive gets ready now/);
		await goLive(segmentId);
		await says(page, 'Eve Executive is on the line with your customer');
		await says(page, 'Your microphone is muted. You hear everything.');
		await says(page, /Executive · on the line with the customer/);
		await says(page, /Survey live · (5:00|4:\d\d) left/);
		await expect.poll(() => page.title()).toMatch(/^Survey live · \d:\d\d left – Order 12/);
		await expect.poll(() => said(page)).toContain('Eve Executive is on the line with your customer');
		await supervisor.page.getByRole('row', { name: /Survey live/ }).waitFor();

		await page.keyboard.press('w');
		await says(page, /You are speaking with a member of our leadership/);
		await expect.poll(() => segment()?.identityTold).toBe(1);

		await page.keyboard.press('t');
		await says(page, 'The customer is on the way back to you');
		expect(segment()).toMatchObject({ at: 'finished', over: { how: 'taken-back' } });
		comesBack();
		await says(page, 'The customer is with you again');
		expect(await page.getByRole('button', { name: /Ask/ }).count()).toBe(0);
		expect(app.sessions.get(callId)?.call.at).toBe('live');
		expect([...agent.problems, ...supervisor.problems]).toEqual([]);
	});

	test('the supervisor takes the customer back; what broke may be asked for again, with a new segment', async () => {
		const { agent, app, callId, offer, goLive, comesBack, house, segment } = await callWithEar();
		const supervisor = await windowOf(chromium, app, 'sue');
		const first = await offer();
		await agent.page.getByRole('button', { name: /Show the words/ }).click();
		await agent.page.getByRole('button', { name: /^Yes/ }).click();
		await says(agent.page, 'The customer said yes');
		await goLive(first);
		await house({ type: 'lose-line', segmentId: first, how: 'executive-lost' });
		comesBack();
		await says(agent.page, 'It may be asked for again, with a new yes of the customer.');
		await agent.page.keyboard.press('s');
		await agent.page.keyboard.press('s');
		await says(agent.page, 'Read this out');
		const second = segment()?.segmentId ?? '';
		expect(second).not.toBe(first);
		await agent.page.keyboard.press('y');
		await says(agent.page, 'The customer said yes');
		await goLive(second);
		await supervisor.page.goto(`${app.address()}/board/${callId}`);
		await says(supervisor.page, 'Eve Executive is on the line with the customer');
		await supervisor.page.keyboard.press('t');
		await says(supervisor.page, 'The customer is on the way back');
		expect(segment()).toMatchObject({ segmentId: second, at: 'finished', over: { how: 'taken-back' } });
	});
});

describe('the survey on every screen', () => {
	test.each(Object.entries(looks))('no axe violations, nothing cut off: %s', async (_, look) => {
		const { agent, app, callId, offer, goLive, takes, comesBack, house } = await callWithEar(look);
		const { page } = agent;
		const supervisor = await windowOf(chromium, app, 'sue', look);
		onTestFinished(() => supervisor.page.close());
		await page.getByRole('button', { name: /Ask for a survey/ }).click();
		await looksRight(page, 'choosing');
		const first = await offer();
		await says(page, /asks whether they may/);
		await looksRight(page, 'offered');
		await page.getByRole('button', { name: /Show the words/ }).click();
		await says(page, 'Read this out');
		await looksRight(page, 'asked');
		await page.getByRole('button', { name: /^Yes/ }).click();
		await says(page, 'The customer said yes');
		await looksRight(page, 'agreed');
		await takes(first);
		await says(page, 'Eve Executive is about to come on');
		await looksRight(page, 'ready');
		await house({ type: 'go-live', segmentId: first, limitMs: 300_000 });
		await page.getByRole('button', { name: /asked who this is/ }).click();
		await says(page, /You are speaking with/);
		await looksRight(page, 'live');
		await says(supervisor.page, /Survey live/);
		await looksRight(supervisor.page, 'board');
		await supervisor.page.goto(`${app.address()}/board/${callId}`);
		await supervisor.page.getByRole('button', { name: /Take the customer back/ }).waitFor();
		await looksRight(supervisor.page, 'supervisor');
		await house({ type: 'lose-line', segmentId: first, how: 'gateway-lost' });
		await says(page, 'The customer is on the way back to you');
		await looksRight(page, 'lost');
		comesBack();
		await says(page, 'The customer is with you again');
		await looksRight(page, 'returned');
		const second = await offer();
		await page.getByRole('button', { name: /Show the words/ }).click();
		await page.getByRole('button', { name: /^Yes/ }).click();
		await says(page, 'The customer said yes');
		await goLive(second, 50_000);
		await page.locator('.survey-card-soon').waitFor();
		await looksRight(page, 'in the last minute');
	});
});
