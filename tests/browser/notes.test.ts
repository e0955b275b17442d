import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

/** A call of ann's that eve was let into, and what opens it for each of them and for sue, their supervisor. */
async function session() {
	const app = await openHouse();
	const { callId } = await startCall(app);
	const [ann, eve] = [await app.live('ann'), await app.live('eve')];
	const listeningId = await admit(ann, eve, callId);
	const paths = { ann: '/agent', eve: `/listen/at/${callId}/${listeningId}`, sue: `/board/${callId}` };
	const open = (who: keyof typeof paths, look: BrowserContextOptions = {}) => windowOf(app, who, paths[who], look);
	return { app, callId, open, live: { ann, eve } };
}

/** A browser window of one of the test people, with the notes of the session in it. */
async function windowOf(app: TestHouse, personId: string, path: string, look: BrowserContextOptions) {
	const context = await chromium.newContext(look);
	onTestFinished(() => context.close());
	const link = await linkOf(context);
	const page = await context.newPage();
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
	await page.waitForURL((url) => !url.pathname.startsWith('/enter'));
	await page.goto(app.address() + path);
	await field(page).waitFor();
	return { page, problems, link };
}

/** The live connection of a window, which can be cut and stays so until it is mended. */
async function linkOf(context: BrowserContext) {
	const open = new Set<WebSocketRoute>();
	let isCut = false;
	await context.routeWebSocket(/\/live\?/, (socket) => {
		if (isCut) {
			void socket.close({ code: 1001 });
			return;
		}
		socket.connectToServer();
		open.add(socket);
	});
	return {
		cut() {
			isCut = true;
			for (const socket of open) void socket.close({ code: 1001 });
			open.clear();
		},
		mend() {
			isCut = false;
		},
	};
}

const field = (page: Page) => page.getByLabel('Note', { exact: true });
const note = (page: Page, words: string) => page.getByRole('article').filter({ hasText: words });
const choose = (page: Page, name: string) =>
	page
		.locator('.composer')
		.getByText(new RegExp(`^${name}`))
		.click();
async function write(page: Page, text: string) {
	await field(page).fill(text);
	await field(page).press('Enter');
	await note(page, text).getByText('Saved').waitFor();
}
async function fromMenu(page: Page, words: string, item: RegExp) {
	await note(page, words).getByRole('button', { name: 'More about this note' }).click();
	await page.getByRole('menuitem', { name: item }).click();
}
const focusedNote = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
const announced = async (page: Page) => (await page.getByRole('status').allTextContents()).join(' ');

describe('a note, from the first key to the last line', () => {
	test('is written, marked, answered, heard and linked among agent, executive and supervisor [N2] [N4]', async () => {
		const { open } = await session();
		const [agent, executive, supervisor] = [await open('ann'), await open('eve'), await open('sue')];

		// While it is typed others see who writes, and tags of this session are suggested.
		await choose(executive.page, 'Pinhole');
		await field(executive.page).pressSequentially('The flat number is cut off #address');
		await agent.page.getByText('Eve Executive is writing…').waitFor();
		await field(executive.page).press('Enter');
		await note(agent.page, 'cut off').waitFor();
		await expect.poll(() => agent.page.getByText('is writing…').count()).toBe(0);
		await field(agent.page).pressSequentially('Again! #ad');
		await agent.page.getByRole('option', { name: '#address' }).waitFor();
		await agent.page.keyboard.press('Tab');
		expect(await field(agent.page).inputValue()).toBe('Again! #address ');
		await agent.page.keyboard.press('Enter');
		await note(executive.page, 'Again!').waitFor();

		// A tag shows what has it, and the way to everywhere else.
		await note(executive.page, 'cut off').getByRole('button', { name: '#address' }).click();
		await executive.page.getByText('2 notes').waitFor();
		expect(await executive.page.getByRole('link', { name: 'Search everywhere' }).getAttribute('href')).toContain(
			'/notes?tag=address',
		);
		await executive.page.getByRole('button', { name: 'Show all' }).click();

		// A person is called by name; who cannot see the lane is said before it is sent.
		await choose(executive.page, 'Leadership');
		await field(executive.page).pressSequentially('Ask @an');
		await executive.page.keyboard.press('Enter');
		expect(await field(executive.page).inputValue()).toBe('Ask @ann ');
		await executive.page.getByText('Ann Agent cannot see a leadership note.').waitFor();
		await choose(executive.page, 'Team');
		expect(await executive.page.getByText('cannot see').count()).toBe(0);
		await executive.page.getByRole('button', { name: 'Send' }).click();
		const called = note(agent.page, 'Ask @Ann Agent');
		await called.getByText('Calls you').waitFor();
		await expect.poll(() => announced(agent.page)).toContain('Eve Executive calls you');
		await note(supervisor.page, 'Ask @Ann Agent').waitFor();
		expect(await note(supervisor.page, 'Ask @Ann Agent').getByText('Calls you').count()).toBe(0);

		// Heard, with one key on the note that has the focus; answered below it, for no more people.
		await called.focus();
		await agent.page.keyboard.press('h');
		await note(executive.page, 'Ask @Ann Agent').getByText('Heard by Ann Agent').waitFor();
		await agent.page.keyboard.press('a');
		await agent.page.keyboard.type('On my desk now');
		await agent.page.keyboard.press('Enter');
		await executive.page.getByRole('list', { name: 'Answers' }).getByText('On my desk now').waitFor();
		await expect.poll(() => focusedNote(agent.page)).toContain('by Eve Executive');

		// Linked to the pinhole: the chip leads there.
		await fromMenu(executive.page, 'Ask @Ann Agent', /^Link to/);
		await executive.page.getByRole('combobox', { name: 'Pinhole or suggestion' }).fill('flat');
		await executive.page.keyboard.press('Enter');
		await executive.page.getByRole('button', { name: 'Link', exact: true }).click();
		await note(agent.page, 'Ask @Ann Agent')
			.getByRole('button', { name: /^Pinhole: The flat/ })
			.click();
		await expect.poll(() => focusedNote(agent.page)).toContain('Pinhole by Eve Executive');
		expect([...agent.problems, ...executive.problems, ...supervisor.problems]).toEqual([]);
	});

	test('is edited with ↑, shown to more people, and deleted, and says so to everyone [N4]', async () => {
		const { open } = await session();
		const [agent, executive, supervisor] = [await open('ann'), await open('eve'), await open('sue')];
		await choose(executive.page, 'Leadership');
		await write(executive.page, 'Why so many forms?');
		await note(supervisor.page, 'Why so many forms?').waitFor();

		// Esc leaves it as it was; Enter saves it.
		await field(executive.page).press('ArrowUp');
		await executive.page.getByLabel('Edit the note').fill('Something else');
		await executive.page.keyboard.press('Escape');
		await note(executive.page, 'Why so many forms?').waitFor();
		await field(executive.page).press('ArrowUp');
		await executive.page.keyboard.type(' Seven of them.');
		await executive.page.keyboard.press('Enter');
		await note(supervisor.page, 'Seven of them.')
			.getByText(/^edited/)
			.waitFor();

		const revisions = ['Why so many forms?', 'Why so many forms? Seven of them.'].map((text, index) => ({
			atMs: 1_700_000_000_000 + index * 60_000,
			kind: 'observation',
			text,
		}));
		// Answered here: what is looked at is the page.
		await supervisor.page.route(/\/notes\/.*\/history\?as=supervisor$/, (route) =>
			route.fulfill({ json: { revisions } }),
		);
		await note(supervisor.page, 'Seven of them.')
			.getByText(/^edited/)
			.click();
		const said = supervisor.page.getByRole('dialog', { name: 'What this note said' }).getByRole('listitem');
		await said.first().waitFor();
		expect((await said.allTextContents()).map((text) => text.includes('Seven'))).toEqual([true, false]);
		await supervisor.page.keyboard.press('Escape');

		await fromMenu(executive.page, 'Seven of them.', /^Show to more/);
		await executive.page.getByText('Will see it now: Ann Agent.').waitFor();
		await executive.page.getByText('no way back').waitFor();
		expect(await note(agent.page, 'Seven of them.').count()).toBe(0);
		await executive.page.getByRole('button', { name: 'Show to the team' }).click();
		await note(agent.page, 'Seven of them.').waitFor();

		await fromMenu(executive.page, 'Seven of them.', /^Delete/);
		expect(await executive.page.evaluate(() => document.activeElement?.textContent)).toBe('Keep');
		await executive.page.keyboard.press('Shift+Tab');
		await executive.page.keyboard.press('Enter');
		for (const { page } of [agent, supervisor]) await page.getByText('Eve Executive deleted a note').waitFor();
		await executive.page.getByText('You deleted a note').waitFor();
		expect(await note(agent.page, 'Seven of them.').count()).toBe(0);
		await expect.poll(() => focusedNote(executive.page)).toContain('Deleted note by You');
	});

	test('says in words whether it is safe, there and in the head of the page [N5]', async () => {
		const { open } = await session();
		const { page, link } = await open('eve');
		link.cut();
		for (const text of ['In a tunnel', 'Still in it']) {
			await field(page).fill(text);
			await field(page).press('Enter');
		}
		await note(page, 'In a tunnel').getByText('Kept on this device until the connection is back').waitFor();
		await page.getByText('2 notes not yet safe').waitFor();
		link.mend();
		await note(page, 'Still in it').getByText('Saved').waitFor();
		await expect.poll(() => page.getByText('not yet safe').count()).toBe(0);
	});
});

describe('the notes, for every hand and eye', () => {
	test('by keyboard alone: Tab stops once at the list, arrows go through it, a menu opens and closes in its place', async () => {
		const { open } = await session();
		const { page } = await open('eve');
		for (const text of ['One', 'Two', 'Three']) await write(page, text);
		await page.getByRole('button', { name: 'Send' }).focus();
		await page.keyboard.press('Tab');
		const words = () => page.evaluate(() => document.activeElement?.querySelector('.note-text')?.textContent);
		expect(await words()).toBe('Three');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		expect(await words()).toBe('One');
		await page.keyboard.press('Home');
		await page.keyboard.press('Tab');
		await page.keyboard.press('ArrowDown');
		expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Edit');
		await page.keyboard.press('d');
		expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Delete…');
		await page.keyboard.press('Escape');
		expect(await page.getByRole('menu').count()).toBe(0);
		expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('More about this note');
	});

	const looks = {
		light: { colorScheme: 'light' },
		dark: { colorScheme: 'dark' },
		phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
	} as const;
	test.each(Object.entries(looks))('no axe violations, nothing cut off: %s', async (_, look) => {
		const { open, callId, live } = await session();
		const { page } = await open('sue', look);
		await choose(page, 'Suggestion');
		await write(page, `Let agents decide #refund ${'x'.repeat(90)}`);
		await write(page, 'And thank them, @team');
		const say = { type: 'write-note', kind: 'question', lane: 'team', anchorMs: 3000 } as const;
		await live.eve.ask(callId, { ...say, noteId: '01902f5e-7000-7000-8000-000000000001', text: 'Is that so, @team?' });
		await note(page, 'Is that so').getByRole('button', { name: 'Heard you' }).click();
		await page.getByText('Heard by you').waitFor();
		await looksRight(page, 'list');
		await note(page, 'Is that so').getByRole('button', { name: 'Reply' }).click();
		await page.getByLabel('Answer Eve').pressSequentially('Yes, says @e');
		await page.getByRole('option').first().waitFor();
		await looksRight(page, 'answering');
		await page.keyboard.press('Escape');
		await page.keyboard.press('Escape');
		await fromMenu(page, 'And thank them', /^Link to/);
		await looksRight(page, 'linking');
		await page.keyboard.press('Escape');
		await fromMenu(page, 'And thank them', /^Delete/);
		await looksRight(page, 'deleting');
		await page.getByRole('button', { name: 'Delete for everyone' }).click();
		await page.getByText('You deleted a note').waitFor();
		await page.getByRole('button', { name: '#refund' }).click();
		await looksRight(page, 'one tag');
	});

	/** No axe violations, and nothing wider than the window. */
	async function looksRight(page: Page, where: string) {
		await page.evaluate(axe.source);
		const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
		expect(
			found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
			where,
		).toEqual([]);
		const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		expect(wider, `${where}: wider than the window`).toBeLessThanOrEqual(0);
	}
});
