import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SessionCommand } from '#shared/call.ts';
import type { WriteNote } from '#shared/note.ts';
import type { TimelineSpan } from '#shared/rest.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { type LivePeer, listenPeer } from '#tests/support/live-peer.ts';
import { openRecordDoors } from '#tests/support/record-doors.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium();
});
afterAll(() => chromium?.close());

const names = { pinhole: uuidV7(), answer: uuidV7(), secret: uuidV7(), gone: uuidV7(), suggestion: uuidV7() };

/** A call of 24 s that has ended (no longer: peers who say nothing for 30 s are hung up on): Eve heard it from its 2nd second, it was on hold and protected, and notes were written. */
async function endedCall() {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const call = await startCall(app, { label: 'Order 12' });
	const { callId } = call;
	const [agent, executive] = [await app.live('ann'), await app.live('eve')];
	const done = async (peer: LivePeer, command: SessionCommand) => {
		const answer = await peer.ask(callId, command);
		if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
	};
	const write = (peer: LivePeer, note: Partial<WriteNote> & { text: string }) =>
		done(peer, { type: 'write-note', noteId: uuidV7(), kind: 'observation', lane: 'team', anchorMs: 1000, ...note });
	const state = () => app.sessions.get(callId)?.call;

	const listeningId = await admit(agent, executive, callId);
	clock.advance(2_000);
	const listener = await listenPeer(app.seat('eve'), listeningId);
	await listener.begun();
	await write(executive, {
		noteId: names.pinhole,
		kind: 'pinhole',
		text: 'The flat number is cut off. #labels',
		anchorMs: 3_000,
	});
	await write(agent, {
		noteId: names.answer,
		text: 'Only in long streets.',
		anchorMs: 5_000,
		replyTo: names.pinhole,
	});
	await done(agent, { type: 'hear-note', noteId: names.pinhole, heard: true });
	clock.advance(4_000);
	call.held();
	await shown(app, () => state()?.at === 'held');
	clock.advance(6_000);
	call.resumed();
	await shown(app, () => state()?.at === 'live');
	await write(executive, {
		noteId: names.secret,
		text: 'Ask finance about flat fees.',
		lane: 'private',
		anchorMs: 13_000,
	});
	await write(executive, { noteId: names.gone, text: 'A slip.', anchorMs: 14_000 });
	await done(executive, { type: 'delete-note', noteId: names.gone });
	await write(executive, {
		noteId: names.suggestion,
		kind: 'suggestion',
		text: 'Let agents refund small sums. #refund',
		anchorMs: 15_000,
	});
	const to = { callId, noteId: names.pinhole };
	await done(executive, { type: 'link-note', noteId: names.suggestion, to, linked: true });
	clock.advance(4_000);
	await done(agent, { type: 'protect-call' });
	clock.advance(4_000);
	await done(agent, { type: 'unprotect-call' });
	clock.advance(4_000);
	call.ended('hung-up');
	await shown(app, () => state()?.at === 'ended');
	const timeline: TimelineSpan[] = [
		{ what: 'listening', fromMs: 2_000, untilMs: 24_000, personName: 'Eve Executive' },
		{ what: 'held', fromMs: 6_000, untilMs: 12_000 },
		{ what: 'protected', fromMs: 16_000, untilMs: 20_000 },
	];
	return { app, clock, callId, timeline, agent, write };
}
type Ended = Awaited<ReturnType<typeof endedCall>>;

/** A browser window of one of the test people at an address; of nobody without a name. */
async function windowAt(
	{ app, timeline }: Ended,
	personId: string | undefined,
	path: string,
	look: BrowserContextOptions = {},
) {
	const context = await chromium.newContext(look);
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	await openRecordDoors(page, app, timeline);
	if (personId) await signIn(page, app, personId);
	await page.goto(`${app.address()}${path}`);
	return { page, context, problems };
}

async function signIn(page: Page, app: TestHouse, personId: string) {
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
	await page.waitForURL((url) => !url.pathname.startsWith('/enter'));
}

const field = (page: Page) => page.getByRole('searchbox', { name: 'Words in the notes' });
const results = (page: Page) => page.getByRole('list', { name: /Notes found/ }).getByRole('listitem');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

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
}

describe('searching the notes', () => {
	test('by keyboard alone: from the board to a note in its record, and back to the results', async () => {
		const ended = await endedCall();
		const { page, problems } = await windowAt(ended, 'sue', '/board');
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.keyboard.press('/');
		await expect
			.poll(() => focused(page).then(() => field(page).evaluate((one) => one === document.activeElement)))
			.toBe(true);
		await page.keyboard.type('FLAT num');
		await expect.poll(() => results(page).count()).toBe(1);
		await expect.poll(() => page.locator('mark').allTextContents()).toEqual(['flat', 'num']);
		expect(new URL(page.url()).searchParams.get('q')).toBe('FLAT num');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		await page.waitForURL(`**/record/${ended.callId}?as=supervisor#${names.pinhole}`);
		await expect.poll(() => focused(page)).toBe(names.pinhole);
		await page.getByRole('link', { name: 'Back' }).press('Enter');
		await expect.poll(() => focused(page)).toBe(`found-${names.pinhole}`);
		expect(await field(page).inputValue()).toBe('FLAT num');
		expect(problems).toEqual([]);
	});

	test('an address can name a tag; what narrows can be dropped; a tag in a result leads to its notes, and Back from there', async () => {
		const ended = await endedCall();
		const { page } = await windowAt(ended, 'ann', '/notes?as=agent&tag=refund');
		await expect.poll(() => results(page).count()).toBe(1);
		await page.getByText('Let agents refund small sums.').waitFor();
		await page.getByRole('button', { name: 'Praise' }).click();
		await page.getByRole('heading', { name: 'No note says that' }).waitFor();
		await field(page).fill('only long');
		await page.getByRole('button', { name: 'Search all kinds and tags' }).click();
		await expect.poll(() => results(page).count()).toBe(1);
		await page.getByText('Only in long streets.').waitFor();
		await expect.poll(() => new URL(page.url()).search).toBe('?q=only+long&as=agent');
		await field(page).fill('number');
		await page.getByRole('link', { name: '#labels', exact: true }).click();
		await expect.poll(() => page.getByRole('textbox', { name: 'Only this tag' }).inputValue()).toBe('labels');
		expect(await field(page).inputValue()).toBe('');
		await expect.poll(() => results(page).count()).toBe(1);
		await page.goBack();
		await expect.poll(() => field(page).inputValue()).toBe('number');
	});

	test('[N4] finds only what the reader may see', async () => {
		const ended = await endedCall();
		const executive = await windowAt(ended, 'eve', '/notes?as=executive&q=flat');
		const supervisor = await windowAt(ended, 'sue', '/notes?as=supervisor&q=flat');
		const other = await windowAt(ended, 'abe', '/notes?as=agent&q=flat');
		await expect.poll(() => results(executive.page).count()).toBe(2);
		await expect.poll(() => results(supervisor.page).count()).toBe(1);
		await other.page.getByRole('heading', { name: 'No note says that' }).waitFor();
	});

	test('older notes come on demand, and the newest stand first', async () => {
		const ended = await endedCall();
		for (let count = 1; count <= 51; count += 1) await ended.write(ended.agent, { text: `parcel ${count}` });
		const { page } = await windowAt(ended, 'ann', '/notes?as=agent&q=parcel');
		await expect.poll(() => results(page).first().innerText()).toContain('parcel 51');
		await page.getByRole('button', { name: 'Show older notes' }).click();
		await expect.poll(() => results(page).count()).toBe(51);
		await expect.poll(() => results(page).last().innerText()).toContain('parcel 1');
	});

	test('without a connection it says so, and goes on by itself; without a person it says what to do', async () => {
		const ended = await endedCall();
		const { page, context } = await windowAt(ended, 'ann', '/notes?as=agent');
		await page.getByText(/Words match from their beginning/).waitFor();
		await page.route('**/api/notes?*', (route) => route.abort('internetdisconnected'));
		await context.setOffline(true);
		await field(page).fill('flat');
		await page.getByRole('heading', { name: 'No connection' }).waitFor();
		await page.unrouteAll();
		await openRecordDoors(page, ended.app, ended.timeline);
		await context.setOffline(false);
		await expect.poll(() => results(page).count()).toBe(1);

		const nobody = await windowAt(ended, undefined, '/notes?q=flat');
		await nobody.page.getByRole('heading', { name: 'Sign in first' }).waitFor();
	});
});

describe('the record of a session', () => {
	const at = ({ callId }: Ended, as: string, rest = '') => `/record/${callId}?as=${as}${rest}`;

	test('says what the call was, who heard it, what happened when, and every note with its answers [L1] [N4]', async () => {
		const ended = await endedCall();
		const { page, problems } = await windowAt(ended, 'ann', at(ended, 'agent'));
		await page.getByRole('heading', { level: 1, name: 'Order 12' }).waitFor();
		const facts = await page.locator('dl').innerText();
		for (const fact of ['Ann Agent', 'Orders', '24 seconds', 'hung up', 'told at the start', 'Eve Executive'])
			expect(facts).toContain(fact);

		await page.getByText('As a table').click();
		const rows = await page.getByRole('table').getByRole('row').allInnerTexts();
		expect(rows.map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
			'What From Until For',
			'Eve Executive listened 0:02 0:24 22 seconds',
			'On hold 0:06 0:12 6 seconds',
			'Protected 0:16 0:20 4 seconds',
		]);

		const notes = page.getByRole('region', { name: /^Notes/ });
		expect(await notes.getByRole('article').count()).toBe(3);
		expect(await notes.innerText()).not.toMatch(/finance|slip/);
		const answers = page.getByRole('list', { name: 'Answers to Eve Executive' });
		await answers.getByText('Only in long streets.').waitFor();
		await notes.getByText('Heard by Ann Agent').waitFor();
		expect(problems).toEqual([]);
	});

	test('a note leads to its moment, a pin and a link to their note; Back leaves the record at once', async () => {
		const ended = await endedCall();
		const { page } = await windowAt(ended, 'eve', '/listen');
		await page.getByRole('link', { name: /^Order 12/ }).click();
		await page.getByRole('heading', { level: 1, name: 'Order 12' }).waitFor();
		await page.getByRole('link', { name: /^0:15.*show on the timeline/ }).click();
		await expect.poll(() => focused(page)).toBe('timeline');
		await page.locator('.moment', { hasText: '0:15' }).waitFor();

		await page.getByRole('list', { name: 'Notes by the clock' }).getByRole('link').first().focus();
		await page.keyboard.press('End');
		await page.keyboard.press('Enter');
		await expect.poll(() => focused(page)).toBe(names.suggestion);
		await page.getByRole('link', { name: 'Pinhole at 0:03' }).click();
		await expect.poll(() => focused(page)).toBe(names.pinhole);
		await page.getByRole('link', { name: 'Back' }).click();
		await page.waitForURL('**/listen');
	});

	test('an address with a note opens at it, marked for a moment; one that is not there is said', async () => {
		const ended = await endedCall();
		const { page } = await windowAt(ended, 'eve', at(ended, 'executive', `#${names.suggestion}`));
		await page.locator(`[id="${names.suggestion}"][data-marked]`).waitFor();
		expect(await focused(page)).toBe(names.suggestion);
		await page.locator(`[id="${names.suggestion}"]:not([data-marked])`).waitFor();
		const { page: agents } = await windowAt(ended, 'ann', at(ended, 'agent', `#${names.secret}`));
		await agents.getByText(/it was deleted, or it is not yours to see/).waitFor();
	});

	test('a link sent by somebody in another role opens; who may not see the call, or is nobody, is told so', async () => {
		const ended = await endedCall();
		const { page } = await windowAt(ended, 'sue', at(ended, 'executive'));
		await page.getByRole('heading', { level: 1, name: 'Order 12' }).waitFor();
		await page.getByText('as supervisor').waitFor();
		const other = await windowAt(ended, 'sid', at(ended, 'supervisor'));
		await other.page.getByRole('heading', { name: 'There is no record here' }).waitFor();
		const nobody = await windowAt(ended, undefined, at(ended, 'agent'));
		await nobody.page.getByRole('heading', { name: 'Sign in first' }).waitFor();
	});

	test('is taken along as a file in each form', async () => {
		const ended = await endedCall();
		const { page } = await windowAt(ended, 'eve', at(ended, 'executive'));
		for (const [word, ending] of [
			['Markdown', 'md'],
			['CSV', 'csv'],
			['JSON Lines', 'jsonl'],
		] as const) {
			const file = page.getByRole('link', { name: word });
			expect(await file.getAttribute('href')).toBe(`/api/calls/${ended.callId}/record.${ending}?as=executive`);
			expect(await file.getAttribute('download')).toBe('');
		}
	});

	test('is printed black on white without anything to press, also from a dark screen, and no note is cut', async () => {
		const ended = await endedCall();
		for (let count = 1; count <= 40; count += 1)
			await ended.write(ended.agent, { text: `Line ${count}\nand another\nand a third`, anchorMs: count * 1000 });
		const { page } = await windowAt(ended, 'eve', at(ended, 'executive'), { colorScheme: 'dark' });
		await page.getByRole('heading', { level: 1, name: 'Order 12' }).waitFor();
		await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
		expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
		const colours = await page.evaluate(() => {
			const text = document.querySelector('.noted-text');
			return [getComputedStyle(document.documentElement).backgroundColor, text && getComputedStyle(text).color];
		});
		expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
		const cut = await page.evaluate(
			() => [...document.querySelectorAll('.noted')].filter((one) => one.scrollHeight > one.clientHeight + 1).length,
		);
		expect(cut).toBe(0);
		for (const format of ['A4', 'Letter']) {
			const paper = await page.pdf({ format });
			expect(paper.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0, format).toBeGreaterThan(2);
		}
	});

	test('an ended call leads to it: from the agent’s page, the supervisor’s session and the executive’s seat', async () => {
		const ended = await endedCall();
		const agent = await windowAt(ended, 'ann', '/agent');
		await agent.page.getByRole('link', { name: 'See the record' }).click();
		await agent.page.waitForURL(`**${at(ended, 'agent')}`);
		const supervisor = await windowAt(ended, 'sue', `/board/${ended.callId}`);
		await supervisor.page.getByRole('link', { name: 'Record' }).click();
		await supervisor.page.waitForURL(`**${at(ended, 'supervisor')}`);
		const executive = await windowAt(ended, 'eve', '/listen');
		await executive.page.getByRole('link', { name: 'Add notes to Order 12' }).click();
		await executive.page.getByRole('link', { name: 'Record' }).click();
		await executive.page.waitForURL(`**${at(ended, 'executive')}`);
	});
});

const looks = {
	light: { colorScheme: 'light' },
	'dark with less motion': { colorScheme: 'dark', reducedMotion: 'reduce' },
	phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
	'twice as large': { viewport: { width: 640, height: 400 } },
} as const;

test.each(Object.entries(looks))('search and record: no axe violations, nothing cut off: %s', async (_, look) => {
	const ended = await endedCall();
	const { page } = await windowAt(ended, 'eve', '/notes?as=executive', look);
	await page.getByText(/Words match from their beginning/).waitFor();
	await looksRight(page, 'nothing asked');
	await field(page).fill('flat');
	await expect.poll(() => results(page).count()).toBe(2);
	await looksRight(page, 'found');
	await field(page).fill('zebra');
	await page.getByRole('heading', { name: 'No note says that' }).waitFor();
	await looksRight(page, 'nothing found');
	await page.goto(`${ended.app.address()}/record/${ended.callId}?as=executive`);
	await page.getByText('As a table').click();
	await looksRight(page, 'record');
	await page.goto(`${ended.app.address()}/record/line-nowhere?as=executive`);
	await page.getByRole('heading', { name: 'There is no record here' }).waitFor();
	await looksRight(page, 'no record');
});
