import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openChromium } from '#tests/support/chromium.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { type Surveyed, surveyed } from '#tests/support/surveyed.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const words = [
	'Tell me how long I will wait, then I can do something else meanwhile.',
	'Let the person I speak to decide about small refunds.',
	'Less music in the queue.',
	'Nothing, Ann was wonderful.',
	'Call me back when the parcel is found, not only an e-mail that says it is being looked for.',
];
const answersOf = (n: number) => {
	const solved = n % 3 === 0 ? 'no' : 'yes';
	return {
		recommend: String([9, 10, 7, 3, 8, 10, 9, 6][n % 8]),
		satisfied: String([5, 4, 4, 2, 5, 3][n % 6]),
		solved,
		...(solved === 'no' ? { missing: ['answer', 'money', 'decision'][n % 3] ?? 'other' } : {}),
		'one-thing': words[n % words.length] ?? '',
	};
};

/** Two queues with a few calls of every outcome. */
const calls: Surveyed[] = [
	...Array.from(
		{ length: 7 },
		(_, n) => ({ said: 'agreed', answers: answersOf(n), liveMs: 40_000 + n * 9000 }) as const,
	),
	{ said: 'agreed', answers: { recommend: '2' }, agentId: 'abe', executiveId: 'ed', withdrawn: true },
	{ said: 'agreed', answers: answersOf(9), agentId: 'abe', executiveId: 'ed' },
	{ said: 'agreed' },
	{ said: 'declined' },
	{ said: 'declined', agentId: 'abe' },
	{ said: 'not-now' },
	{ said: 'no-answer', agentId: 'abe' },
	...Array.from({ length: 9 }, (_, n) => ({ agentId: n % 3 === 0 ? 'ann' : 'abe' })),
	{ said: 'agreed', answers: answersOf(3), rehearsal: true },
];

async function surveyedHouse(what: readonly Surveyed[] = calls) {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const done = [];
	for (const call of what) {
		done.push(await surveyed(app, clock, { label: `Call ${done.length + 1}`, ...call }));
		clock.advance(600_000);
	}
	return { app, done };
}

/** A browser window of one of the test people at an address; of nobody without a name. */
async function windowAt(app: TestHouse, personId: string | undefined, path: string, look: BrowserContextOptions = {}) {
	const context = await chromium.newContext({ timezoneId: 'UTC', locale: 'en-GB', ...look });
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	if (personId) {
		const nowMs = app.clock.now();
		const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
		await page.goto(`${app.address()}/enter/${secret}`);
		await page.waitForURL((url) => !url.pathname.startsWith('/enter'));
	}
	await page.goto(`${app.address()}${path}`);
	return { page, problems };
}

/** No axe violations, and nothing wider than the window. */
async function looksRight(page: Page, where: string) {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
	const violations = found.violations.map(
		({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
	);
	expect(violations, where).toEqual([]);
	const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	expect(wider, `${where}: wider than the window`).toBeLessThanOrEqual(0);
	// Somebody who wants to look names a folder.
	const folder = process.env.YCORD_TEST_PICTURES;
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: `${folder}/${where.replace(/\W+/g, '-')}.png`, fullPage: true });
}

const looks = {
	light: { colorScheme: 'light' },
	dark: { colorScheme: 'dark', reducedMotion: 'reduce' },
	phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
	'twice as large': { viewport: { width: 640, height: 400 } },
} as const;

test.each(Object.entries(looks))('results and record: no axe violations, nothing cut off: %s', async (name, look) => {
	const { app, done } = await surveyedHouse();
	const { page, problems } = await windowAt(app, 'eve', '/results?as=executive', look);
	await page.getByRole('heading', { name: 'How was your service?' }).waitFor();
	await looksRight(page, `results ${name}`);
	for (const twin of await page.getByText('As a table').all()) await twin.click();
	await looksRight(page, `results with tables ${name}`);
	await page.goto(`${app.address()}/results?as=executive&agent=nobody`);
	await page.getByRole('heading', { name: 'No call fits that' }).waitFor();
	await looksRight(page, `results of nothing ${name}`);
	await page.goto(`${app.address()}/record/${done[0]?.callId}?as=executive`);
	await page.getByRole('heading', { name: /^Survey/ }).waitFor();
	await looksRight(page, `record ${name}`);
	expect(problems).toEqual([]);
});

describe('survey results', () => {
	const possible = (page: Page) => page.locator('.funnel-word').first().innerText();

	test('are narrowed down by what is chosen, which stands in the address, and go along as a file of just that', async () => {
		const { app } = await surveyedHouse();
		const { page, problems } = await windowAt(app, 'sue', '/board');
		await page.getByRole('link', { name: 'Survey results' }).click();
		await page.getByRole('heading', { name: 'How was your service?' }).waitFor();
		await expect.poll(() => possible(page)).toMatch(/^13\s+possible/);
		await page.getByText('9 answers: too few').or(page.getByText('7 answers: too few')).first().waitFor();
		const score = page.getByRole('figure', { name: /How likely/ });
		expect(await score.innerText()).toMatch(/\+43\s+NPS\s+between −\d+ and \+\d+ with 95 % confidence/);

		await page.getByLabel('Script').selectOption('service');
		await expect.poll(() => possible(page)).toMatch(/^10\s+asked/);
		await page.getByText(/counted only while neither is chosen/).waitFor();
		await page.getByLabel('Version').selectOption('1');
		await expect.poll(() => new URL(page.url()).search).toBe('?script=service&version=1&as=supervisor');
		await page.reload();
		await expect.poll(() => page.getByLabel('Version').inputValue()).toBe('1');

		const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
		expect(file.suggestedFilename()).toBe('ycord-survey-results.csv');
		const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
		expect(lines).toHaveLength(11);
		expect(problems).toEqual([]);
	});

	test('an answer in own words leads to the call it was given in, and Back from there', async () => {
		const { app, done } = await surveyedHouse();
		const { page } = await windowAt(app, 'eve', '/results?as=executive');
		await page.getByText('1 answer in own words is from calls you did not sit in on').waitFor();
		await page.getByRole('listitem').filter({ hasText: 'Less music in the queue.' }).getByRole('link').click();
		await page.waitForURL(`**/record/${done[2]?.callId}?as=executive`);
		await page.getByRole('heading', { name: /^Survey · Held/ }).waitFor();
		const survey = page.getByRole('region', { name: /^Survey/ });
		for (const part of ['Agreed', 'by role only', 'version 1, English', 'Less music in the queue.'])
			await survey.getByText(part).first().waitFor();
		await page.getByRole('link', { name: 'Back' }).click();
		await page.waitForURL('**/results?as=executive');
	});

	test('rehearsals are left out, and said to be rehearsals where they are looked at', async () => {
		const { app } = await surveyedHouse([{ said: 'agreed', answers: answersOf(1), rehearsal: true }]);
		const { page } = await windowAt(app, 'eve', '/results?as=executive');
		await page.getByRole('heading', { name: 'Nobody has been asked yet' }).waitFor();
		await looksRight(page, 'nobody asked yet');
		await page.getByLabel('With rehearsals').check();
		await page.getByText('These are rehearsals: no real customer was asked.').waitFor();
		await page.getByText('1 answer: too few to tell a change from chance.').first().waitFor();
	});

	test('are refused to an agent with a word on where theirs stand, and to nobody at all with what to do', async () => {
		const { app, done } = await surveyedHouse([{ said: 'agreed', answers: answersOf(1) }]);
		const agent = await windowAt(app, 'ann', '/results?as=agent');
		await agent.page.getByRole('heading', { name: 'Results are for executives and supervisors' }).waitFor();
		await agent.page.goto(`${app.address()}/record/${done[0]?.callId}?as=agent`);
		await agent.page.getByText('What was answered reaches executives and supervisors.').waitFor();
		const nobody = await windowAt(app, undefined, '/results');
		await nobody.page.getByRole('heading', { name: 'Sign in first' }).waitFor();
	});

	test('are printed black on white, from a dark screen too, with their bars and without anything to press', async () => {
		const { app } = await surveyedHouse();
		const { page } = await windowAt(app, 'eve', '/results?as=executive', { colorScheme: 'dark' });
		await page.getByRole('heading', { name: 'How was your service?' }).waitFor();
		await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
		expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
		const colours = await page.evaluate(() => {
			const heading = document.querySelector('.survey-title');
			return [getComputedStyle(document.documentElement).backgroundColor, heading && getComputedStyle(heading).color];
		});
		expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
		const bar = page.locator('.part-bar .part').first();
		expect(await bar.evaluate((one) => getComputedStyle(one).fill)).toBe('rgb(51, 51, 51)');
		if (process.env.YCORD_TEST_PICTURES) {
			await page.pdf({ path: `${process.env.YCORD_TEST_PICTURES}/results.pdf`, format: 'A4' });
			await page.screenshot({ path: `${process.env.YCORD_TEST_PICTURES}/print.png`, fullPage: true });
		}
	});
});
