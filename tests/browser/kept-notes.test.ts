import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openChromium } from '#tests/support/chromium.ts';
import { openProfile } from '#tests/support/chromium-profile.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

/** A call that eve may hear and write about. */
async function sitting() {
	const app = await openHouse();
	const { callId } = await startCall(app);
	const listeningId = await admit(await app.live('ann'), await app.live('eve'), callId);
	const texts = () => [...(app.sessions.get(callId)?.notes ?? [])].map(({ text }) => text);
	return { app, callId, seat: `${app.address()}/listen/at/${callId}/${listeningId}`, texts };
}

/** Signs this browser in as eve, and opens her seat. */
async function atSeat(context: BrowserContext, app: TestHouse, seat: string): Promise<Page> {
	const page = await context.newPage();
	await enter(page, app, 'eve');
	await page.goto(seat);
	await field(page).waitFor();
	return page;
}
async function enter(page: Page, app: TestHouse, personId: string) {
	const nowMs = app.clock.now();
	await page.goto(`${app.address()}/enter/${app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 })}`);
	await page.waitForURL('**/listen');
}
async function ownContext() {
	const context = await chromium.newContext();
	onTestFinished(() => context.close());
	return context;
}

/** A server that does not take notes until it is let to: what is asked of it waits on the way. */
async function holdAsks(context: BrowserContext): Promise<() => void> {
	let held: (() => void)[] | undefined = [];
	await context.routeWebSocket(/\/live/, (tab) => {
		const server = tab.connectToServer();
		tab.onMessage((message) => {
			const isAsk = String(message).includes('"type":"ask"');
			if (isAsk && held) held.push(() => server.send(message));
			else server.send(message);
		});
	});
	return () => {
		for (const go of held ?? []) go();
		held = undefined;
	};
}

const field = (page: Page) => page.getByLabel('Note', { exact: true });
const write = async (page: Page, text: string) => {
	await field(page).fill(text);
	await page.keyboard.press('Enter');
};
const noteOf = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });
/** What lies on this browser's disk, as anybody can read it there. */
const onDisk = (page: Page): Promise<{ notes: string[]; drafts: string[] }> =>
	page.evaluate(
		() =>
			new Promise((resolve, reject) => {
				const opening = indexedDB.open('ycord');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const db = opening.result;
					const tx = db.transaction(['notes', 'drafts']);
					const [notes, drafts] = (['notes', 'drafts'] as const).map((table) => tx.objectStore(table).getAll());
					tx.oncomplete = () => {
						db.close();
						const texts = (rows: { text: string }[] = []) => rows.map(({ text }) => text).sort();
						resolve({ notes: texts(notes?.result), drafts: texts(drafts?.result) });
					};
				};
			}),
	);
const patiently = { timeout: 30_000 };

describe('what was typed is kept until it is acknowledged [N5]', () => {
	test('the whole browser is killed: the note is there again, marked as not safe, and is sent once; the draft too', async () => {
		const { app, seat, texts } = await sitting();
		const profile = mkdtempSync(join(tmpdir(), 'ycord-profile-'));
		onTestFinished(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
		const first = await openProfile(profile);
		onTestFinished(first.kill);
		const before = await atSeat(first.context, app, seat);
		await first.context.setOffline(true);
		for (const client of app.http.websocketServer.clients) client.terminate();
		await before
			.getByText(/reconnecting/i)
			.first()
			.waitFor();
		await write(before, 'Typed in a tunnel');
		await noteOf(before, 'Typed in a tunnel')
			.getByText('Kept on this device until the connection is back', { exact: true })
			.waitFor();
		await field(before).fill('Half a thought');
		const anchor = await before.getByText(/^At \d/).textContent();
		await expect
			.poll(() => onDisk(before), patiently)
			.toEqual({ notes: ['Typed in a tunnel'], drafts: ['Half a thought'] });
		await first.kill();
		expect(texts()).toEqual([]);

		const second = await openProfile(profile);
		onTestFinished(second.kill);
		const letGo = await holdAsks(second.context);
		const after = await atSeat(second.context, app, seat);
		await noteOf(after, 'Typed in a tunnel').getByText('Saving…').waitFor();
		expect(await field(after).inputValue()).toBe('Half a thought');
		expect(await after.getByText(/^At \d/).textContent()).toBe(anchor);
		letGo();
		await noteOf(after, 'Typed in a tunnel').getByText('Saved').waitFor();
		await expect.poll(() => onDisk(after), patiently).toEqual({ notes: [], drafts: ['Half a thought'] });
		await field(after).press('Enter');
		await noteOf(after, 'Half a thought').getByText('Saved').waitFor();
		await expect.poll(() => onDisk(after), patiently).toEqual({ notes: [], drafts: [] });
		expect(texts()).toEqual(['Typed in a tunnel', 'Half a thought']);
	});

	test('a reload while a note is on its way sends it again under its name: it is there once [N3]', async () => {
		const { app, seat, texts } = await sitting();
		const context = await ownContext();
		const letGo = await holdAsks(context);
		const page = await atSeat(context, app, seat);
		await write(page, 'On its way');
		await field(page).fill('Being typed');
		await page.reload();
		await noteOf(page, 'On its way').getByText('Saving…').waitFor();
		await expect.poll(() => field(page).inputValue(), patiently).toBe('Being typed');
		letGo();
		await noteOf(page, 'On its way').getByText('Saved').waitFor();
		expect(texts()).toEqual(['On its way']);
		expect(await noteOf(page, 'On its way').count()).toBe(1);
	});

	test('each of two tabs sends its own; what a closed tab leaves goes to the other', async () => {
		const { app, seat, texts } = await sitting();
		const context = await ownContext();
		const letGo = await holdAsks(context);
		const one = await atSeat(context, app, seat);
		await field(one).fill('Being typed in the first');
		await expect.poll(async () => (await onDisk(one)).drafts, patiently).toEqual(['Being typed in the first']);
		const two = await atSeat(context, app, seat);
		expect(await field(two).inputValue()).toBe('');
		await write(one, 'From the first tab');
		await write(two, 'From the second tab');
		await noteOf(two, 'From the second tab').getByText('Saving…').waitFor();
		await expect
			.poll(async () => (await onDisk(two)).notes, patiently)
			.toEqual(['From the first tab', 'From the second tab']);
		expect(await noteOf(two, 'From the first tab').count()).toBe(0);
		await one.close();
		await noteOf(two, 'From the first tab').getByText('Saving…').waitFor();
		letGo();
		await noteOf(two, 'From the first tab').getByText('Saved').waitFor();
		await noteOf(two, 'From the second tab').getByText('Saved').waitFor();
		expect(texts().toSorted()).toEqual(['From the first tab', 'From the second tab']);
	});

	test('notes of a session that nobody opens again are sent by any page of their author', async () => {
		const { app, seat, texts } = await sitting();
		const context = await ownContext();
		const letGo = await holdAsks(context);
		const page = await atSeat(context, app, seat);
		await write(page, 'Of the other call');
		await expect.poll(async () => (await onDisk(page)).notes, patiently).toEqual(['Of the other call']);
		await page.goto(`${app.address()}/listen`);
		letGo();
		await expect.poll(texts, patiently).toEqual(['Of the other call']);
		await expect.poll(async () => (await onDisk(page)).notes, patiently).toEqual([]);
	});
});

test('who signs in next in the same browser sees nothing of it and sends nothing of it; it waits for its author', async () => {
	const { app, seat, texts } = await sitting();
	const context = await ownContext();
	const letGo = await holdAsks(context);
	const page = await atSeat(context, app, seat);
	await write(page, 'By Eve');
	await field(page).fill('Half of Eve’s thought');
	await expect.poll(() => onDisk(page), patiently).toEqual({ notes: ['By Eve'], drafts: ['Half of Eve’s thought'] });
	await enter(page, app, 'ed');
	letGo();
	await admit(await app.live('ann'), await app.live('ed'), [...app.sessions.all()][0]?.callId ?? '', 'ed');
	await page.getByRole('link', { name: 'Go to the call' }).click();
	expect(await field(page).inputValue()).toBe('');
	await write(page, 'By Ed');
	await noteOf(page, 'By Ed').getByText('Saved').waitFor();
	expect(await page.getByText('By Eve').count()).toBe(0);
	await expect.poll(() => onDisk(page), patiently).toEqual({ notes: ['By Eve'], drafts: ['Half of Eve’s thought'] });
	await enter(page, app, 'eve');
	await expect.poll(texts, patiently).toEqual(['By Ed', 'By Eve']);
});

describe('a browser that gives less', () => {
	test('stores nothing: the note says so, and is sent when the connection is back', async () => {
		const { app, seat, texts } = await sitting();
		const context = await ownContext();
		await context.addInitScript(() => {
			IDBFactory.prototype.open = () => {
				throw new DOMException('forbidden here', 'SecurityError');
			};
		});
		const page = await atSeat(context, app, seat);
		await context.setOffline(true);
		for (const client of app.http.websocketServer.clients) client.terminate();
		await page
			.getByText(/reconnecting/i)
			.first()
			.waitFor();
		await write(page, 'Only in the page');
		await noteOf(page, 'Only in the page')
			.getByText(/keeps nothing on its disk/)
			.waitFor();
		// Closing the page now would lose it: the browser asks first.
		await page.getByText('1 note not yet safe: keep this tab open').waitFor();
		const asked = page.waitForEvent('dialog');
		await page.close({ runBeforeUnload: true });
		const question = await asked;
		expect(question.type()).toBe('beforeunload');
		await question.dismiss();
		await context.setOffline(false);
		await noteOf(page, 'Only in the page').getByText('Saved').waitFor();
		expect(texts()).toEqual(['Only in the page']);
	});

	test('has no locks, as over plain HTTP: every tab sends all, and each note is there once [N3]', async () => {
		const { app, seat, texts } = await sitting();
		const context = await ownContext();
		await context.addInitScript(() => {
			Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
		});
		const letGo = await holdAsks(context);
		const one = await atSeat(context, app, seat);
		await write(one, 'In both tabs');
		await expect.poll(async () => (await onDisk(one)).notes, patiently).toEqual(['In both tabs']);
		const two = await atSeat(context, app, seat);
		await noteOf(two, 'In both tabs').getByText('Saving…').waitFor();
		letGo();
		for (const page of [one, two]) await noteOf(page, 'In both tabs').getByText('Saved').waitFor();
		expect(texts()).toEqual(['In both tabs']);
	});
});
