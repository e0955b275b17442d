import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { codeOf, fromBase32 } from '#server/access/totp.ts';
import { looks, looksRight, windowOf } from '#tests/support/browser-window.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { oidcClient, oidcPeer } from '#tests/support/oidc-peer.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const password = 'a quiet splitter cable';
const sam = { id: 'sam', name: 'Sam Supervisor', role: 'supervisor', team: 'Orders' } as const;

async function opened(options: BrowserContextOptions = {}) {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const context = await chromium.newContext(options);
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(error.message));
	const welcome = `${app.address()}${app.peopleDesk.add(sam).path}`;
	return { clock, app, context, page, welcome, faults };
}

/** Somebody who wants to look names a folder. */
async function picture(page: Page, name: string) {
	const folder = process.env.YCORD_TEST_PICTURES;
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: `${folder}/${name.replace(/\W+/g, '-')}.png`, fullPage: true });
}

/** The code of the secret that the page shows in letters. */
async function codeShown(page: Page, nowMs: number) {
	const letters = (await page.locator('.sign-in-secret').innerText()).replaceAll(' ', '');
	return () => codeOf(fromBase32(letters) ?? new Uint8Array(), Math.floor(nowMs / 30_000));
}

test.each(Object.entries(looks))(
	'somebody new chooses a password and an authenticator, signs out, and signs in with both; no axe violations, nothing cut off: %s',
	async (look, options) => {
		const { app, clock, page, welcome, faults } = await opened(options);
		await page.goto(welcome);
		await page.getByRole('heading', { name: 'Welcome, Sam Supervisor' }).waitFor();
		await looksRight(page, `welcome ${look}`);
		await picture(page, `welcome ${look}`);
		await page.getByLabel('Password', { exact: true }).fill('Password1234');
		await page.getByRole('button', { name: 'Keep it and sign in' }).click();
		await page.getByRole('alert').getByText('one of the first that are tried').waitFor();
		await page.getByLabel('Password', { exact: true }).fill(password);
		await page.getByRole('checkbox', { name: /Also ask for a code/ }).check();
		await page.getByRole('img', { name: /QR code/ }).waitFor();
		const code = await codeShown(page, clock.now());
		await page.getByLabel('Code', { exact: true }).fill(code());
		await looksRight(page, `authenticator ${look}`);
		await picture(page, `authenticator ${look}`);
		await page.getByRole('button', { name: 'Keep it and sign in' }).click();
		await page.waitForURL('**/board');
		await page.getByText('Sam Supervisor').first().waitFor();
		await looksRight(page, `board ${look}`);
		await picture(page, `board ${look}`);
		// The link is in nobody's history.
		await page.goBack();
		expect(page.url()).not.toContain('/welcome/');
		await page.goto(`${app.address()}/board`);
		await page.getByRole('button', { name: 'Sign out' }).click();
		await page.waitForURL('**/sign-in');

		await page.getByLabel('Name').fill('sam');
		await page.getByLabel('Password', { exact: true }).fill('something else');
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByRole('alert').getByText('This name and this password do not sign in').waitFor();
		await looksRight(page, `sign-in refused ${look}`);
		await picture(page, `sign-in refused ${look}`);
		await page.getByLabel('Password', { exact: true }).fill(password);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByRole('heading', { name: 'One more step' }).waitFor();
		await looksRight(page, `code ${look}`);
		await picture(page, `code ${look}`);
		clock.advance(60_000);
		await page.getByLabel('Code').fill('000000');
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await page.getByRole('alert').getByText('This code does not fit').waitFor();
		expect(await page.getByLabel('Code').inputValue()).toBe('');
		const later = codeOf(await secretOf(), Math.floor(clock.now() / 30_000));
		await page.getByLabel('Code').fill(later);
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await page.waitForURL('**/board');
		expect(faults).toEqual([]);

		async function secretOf() {
			return app.access.accounts.secrets('sam')?.codeSecret ?? new Uint8Array();
		}
	},
);

test('a password is chosen and typed again by keyboard alone', async () => {
	const { page, welcome, app } = await opened();
	await page.goto(welcome);
	await page.getByRole('heading', { name: 'Welcome, Sam Supervisor' }).waitFor();
	await page.getByLabel('Password', { exact: true }).focus();
	await page.keyboard.type(password);
	await page.keyboard.press('Enter');
	await page.waitForURL('**/board');
	await page.goto(`${app.address()}/sign-in`);
	// Focus is in the first field.
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await page.keyboard.type('sam');
	await page.keyboard.press('Tab');
	await page.keyboard.type(password);
	await page.keyboard.press('Enter');
	await page.waitForURL('**/board');
});

test('a link that was used up says so, and leads to signing in', async () => {
	const { app, page, welcome } = await opened();
	app.peopleDesk.reset('sam');
	await page.goto(welcome);
	await page.getByRole('heading', { name: 'This link does not open anything' }).waitFor();
	await page.getByText('it works once, within a day').waitFor();
	await looksRight(page, 'used up');
	await page.getByRole('link', { name: 'Sign in' }).click();
	await page.waitForURL('**/sign-in');
});

test('signing out in one tab signs out every tab of that role, each says so, and leads to signing in [I1]', async () => {
	const { app, context, page } = await opened();
	const { page: first } = await windowOf(chromium, app, 'sue');
	await first.waitForURL('**/board');
	const second = await first.context().newPage();
	await second.goto(`${app.address()}/board`);
	await second.getByText('Sue Supervisor').first().waitFor();
	await first.getByRole('button', { name: 'Sign out' }).click();
	await first.waitForURL('**/sign-in');
	await second.getByText('You are not signed in any more').waitFor();
	await looksRight(second, 'signed out');
	await second.reload();
	await second.getByRole('link', { name: 'Sign in' }).click();
	await second.waitForURL('**/sign-in');
	await page.close();
	await context.close();
});

test.each(Object.entries(looks))(
	'whoever has an account at the identity provider is in with one press, and without a role is told so; no axe violations: %s',
	async (look, options) => {
		const peer = await oidcPeer();
		const app = await openHouse({
			YCORD_OIDC_ISSUER: peer.issuer,
			YCORD_OIDC_CLIENT_ID: oidcClient.clientId,
			YCORD_OIDC_CLIENT_SECRET: oidcClient.clientSecret,
			YCORD_OIDC_ROLES: 'groups:line-leads=supervisor',
		});
		peer.peerOf(app.address());
		const context = await chromium.newContext(options);
		onTestFinished(() => context.close());
		const page = await context.newPage();
		await page.goto(`${app.address()}/sign-in`);
		await page.getByRole('link', { name: 'Sign in with your company account' }).waitFor();
		await looksRight(page, `provider ${look}`);
		await picture(page, `provider ${look}`);
		const groups = peer.claims.groups;
		peer.claims.groups = [];
		await page.getByRole('link', { name: 'Sign in with your company account' }).click();
		await page.getByText('you have no role in Ycord').waitFor();
		await looksRight(page, `no role ${look}`);
		await picture(page, `no role ${look}`);
		peer.claims.groups = groups;
		await page.getByRole('link', { name: 'Sign in with your company account' }).click();
		await page.waitForURL('**/board');
		await page.getByText('Olga Orders').first().waitFor();
		await page.getByRole('button', { name: 'Sign out' }).click();
		// The provider asks whether to sign out there too.
		await page.waitForURL(`${peer.issuer}/**`);
	},
);
