import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { peaks, tapWorklets } from '#tests/support/listening-tap.ts';
import { delaysBetween, onsetsOf, watchOnsets } from '#tests/support/onsets.ts';
import { speakingBrowser } from '#tests/support/speaking-browser.ts';
import { mustBeDone, segmentShown } from '#tests/support/survey.ts';
import { peakOf, tone } from '#tests/support/tone.ts';
import { houseWithKey } from '#tests/support/twilio-house.ts';
import type { Said, TwilioPeer } from '#tests/support/twilio-peer.ts';

const [customerHz, agentHz, executiveHz] = [440, 880, 660];
/** How long each burst of the executive's tone lasts, and each pause between. */
const burstMs = 400;

async function signedIn(page: Page, app: TestHouse, personId: string) {
	const nowMs = app.clock.now();
	const secret = app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 });
	await page.goto(`${app.address()}/enter/${secret}`);
}

/** Of full scale. A browser takes a steady tone for noise and makes it faint, 0.002 at times; what is not heard at all is nothing. */
const audible = 0.001;

/** The loudest that each tone is in any channel the page renders, of full scale. */
async function heardIn(page: Page) {
	const found = await peaks(page, customerHz, agentHz, executiveHz);
	const loudest = (place: number) => Math.max(0, ...found.map((tones) => tones[place] ?? 0));
	return { customer: loudest(0) > audible, agent: loudest(1) > audible, executive: loudest(2) > audible };
}
const hears = (page: Page, expected: Partial<Awaited<ReturnType<typeof heardIn>>>) =>
	expect.poll(() => heardIn(page), { timeout: 40_000 }).toMatchObject(expected);

test('three tabs, three microphones: the executive is heard by the customer while it is live, and at no other time [S2] [C2] [C3]', async () => {
	const app = await openHouse();
	const [customers, agents, executives] = await Promise.all([
		speakingBrowser(customerHz),
		speakingBrowser(agentHz),
		speakingBrowser(executiveHz, burstMs),
	]);
	const desk = await agents.newPage();
	await signedIn(desk, app, 'ann');
	await desk.getByRole('button', { name: /open a browser line/i }).click();
	await desk
		.getByLabel(/label|called|about/i)
		.first()
		.fill('A line to Ms Test');
	await desk.keyboard.press('Enter');
	const link = (name: RegExp) => desk.getByLabel(name).first().inputValue();
	const customerLink = await link(/customer/i);
	const agentLink = await link(/your (own )?(end|link)/i);
	await desk.keyboard.press('Escape');

	const customer = await customers.newPage();
	await tapWorklets(customer);
	await watchOnsets(customer);
	await customer.goto(customerLink);
	await customer.getByRole('button', { name: /join/i }).click();
	const agent = await agents.newPage();
	await tapWorklets(agent);
	await agent.goto(agentLink);
	await agent.getByRole('button', { name: /join/i }).click();
	await hears(customer, { agent: true, executive: false });

	const [session] = [...app.sessions.all()];
	const callId = session?.callId as string;
	const ann = app.people.find('ann');
	if (!ann) throw new Error('nobody is ann');
	const listeningId = '018f0000-0000-7000-8000-000000000001';
	const invite = { type: 'invite', listeningId, executiveId: 'eve' } as const;
	const { result } = await app.ask.person(ann, callId, invite);
	const executive = await executives.newPage();
	await tapWorklets(executive);
	await watchOnsets(executive);
	await executive.goto(`${app.address()}${result?.invitationPath}`);
	await executive.getByRole('button', { name: /^Listen/ }).click();
	await hears(executive, { customer: true, agent: true });

	await executive.getByRole('button', { name: /may I ask the customer/i }).click();
	await desk.bringToFront();
	await desk.getByRole('button', { name: /show the words/i }).click();
	await desk
		.getByText(/a member of our leadership/)
		.first()
		.waitFor();
	await desk.getByRole('button', { name: /^yes/i }).click();
	await executive.getByRole('button', { name: /get ready/i }).click();
	// The microphone is open now, and connected to nothing.
	await expect.poll(async () => (await onsetsOf(executive)).microphone.length, { timeout: 20_000 }).toBeGreaterThan(1);
	expect(await heardIn(customer)).toMatchObject({ agent: true, executive: false });

	await executive.getByRole('button', { name: /take the line/i }).click();
	await customer
		.getByText(/a member of our leadership/i)
		.first()
		.waitFor();
	await hears(customer, { executive: true, agent: false });
	await hears(agent, { executive: true, customer: true });
	await hears(executive, { customer: true, executive: false });
	await executive.getByText('You are on the line').first().waitFor();

	const fromMs = Date.now();
	await expect
		.poll(async () => (await onsetsOf(customer)).player.filter((atMs) => atMs > fromMs).length, { timeout: 40_000 })
		.toBeGreaterThan(20);
	const spoken = (await onsetsOf(executive)).microphone.filter((atMs) => atMs > fromMs);
	const delays = delaysBetween(spoken, (await onsetsOf(customer)).player);
	expect(delays.length).toBeGreaterThan(15);
	// The buffers of three browsers that have just been started on one machine are fuller than they will be.
	for (const [which, some] of Object.entries({ all: delays, 'the last ten': delays.slice(-10) })) {
		const sorted = some.toSorted((one, other) => one - other);
		const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] as number).toFixed(0);
		process.stdout.write(`mouth to ear: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of ${which} ${sorted.length} words\n`);
	}

	// A question is answered by key.
	await executive.keyboard.press('9');
	await expect
		.poll(() => [...(session?.segments.values() ?? [])].at(-1)?.answers)
		.toEqual([{ questionId: 'recommend', value: '9' }]);

	await customer.getByRole('button', { name: /back to the agent/i }).click();
	await hears(customer, { executive: false, agent: true });
	await hears(agent, { executive: false, customer: true });
	const heardBefore = (await onsetsOf(customer)).player.length;
	await desk
		.getByText(/back|took it back|changed their mind|withdr/i)
		.first()
		.waitFor();
	await expect.poll(() => [...(session?.segments.values() ?? [])].at(-1)?.at).toBe('returned');
	expect((await onsetsOf(customer)).player.length).toBe(heardBefore);
}, 180_000);

test('on a Twilio call: the executive is heard by the customer while it is live, and at no other time [S2] [C2]', async () => {
	const { app, platform, customer, listening } = await houseWithKey('token');
	const callId = `twilio-${customer}`;
	let over = false;
	onTestFinished(() => {
		over = true;
	});
	void (async () => {
		while (!over && listening.socket.readyState === listening.socket.OPEN)
			await listening.play({ inbound: tone(customerHz, 500), outbound: tone(agentHz, 500) }, { clock: app.clock });
	})();
	const agent = await app.live('ann');
	await agent.watch({ watch: 'session', view: 'session', callId });
	const listeningId = '018f0000-0000-7000-8000-000000000002';
	const invited = await mustBeDone(agent.ask(callId, { type: 'invite', listeningId, executiveId: 'eve' }));

	const browser = await speakingBrowser(executiveHz, burstMs);
	const executive = await browser.newPage();
	await tapWorklets(executive);
	await executive.goto(`${app.address()}${invited.result?.invitationPath}`);
	await executive.getByRole('button', { name: /^Listen/ }).click();
	await hears(executive, { customer: true, agent: true });
	await executive.getByRole('button', { name: /may I ask the customer/i }).click();
	const { segmentId } = await segmentShown(agent, ({ at }) => at === 'offered');
	await mustBeDone(agent.ask(callId, { type: 'ask-survey', segmentId, scriptId: 'service', language: 'en' }));
	await mustBeDone(agent.ask(callId, { type: 'record-consent', segmentId, answer: 'agreed' }));
	await executive.getByRole('button', { name: /get ready/i }).click();
	await executive
		.getByText(/connected to nothing/i)
		.first()
		.waitFor();
	expect(platform.surveys).toEqual([]);
	expect(listening.received).toEqual([]);

	await executive.getByRole('button', { name: /take the line/i }).click();
	await segmentShown(agent, ({ at }) => at === 'live');
	const survey = platform.surveys[0] as TwilioPeer;
	void (async () => {
		while (!over && survey.socket.readyState === survey.socket.OPEN)
			await survey.play({ inbound: tone(customerHz, 500) }, { clock: app.clock });
	})();
	await survey.whenSaid((said) => peakOf(soundIn(said), executiveHz) > 100);
	await hears(executive, { customer: true, agent: false, executive: false });

	await mustBeDone(agent.ask(callId, { type: 'withdraw-consent', segmentId }));
	const media = () => survey.said().filter(({ event }) => event === 'media').length;
	const before = media();
	await survey.closed;
	expect(media()).toBe(before);
	expect(await segmentShown(agent, ({ at }) => at === 'returned')).toMatchObject({ returnedTo: 'agent' });
	expect(platform.whereIs(customer)).toBe('conference room');
	expect(listening.received).toEqual([]);
}, 180_000);

/** What the customer was sent in the last two seconds. */
function soundIn(said: readonly Said[]): Uint8Array {
	const frames = said.flatMap((one) => (one.event === 'media' ? [one.payload] : [])).slice(-100);
	return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}
