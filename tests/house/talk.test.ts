import { describe, expect, test } from 'vitest';
import type { LiveCall } from '#server/telephony/telephony.ts';
import type { TalkMessage } from '#shared/live.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import type { LivePeer } from '#tests/support/live-peer.ts';
import { startCall } from '#tests/support/test-call.ts';
import { tone } from '#tests/support/tone.ts';

const voice = tone(440, 20);
const silence = new Uint8Array(160).fill(0xff);

/** A house on a clock of the test's, and a supervisor's page. */
async function board() {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const supervisor = await app.live('sue');
	await supervisor.watch({ watch: 'board', view: 'board' });
	/** Half a second in which the customer, the agent, both or nobody talks. */
	const goesOn = (call: LiveCall, ...who: ('customer' | 'agent')[]) => {
		for (let n = 0; n < 25; n++) {
			for (const leg of ['customer', 'agent'] as const) call.sound(leg, who.includes(leg) ? voice : silence);
			clock.advance(20);
		}
	};
	return { app, clock, supervisor, goesOn };
}
const talks = (peer: LivePeer) => peer.told.all.filter((one): one is TalkMessage => one.type === 'talk');
/** Everything the server had to say before now has come. */
const answered = async (peer: LivePeer) => {
	const at = Math.random();
	peer.say({ type: 'ping', at });
	await peer.told.when((one) => one.type === 'pong' && one.at === at);
};

describe('[W14] who talks', () => {
	test('is told of the calls on screen as it changes, and of no others', async () => {
		const { app, supervisor, goesOn } = await board();
		const call = await startCall(app);
		const other = await startCall(app);
		supervisor.say({ type: 'look', callIds: [call.callId] });
		await answered(supervisor);
		goesOn(other, 'customer');
		goesOn(call, 'customer');
		goesOn(call, 'customer');
		goesOn(call, 'agent');
		goesOn(call, 'customer', 'agent');
		goesOn(call);
		goesOn(call);
		await answered(supervisor);
		const told = talks(supervisor).flatMap(({ talk }) => talk);
		expect(told.every(({ callId }) => callId === call.callId)).toBe(true);
		const [first, ...rest] = told.map(({ who }) => who.join('+'));
		expect(first).toBe('customer');
		expect(rest).toContain('customer+agent');
		expect(rest.at(-1)).toBe('');
		expect(told.length).toBeLessThan(9);
	});

	test('nobody does on a call that is protected or held, or of another team [P1] [W4]', async () => {
		const { app, supervisor, goesOn } = await board();
		const ours = await startCall(app);
		const theirs = await startCall(app, { agentId: 'abe' });
		supervisor.say({ type: 'look', callIds: [ours.callId, theirs.callId, 'test-nowhere'] });
		await answered(supervisor);
		goesOn(theirs, 'customer');
		goesOn(ours, 'customer');
		await supervisor.told.when((one) => one.type === 'talk');
		await supervisor.ask(ours.callId, { type: 'protect-call' });
		goesOn(ours, 'customer', 'agent');
		goesOn(ours, 'customer', 'agent');
		await answered(supervisor);
		const told = talks(supervisor).flatMap(({ talk }) => talk);
		expect(told.every(({ callId }) => callId === ours.callId)).toBe(true);
		expect(told.map(({ who }) => who)).toEqual([['customer'], []]);
	});

	test('is not told any more to whoever looks at nothing; too many at once are refused by name', async () => {
		const { app, supervisor, goesOn } = await board();
		const call = await startCall(app);
		supervisor.say({ type: 'look', callIds: [call.callId] });
		supervisor.say({ type: 'look', callIds: [] });
		await answered(supervisor);
		goesOn(call, 'customer');
		goesOn(call, 'customer');
		supervisor.say({ type: 'look', callIds: Array.from({ length: 201 }, (_, n) => `test-${n}`) });
		await supervisor.told.when((one) => one.type === 'refused');
		expect(talks(supervisor)).toEqual([]);
	});
});
