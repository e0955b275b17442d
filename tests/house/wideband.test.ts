import { describe, expect, test } from 'vitest';
import { frameBytes, type Part, rateOf, type SoundMessage } from '#shared/audio.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { houseLine } from '#tests/support/house-line.ts';
import { agreedOn, mustBeDone, type TalkPeer } from '#tests/support/survey.ts';
import { peakOf, tone } from '#tests/support/tone.ts';

const rate = rateOf.pcmu16;
/** What no telephone carries. */
const high = (hz: number, ms: number) => tone(hz, ms, { rate });
const size = frameBytes('pcmu16');
const soundOf = (messages: SoundMessage[], part: Part) =>
	Buffer.concat(messages.map(({ parts }) => parts[part] ?? new Uint8Array()));

/** A line whose customer agreed to a survey, and eve who listens to it. */
async function listenedLine() {
	const app = await openHouse({}, { clock: handClock() });
	const line = await houseLine(app);
	return { app, ...line, ...(await agreedOn(app, line.callId)), ends: line };
}

/** Both ends speak for 200 ms, frame by frame, while time goes on. */
async function bothSpeak(app: TestHouse, { agent, customer }: Awaited<ReturnType<typeof houseLine>>) {
	const [low, top] = [high(5000, 200), high(6000, 200)];
	for (let at = 0; at < top.length; at += size) {
		await Promise.all([customer.talk(top.subarray(at, at + size)), agent.talk(low.subarray(at, at + size))]);
		await Promise.all([customer.settled(), agent.settled()]);
		(app.clock as ReturnType<typeof handClock>).advance(20);
	}
}

describe('a browser line is wideband', () => {
	test('6 kHz from the customer is 6 kHz at the agent’s end and in a listener’s ear, byte for byte [A9] [A1]', async () => {
		const { app, ends, ear } = await listenedLine();
		await bothSpeak(app, ends);
		// A leg that was never heard is not waited for: a listener may miss its first frame.
		const legs = { customer: 6000, agent: 5000 } as const;
		const reached = (leg: keyof typeof legs) => soundOf(ear.heard.all, leg).length >= 9 * size;
		await ear.heard.when(() => reached('customer') && reached('agent'));
		for (const [messages, part] of [
			[ends.agent.heard.all, 'customer'],
			[ends.customer.heard.all, 'agent'],
			[ear.heard.all, 'customer'],
			[ear.heard.all, 'agent'],
		] as const) {
			expect(new Set(messages.map(({ codec }) => codec))).toEqual(new Set(['pcmu16']));
			const heard = soundOf(messages, part);
			expect(heard.length).toBeGreaterThanOrEqual(9 * size);
			expect(Buffer.compare(heard, high(legs[part], (heard.length * 1000) / rate))).toBe(0);
			expect(peakOf(heard, legs[part], rate)).toBeCloseTo(12_000, -3);
		}
		expect(ear.heard.all.some(({ overtalk }) => overtalk)).toBe(true);
	});

	test('an executive on it is told its codec and is heard in it, by both ends and by listeners [T2] [T5]', async () => {
		const { app, ends, ear, goLive, executive, segmentId, callId } = await listenedLine();
		const talk = await goLive();
		expect(talk.told.all.at(-1)).toMatchObject({ state: 'live', codec: 'pcmu16' });
		talk.say(0x22, 5, 'pcmu16');
		await talk.taken();
		for (let frame = 0; frame < 8; frame++) (app.clock as ReturnType<typeof handClock>).advance(20);
		await Promise.all([ends.agent.settled(), ends.customer.settled()]);
		const said = Buffer.alloc(5 * size, 0x22);
		for (const end of [ends.agent, ends.customer])
			expect(soundOf(end.heard.all, 'executive').filter((byte) => byte !== 0xff)).toEqual(said);
		await ear.heard.when(() => soundOf(ear.heard.all, 'executive').includes(said));
		await mustBeDone(executive.ask(callId, { type: 'finish-survey', segmentId }));
	});

	test.each(['pcmu', 'pcma'] as const)('%s from the executive is refused by name [T2]', async (codec) => {
		const { goLive } = await listenedLine();
		const talk: TalkPeer = await goLive();
		talk.say(1, 1, codec);
		const { code, reason } = await talk.closed;
		expect([code, reason]).toEqual([4400, expect.stringContaining('this call’s sound is pcmu16')]);
	});
});
