import axe from 'axe-core';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeSound, headerBytes } from '#shared/audio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import type { SegmentView, SurveyCommand } from '#shared/survey.ts';
import { openChromium } from '#tests/support/chromium.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { peaks, tapWorklets } from '#tests/support/listening-tap.ts';
import type { LivePeer } from '#tests/support/live-peer.ts';
import { startCall } from '#tests/support/test-call.ts';
import { tone } from '#tests/support/tone.ts';

let chromium: Browser;
beforeAll(async () => {
	chromium = await openChromium(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);
});
afterAll(() => chromium?.close());

/** A survey socket whose other end is the test: what a runner would say is said by hand, and what comes is kept. */
async function standInLine(page: Page, wished: boolean) {
	const opened: WebSocketRoute[] = [];
	const heard: Uint8Array[] = [];
	if (wished)
		await page.routeWebSocket(/\/survey\/sound\//, (socket) => {
			opened.push(socket);
			socket.onMessage((message) => {
				if (typeof message !== 'string') return void heard.push(new Uint8Array(message));
				const { at } = JSON.parse(message) as { at: number };
				socket.send(JSON.stringify({ type: 'pong', at, serverMs: at }));
			});
		});
	const tell = (state: 'ready' | 'live') =>
		opened.at(-1)?.send(JSON.stringify({ type: 'survey', segmentId: 'x', state, codec: 'pcma', droppedFrames: 0 }));
	return { opened, heard, tell };
}

/** `Omit`, for each member of a union. */
type Without<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never;

const patiently = { timeout: 30_000 };

interface Wishes {
	/** Whether the platform can bring an executive on the line. */
	can?: boolean;
	look?: Parameters<Browser['newContext']>[0];
	browser?: Browser;
	/** Whether the survey socket is the test's; the browser's other sockets are slower for it. */
	ownLine?: boolean;
	limitMs?: number;
}

/** A call with its agent on a plain connection, and an executive who listens to it in a real browser. */
async function listeningExecutive({
	can = true,
	look = {},
	browser = chromium,
	ownLine = true,
	limitMs = 300_000,
}: Wishes = {}) {
	const app = await openHouse();
	const control = can ? { abilities: ['survey' as const] } : { abilities: [], cannot: 'it only copies the sound' };
	const call = await startCall(app, { label: 'Order 12', control });
	const { callId } = call;
	const agent = await app.live('ann');
	const context = await browser.newContext(look);
	onTestFinished(() => context.close());
	const page = await context.newPage();
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	await tapWorklets(page);
	await watchMicrophones(page);
	const line = await standInLine(page, ownLine);
	const listeningId = uuidV7();
	done(await agent.ask(callId, { type: 'invite', listeningId, executiveId: 'eve' }));
	await page.goto(`${app.address()}${signInPath(app, 'eve')}`);
	await page.getByRole('button', { name: 'Accept' }).click();
	await page.getByRole('button', { name: 'Listen', exact: true }).click();
	await page.getByRole('region', { name: 'What you hear' }).waitFor();
	const segment = () => [...(app.sessions.get(callId)?.segments.values() ?? [])].at(-1) as SegmentView;
	const act = async (command: Without<SurveyCommand, 'segmentId'>) =>
		done(await agent.ask(callId, { ...command, segmentId: segment().segmentId } as SurveyCommand));
	/** The runner's part: both sides hear each other from here on. */
	const goesLive = async () => {
		const { segmentId } = segment();
		await app.ask.house('segments', callId, { of: 'segment', command: { type: 'go-live', segmentId, limitMs } });
		line.tell('live');
	};
	return {
		app,
		call,
		callId,
		agent,
		page,
		problems,
		line,
		segment,
		act,
		/** The executive asks, the agent asks the customer, who agrees. */
		async agreed() {
			await page.getByRole('button', { name: /May I ask/ }).click();
			await page.getByRole('heading', { name: 'Ann Agent has your question' }).waitFor();
			await act({ type: 'ask-survey', scriptId: 'service', language: 'en' });
			await page.getByRole('heading', { name: 'The customer is being asked now' }).waitFor();
			await act({ type: 'record-consent', answer: 'agreed' });
			await page.getByRole('heading', { name: /The customer agreed/ }).waitFor();
		},
		goesLive,
		/** From the yes to the frame around the page. */
		async onLine() {
			await page.getByRole('button', { name: 'Get ready' }).click();
			await page.getByRole('button', { name: 'Take the line' }).click();
			await expect.poll(() => line.opened.length, patiently).toBe(1);
			line.tell('ready');
			await goesLive();
			await frame(page).waitFor();
		},
	};
}

const signInPath = (app: TestHouse, personId: string) => {
	const nowMs = app.clock.now();
	return `/enter/${app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 })}`;
};
function done(answer: Awaited<ReturnType<LivePeer['ask']>>) {
	if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
}
const frame = (page: Page) => page.getByRole('region', { name: 'You are on the line' });

/** Remembers every microphone the page asks for, so that a test can see whether it was let go of. */
const watchMicrophones = (page: Page) =>
	page.addInitScript(() => {
		const tracks: MediaStreamTrack[] = [];
		const asked: MediaStreamConstraints[] = [];
		Object.assign(window, { ycordTracks: tracks, ycordAsked: asked });
		const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
		if (!real) return;
		navigator.mediaDevices.getUserMedia = async (constraints) => {
			asked.push(constraints ?? {});
			const stream = await real(constraints);
			tracks.push(...stream.getTracks());
			return stream;
		};
	});
const openMicrophones = (page: Page) =>
	page.evaluate(
		() =>
			(window as unknown as { ycordTracks: MediaStreamTrack[] }).ycordTracks.filter(
				({ readyState }) => readyState === 'live',
			).length,
	);
const askedFor = (page: Page) =>
	page.evaluate(() => (window as unknown as { ycordAsked: MediaStreamConstraints[] }).ycordAsked);

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

describe('an executive and the survey', () => {
	test('asks, gets a yes, tries the microphone, and is heard from the word of the server on until the key; [S2] [C2]', async () => {
		const { agreed, page, line, segment, problems, goesLive } = await listeningExecutive();
		await page.getByText('your microphone is off').first().waitFor();
		await agreed();
		await page.getByText(/Ann Agent put it on record/).waitFor();
		expect(await askedFor(page), 'no microphone before the customer’s yes and an own press').toEqual([]);

		await page.getByRole('button', { name: 'Get ready' }).click();
		await page.getByText('it is connected to nothing').first().waitFor();
		expect(await askedFor(page)).toMatchObject([
			{ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } },
		]);
		await page.getByRole('combobox', { name: 'Microphone' }).waitFor();
		await page.getByText('Your microphone works.').waitFor();
		expect(line.opened.length).toBe(0);

		await page.getByRole('button', { name: 'Take the line' }).click();
		await page.getByRole('heading', { name: 'You are about to be on the line' }).waitFor();
		await expect.poll(() => line.opened.length, patiently).toBe(1);
		expect(segment().at).toBe('ready');
		line.tell('ready');
		expect(line.heard.length, 'nothing leaves this tab before live').toBe(0);
		await goesLive();
		await frame(page).waitFor();
		await page.getByText('the customer hears you').first().waitFor();
		await expect.poll(() => line.heard.length, patiently).toBeGreaterThan(10);
		const first = decodeSound(line.heard[0] as Uint8Array);
		expect(first).toMatchObject({ codec: 'pcma', frames: 1, parts: { executive: expect.any(Uint8Array) } });
		expect(Object.keys((first as { parts: object }).parts)).toEqual(['executive']);

		await page.keyboard.press('b');
		await page.keyboard.press('b');
		await frame(page).waitFor({ state: 'detached' });
		expect(await openMicrophones(page), 'the browser’s own sign goes off').toBe(0);
		await page.getByRole('heading', { name: 'You have handed the customer back' }).waitFor();
		await page.getByText('your microphone is off').first().waitFor();
		await expect.poll(segment).toMatchObject({ at: 'returned', over: { how: 'executive' } });
		expect(problems).toEqual([]);
	});

	test('mutes with a key: held to cough, pressed until pressed again', async () => {
		const { agreed, onLine, page, line } = await listeningExecutive();
		await agreed();
		await onLine();
		const mute = (pressed: boolean) => frame(page).getByRole('button', { name: /mute/i, pressed }).waitFor();
		await page.keyboard.down('m');
		await mute(true);
		// As the microphone counts: long enough to be no press.
		const from = line.heard.length;
		await expect.poll(() => line.heard.length, patiently).toBeGreaterThan(from + 40);
		const during = line.heard.slice(from + 5, from + 40);
		expect(during.every((message) => message.subarray(headerBytes).every((byte) => byte === 0xd5))).toBe(true);
		await page.keyboard.up('m');
		await mute(false);
		await page.keyboard.press('m');
		await mute(true);
		await page.getByText('the customer does not hear you').first().waitFor();
		await page.keyboard.press('m');
		await mute(false);
	});

	test('the customer’s no ends it at once, whoever says it: frame, microphone, questions; [C2]', async () => {
		const { agreed, onLine, page, act } = await listeningExecutive();
		await agreed();
		await onLine();
		await page.getByRole('heading', { name: /recommend us/ }).waitFor();
		await act({ type: 'withdraw-consent' });
		await page.getByRole('heading', { name: 'The customer does not want to go on' }).waitFor();
		expect(await frame(page).count()).toBe(0);
		expect(await openMicrophones(page)).toBe(0);
		expect(await page.getByRole('heading', { name: /recommend us/ }).count()).toBe(0);
	});

	test('hung up on by the server it lets go of the microphone before the record is known; a loss is mended at once [T4]', async () => {
		const { agreed, onLine, page, line, segment } = await listeningExecutive();
		await agreed();
		await onLine();
		await line.opened[0]?.close({ code: closeCodes.failed.code, reason: 'test' });
		await expect.poll(() => line.opened.length, patiently).toBe(2);
		line.tell('live');
		await expect.poll(() => frame(page).getByText('You are on the line').count()).toBeGreaterThan(0);
		expect(segment().at).toBe('live');
		await line.opened[1]?.close({ code: closeCodes.surveyOver.code, reason: 'over' });
		await frame(page).waitFor({ state: 'detached' });
		expect(await openMicrophones(page)).toBe(0);
	});

	test('hears whoever is on the line beside the agent, and never themselves come back', async () => {
		const { agreed, page, app, callId, call } = await listeningExecutive({ can: false, ownLine: false });
		const [customer, executive] = [tone(440, 20_000), tone(660, 20_000)];
		const beganMs = app.clock.now();
		let sent = 0;
		const stop = app.clock.every(20, () => {
			// What a busy machine is behind with comes at once: the sound has no holes of its own.
			for (; sent * 20 < app.clock.now() - beganMs; sent++) {
				const at = (sent % 1000) * 160;
				call.sound('customer', customer.subarray(at, at + 160), sent * 160);
				app.intake.executiveSays(callId, executive.subarray(at, at + 160));
			}
		});
		onTestFinished(stop);
		// Channels are sides: the customer's, and the company's, where an executive sounds beside the agent.
		const hears = (...sides: [number, number][]) =>
			expect
				.poll(async () => (await peaks(page, 440, 660)).map((side) => side.map((peak) => (peak > 0.05 ? 1 : 0))), {
					timeout: 40_000,
				})
				.toEqual(sides);
		await hears([1, 0], [0, 1]);
		await agreed();
		await page.getByRole('button', { name: 'Hold it by phone' }).click();
		await page.getByRole('heading', { name: /by phone/ }).waitFor();
		await hears([1, 0], [0, 0]);
	});

	test('another who listens sees and hears an executive on the line as a voice of its own', async () => {
		const { agreed, onLine, app } = await listeningExecutive();
		const context = await chromium.newContext();
		onTestFinished(() => context.close());
		const watch = await context.newPage();
		await watch.goto(`${app.address()}${signInPath(app, 'sue')}`);
		await watch
			.getByRole('link', { name: /Order 12|Ann Agent/ })
			.first()
			.click();
		await watch.getByRole('button', { name: /^Listen/ }).click();
		await agreed();
		await onLine();
		await watch.getByRole('button', { name: 'Mute Eve Executive' }).waitFor();
		await looksRight(watch, 'three-voices');
	});

	test('takes every kind of answer by key, follows the script’s rules, and keeps words until they are on record', async () => {
		const { agreed, page, segment, problems } = await listeningExecutive({ can: false });
		await page.getByText(/cannot bring you on the line: it only copies the sound/).waitFor();
		await agreed();
		await page.getByRole('button', { name: 'Hold it by phone' }).click();
		const question = (name: RegExp) => page.getByRole('heading', { name }).waitFor();
		const answers = () => Object.fromEntries(segment().answers.map(({ questionId, value }) => [questionId, value]));
		await question(/recommend us/);
		expect(await frame(page).count(), 'by phone nothing of this tab is heard').toBe(0);
		await page.keyboard.press('x');
		await question(/how satisfied/i);
		await page.keyboard.press('9');
		await page.keyboard.press('4');
		await question(/solved now/);
		await page.keyboard.press('n');
		await question(/still missing/);
		await page.keyboard.press('2');
		await question(/change one thing/);
		await expect
			.poll(answers, patiently)
			.toEqual({ recommend: '10', satisfied: '4', solved: 'no', missing: 'delivery' });
		await page.keyboard.press('t');
		await page.keyboard.type('A number I can call back');
		await page.keyboard.press('Enter');
		await question(/Every question is answered/);
		await expect.poll(() => answers()['one-thing'], patiently).toBe('A number I can call back');

		await page.getByRole('button', { name: /^Question 3/ }).click();
		await page.keyboard.press('y');
		await question(/change one thing/);
		await expect.poll(() => answers().solved, patiently).toBe('yes');
		await page.keyboard.press('w');
		await page.getByText('Told once, on record.').waitFor();
		await page.keyboard.press('b');
		await page.keyboard.press('b');
		await page.getByRole('heading', { name: 'You have handed the customer back' }).waitFor();
		await page.getByRole('button', { name: /^Question 4/ }).click();
		await page.getByRole('textbox', { name: /change one thing/ }).fill('A number that is answered');
		await page.getByRole('heading', { level: 1 }).click();
		await expect.poll(() => answers()['one-thing'], patiently).toBe('A number that is answered');
		expect(problems).toEqual([]);
	});

	test('says what to do where the microphone is refused, and the note keys go on', async () => {
		const browser = await openChromium(['--deny-permission-prompts']);
		onTestFinished(() => browser.close());
		const { agreed, page } = await listeningExecutive({ browser });
		await agreed();
		await page.getByRole('button', { name: 'Get ready' }).click();
		await page.getByText(/did not allow the microphone|No microphone was found/).waitFor();
		expect(await page.getByRole('button', { name: 'Take the line' }).isDisabled()).toBe(true);
		await page.getByText('your microphone is off').first().waitFor();
		await looksRight(page, 'refused');
	});

	const looks = {
		light: { colorScheme: 'light' },
		dark: { colorScheme: 'dark' },
		phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
	} as const;
	test.each(Object.entries(looks))('no axe violations, nothing cut off: %s', async (name, look) => {
		const { agreed, page, line, act, segment, goesLive } = await listeningExecutive({
			look: { ...look, reducedMotion: 'reduce' },
			limitMs: 62_000,
		});
		await looksRight(page, `${name}-1-offer`);
		await agreed();
		await looksRight(page, `${name}-2-agreed`);
		await page.getByRole('button', { name: 'Get ready' }).click();
		await page.getByText('Your microphone works.').waitFor();
		await looksRight(page, `${name}-3-check`);
		await page.getByRole('button', { name: 'Take the line' }).click();
		await page.getByRole('heading', { name: 'You are about to be on the line' }).waitFor();
		await looksRight(page, `${name}-4-countdown`);
		await expect.poll(() => line.opened.length, patiently).toBe(1);
		await goesLive();
		await frame(page).waitFor();
		await looksRight(page, `${name}-5-line`);
		await page.getByRole('button', { name: '7', exact: true }).click();
		await page.getByText(/how satisfied/i).waitFor();
		await page.getByRole('button', { name: '4', exact: true }).click();
		await page.getByRole('button', { name: /^Yes/ }).click();
		await page.getByRole('textbox', { name: /change one thing/ }).fill('A number I can call');
		await frame(page).getByText(/left/).waitFor();
		await page.getByText('Customer asks who this is?').click();
		await looksRight(page, `${name}-6-open`);
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Next' }).click();
		await looksRight(page, `${name}-7-all`);
		await act({ type: 'take-back' });
		await page.getByRole('heading', { name: 'The customer was taken back' }).waitFor();
		await looksRight(page, `${name}-8-over`);
		await expect.poll(() => segment().at).toBe('returned');
	});
});
