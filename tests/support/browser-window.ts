import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { TestHouse } from '#tests/support/house.ts';

/** Each way in which a page is looked at. */
export const looks = {
	light: { colorScheme: 'light' },
	dark: { colorScheme: 'dark' },
	phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
} as const;

/** A browser window of one of the test people, signed in by a link; closed with the test. */
export async function windowOf(
	chromium: Browser,
	app: TestHouse,
	personId: string,
	options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
	const context = await chromium.newContext(options);
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems = watchForProblems(page);
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
	return { page, problems };
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

/** No axe violations, and nothing wider than the window. */
export async function looksRight(page: Page, where: string) {
	// What comes in softly is measured when it is there.
	await page.evaluate(() =>
		Promise.all(
			document
				.getAnimations()
				.filter((one) => Number(one.effect?.getComputedTiming().endTime) < 1000)
				.map((one) => one.finished.catch(() => {})),
		),
	);
	await page.evaluate(axe.source);
	const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
	const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`);
	expect(violations, where).toEqual([]);
	const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	expect(wider, `${where}: wider than the window`).toBeLessThanOrEqual(0);
}
