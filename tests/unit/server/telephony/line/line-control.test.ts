import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Control, Fallback, Taking, Voice } from '#server/telephony/control.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { lineFrame, lineSound, lineStates, soundSentTo, talkingLine } from '#tests/support/browser-line.ts';
import type { FakeSocket } from '#tests/support/fake-socket.ts';
import { seedFor } from '#tests/support/seed.ts';

const role = 'a member of our leadership';

function controlled() {
	const line = talkingLine();
	const call = line.intake.calls[0];
	const control = call?.incoming.control as Required<Pick<Control, 'take' | 'release' | 'onWithdrawn'>>;
	const events: string[] = [];
	control.onWithdrawn(() => events.push('withdrawn'));
	return {
		...line,
		call,
		control,
		events,
		take: (agent: Taking['agent'] = 'muted') => control.take({ agent, shownAs: role }, () => events.push('lost')),
	};
}

const told = (socket: FakeSocket) =>
	socket.sent
		.flatMap((one) => (typeof one === 'string' ? [JSON.parse(one)] : []))
		.filter(({ type }) => type === 'line');
const lastTold = (socket: FakeSocket) => told(socket).at(-1);
/** The legs that reached an end, with their first byte. */
const legsAt = (socket: FakeSocket) =>
	soundSentTo(socket).map(({ parts }) =>
		Object.entries(parts)
			.map(([leg, part]) => `${leg} ${part[0]}`)
			.join(),
	);

describe('an executive on a browser line', () => {
	test('is heard by the customer and by the agent, who hears the customer too [S2]', async () => {
		const { agent, customer, clock, take } = controlled();
		clock.advance(1000);
		const voice = await take();
		voice.say(lineFrame(7));
		customer.comes(lineSound('customer', 0, 9));
		clock.advance(23);
		voice.say(lineFrame(8));
		expect(legsAt(customer)).toEqual(['executive 7', 'executive 8']);
		expect(legsAt(agent)).toEqual(['executive 7', 'customer 9', 'executive 8']);
		// On the call's clock, evenly, whatever the timers do.
		expect(soundSentTo(customer).map(({ mediaMs }) => mediaMs)).toEqual([1000, 1020]);
	});

	test('is put beside the customer’s sound in the agent’s ears, though its first came late and the rest did not', async () => {
		const { agent, customer, clock, take } = controlled();
		clock.advance(2000);
		// 800 ms held back by a stalled network come at once.
		for (let ms = 0; ms <= 800; ms += 20) customer.comes(lineSound('customer', ms));
		const voice = await take();
		for (let ms = 820; ms < 1200; ms += 20) {
			clock.advance(20);
			customer.comes(lineSound('customer', ms));
			voice.say(lineFrame(7));
		}
		const last = (leg: 'customer' | 'executive') =>
			soundSentTo(agent).findLast(({ parts }) => parts[leg])?.mediaMs ?? 0;
		expect(Math.abs(last('customer') - last('executive'))).toBeLessThanOrEqual(60);
		expect(soundSentTo(customer).at(-1)?.mediaMs).toBe(clock.now() - 1_767_225_600_000);
	});

	test('is shown to the customer as the policy says and as nothing more, and to the agent as the customer is told [C3]', async () => {
		const { agent, customer, take } = controlled();
		await take();
		expect(lastTold(customer)).toMatchObject({ state: 'talking', with: 'executive', shownAs: role });
		expect(Object.keys(lastTold(customer)).sort()).toEqual([
			'callId',
			'shownAs',
			'startedAtMs',
			'state',
			'type',
			'with',
		]);
		expect(lastTold(agent)).toMatchObject({ state: 'talking', with: 'executive', shownAs: role, muted: true });
	});

	test('and a muted agent: what the agent says is neither sent to the customer nor put on the call', async () => {
		const { agent, customer, call, take, control } = controlled();
		await take('muted');
		agent.comes(lineSound('agent', 0, 5));
		expect([legsAt(customer), call?.pieces]).toEqual([[], []]);
		await control.release('announcement');
		agent.comes(lineSound('agent', 20, 6));
		expect([legsAt(customer), call?.pieces.map(({ leg, data }) => [leg, data[0]])]).toEqual([
			['agent 6'],
			[['agent', 6]],
		]);
	});

	test('and an agent whose microphone stays open: both are heard', async () => {
		const { agent, customer, call, take } = controlled();
		const voice = await take('open');
		agent.comes(lineSound('agent', 0, 5));
		voice.say(lineFrame(7));
		expect(legsAt(customer)).toEqual(['agent 5', 'executive 7']);
		expect(call?.pieces.map(({ leg }) => leg)).toEqual(['agent']);
		expect(lastTold(agent)).not.toHaveProperty('muted');
	});

	test('who gave the line back says nothing more, not even what was under way [S2]', async () => {
		const { agent, customer, take, control } = controlled();
		const voice = await take();
		customer.stuck = true;
		for (let n = 0; n < 20; n++) voice.say(lineFrame(7));
		const left = soundSentTo(customer).length;
		await expect(control.release('announcement')).resolves.toBe('agent');
		voice.say(lineFrame(8));
		customer.stuck = false;
		voice.say(lineFrame(8));
		expect(soundSentTo(customer)).toHaveLength(left);
		expect(lastTold(customer)).toEqual({
			type: 'line',
			state: 'talking',
			callId: 'line-l0',
			startedAtMs: expect.any(Number),
			with: 'agent',
		});
		expect(lastTold(agent)).toEqual(lastTold(customer));
	});

	test('is not heard before the line is taken, nor by the voice of an earlier turn', async () => {
		const { customer, take, control } = controlled();
		const taking = take();
		const returned = control.release('announcement');
		const first = await taking;
		first.say(lineFrame(1));
		expect(await returned).toBe('agent');
		expect(await control.release('announcement')).toBe('agent');
		const second = await take();
		first.say(lineFrame(1));
		second.say(lineFrame(2));
		expect(legsAt(customer)).toEqual(['executive 2']);
	});

	test('says nothing while the call is on hold; taking the line ends a hold', async () => {
		const { agent, customer, call, take } = controlled();
		agent.comes({ type: 'hold' });
		const voice = await take();
		expect([lineStates(customer).at(-1), call?.told]).toEqual(['talking', ['held', 'resumed']]);
		agent.comes({ type: 'hold' });
		voice.say(lineFrame(7));
		expect(legsAt(customer)).toEqual([]);
		agent.comes({ type: 'resume' });
		voice.say(lineFrame(8));
		expect(legsAt(customer)).toEqual(['executive 8']);
	});

	test('cannot take a line without both ends, and nothing changes', async () => {
		const { agent, customer, take, clock } = controlled();
		agent.gone();
		await expect(take()).rejects.toMatchObject({ code: 'survey.cannot' });
		expect(lastTold(customer)).toMatchObject({ state: 'waiting', with: 'agent' });
		clock.advance(30_000);
		await expect(take()).rejects.toMatchObject({ code: 'survey.cannot' });
	});
});

describe('the customer’s own key', () => {
	test('brings them back to the agent before the next frame, and tells the house [C2]', async () => {
		const { agent, customer, take, events } = controlled();
		const voice = await take();
		customer.stuck = true;
		for (let n = 0; n < 20; n++) voice.say(lineFrame(7));
		const before = soundSentTo(customer).length;
		customer.comes({ type: 'withdraw' });
		voice.say(lineFrame(8));
		customer.stuck = false;
		agent.comes(lineSound('agent', 0, 5));
		expect(legsAt(customer).slice(before)).toEqual(['agent 5']);
		expect([events, lastTold(customer).with, lastTold(agent).muted]).toEqual([['withdrawn'], 'agent', undefined]);
		customer.comes({ type: 'withdraw' });
		expect(events).toEqual(['withdrawn']);
	});

	test('does nothing while nobody is to be taken off the line', () => {
		const { customer, events } = controlled();
		customer.comes({ type: 'withdraw' });
		expect([events, customer.closed]).toEqual([[], undefined]);
	});

	test('is not the agent’s', async () => {
		const { agent, take } = controlled();
		await take();
		agent.comes({ type: 'withdraw' });
		expect(agent.closed?.code).toBe(closeCodes.forbidden.code);
	});
});

describe('an end that is lost while the executive has the line', () => {
	test.each(['agent', 'customer'] as const)('(%s) ends the turn at once; the house is told once', async (who) => {
		const { agent, customer, take, control, events, call } = controlled();
		const voice = await take();
		const [gone, other] = who === 'agent' ? [agent, customer] : [customer, agent];
		gone.gone();
		voice.say(lineFrame(7));
		expect([legsAt(other), events, call?.told]).toEqual([[], ['lost'], ['lost']]);
		await control.release('announcement');
		expect(events).toEqual(['lost']);
	});

	test.each(['queue', 'announcement'] as const)(
		'(agent) leaves the customer with words on their screen and an end to it, by %s; the agent who is back has them',
		async (fallback) => {
			const { agent, customer, take, control, clock, join } = controlled();
			await take();
			agent.gone();
			await expect(control.release(fallback)).resolves.toBe('announcement');
			expect(lastTold(customer)).toMatchObject({
				state: 'waiting',
				with: 'agent',
				endsAtMs: clock.now() + 30_000,
			});
			customer.comes({ type: 'ping', at: 0 });
			clock.advance(29_000);
			const back = join('agent');
			expect(lastTold(customer)).toMatchObject({ state: 'talking', with: 'agent' });
			expect(lastTold(customer)).not.toHaveProperty('endsAtMs');
			expect(lastTold(back)).not.toHaveProperty('muted');
			await expect(control.release(fallback)).resolves.toBe('agent');
		},
	);

	test('(agent) ends the call where the policy says so', async () => {
		const { agent, customer, take, control, call } = controlled();
		await take();
		agent.gone();
		await expect(control.release('hang-up')).resolves.toBe('hung-up');
		expect([lineStates(customer).at(-1), customer.closed?.code]).toEqual(['ended', closeCodes.callEnded.code]);
		expect(call?.told).toEqual(['lost', 'ended hung-up']);
		await expect(control.release('announcement')).resolves.toBe('hung-up');
	});

	test('(both, with the call) is told, and there is nobody left to bring back', async () => {
		const { customer, take, control, events, clock } = controlled();
		const voice = await take();
		customer.comes({ type: 'hang-up' });
		voice.say(lineFrame(7));
		expect(events).toEqual(['lost']);
		await expect(control.release('queue')).resolves.toBe('hung-up');
		expect(clock.alarms).toBe(0);
	});

	test('by its own tab, for another one: the turn goes on there', async () => {
		const { take, join, events } = controlled();
		const voice = await take();
		const newer = join('customer');
		voice.say(lineFrame(7));
		expect([legsAt(newer), events, lastTold(newer)]).toEqual([
			['executive 7'],
			[],
			expect.objectContaining({ with: 'executive', shownAs: role }),
		]);
	});
});

type End = 'customer' | 'agent';
type Step =
	| { does: 'take'; agent: Taking['agent'] }
	| { does: 'release'; fallback: Fallback }
	| { does: 'say'; voice: number }
	| { does: 'speak' | 'hold' | 'resume' | 'withdraw' | 'hang-up' | 'time' }
	| { does: 'join' | 'drop'; end: End };

const end = fc.constantFrom<End>('customer', 'agent');
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ does: fc.constant('say' as const), voice: fc.nat(5) }) },
	{
		weight: 3,
		arbitrary: fc.record({ does: fc.constant('take' as const), agent: fc.constantFrom('muted', 'open') }),
	},
	fc.record({
		does: fc.constant('release' as const),
		fallback: fc.constantFrom('queue', 'announcement', 'hang-up'),
	}),
	{
		weight: 4,
		arbitrary: fc.record({ does: fc.constantFrom('speak', 'hold', 'resume', 'withdraw', 'time') }),
	},
	fc.record({ does: fc.constant('hang-up' as const) }),
	{ weight: 2, arbitrary: fc.record({ does: fc.constantFrom('join', 'drop'), end }) },
);

test('whatever comes in whatever order: the customer hears whoever has the line, and nobody else, and is told so [S2] [C2] [C3]', async () => {
	const seed = seedFor('an executive on any line');
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
			const line = controlled();
			const sockets: Record<End, FakeSocket> = { customer: line.customer, agent: line.agent };
			const here = { customer: true, agent: true };
			const voices: Voice[] = [];
			const expected: string[] = [];
			let turn: { voice: number; agent: Taking['agent'] } | undefined;
			let held = false;
			let over = false;
			const both = () => here.customer && here.agent && !over;
			const lose = () => {
				if (turn) expected.push('lost');
				turn = undefined;
			};
			/** What reaches the customer of what is done now. */
			const reaching = (does: () => void) => {
				const before = soundSentTo(sockets.customer).length;
				does();
				return legsAt(sockets.customer).slice(before);
			};
			for (const one of steps) {
				switch (one.does) {
					case 'take': {
						const may = both();
						const taking = line.take(one.agent).catch(() => undefined);
						if (may) {
							turn = { voice: voices.length, agent: one.agent };
							held = false;
						}
						const voice = await taking;
						expect(voice !== undefined).toBe(may);
						if (voice) voices.push(voice);
						break;
					}
					case 'release': {
						turn = undefined;
						const to = over ? 'hung-up' : here.agent ? 'agent' : 'announcement';
						const expectedTo = to === 'announcement' && one.fallback === 'hang-up' ? 'hung-up' : to;
						if (expectedTo === 'hung-up') over = true;
						expect(await line.control.release(one.fallback)).toBe(expectedTo);
						break;
					}
					case 'say': {
						const heard = reaching(() => voices[one.voice]?.say(lineFrame(7)));
						expect(heard).toEqual(turn?.voice === one.voice && !held ? ['executive 7'] : []);
						break;
					}
					case 'speak': {
						const heard = reaching(() => here.agent && sockets.agent.comes(lineSound('agent', line.clock.now(), 5)));
						expect(heard).toEqual(both() && !held && turn?.agent !== 'muted' ? ['agent 5'] : []);
						break;
					}
					case 'hold':
					case 'resume':
						if (!here.agent || over) break;
						sockets.agent.comes({ type: one.does });
						held = one.does === 'hold';
						break;
					case 'withdraw':
						if (!here.customer || over) break;
						if (turn) expected.push('withdrawn');
						turn = undefined;
						sockets.customer.comes({ type: 'withdraw' });
						break;
					case 'hang-up':
						if (!here.customer || over) break;
						lose();
						over = true;
						sockets.customer.comes({ type: 'hang-up' });
						break;
					case 'time':
						line.clock.advance(20);
						break;
					case 'join':
						if (over) break;
						sockets[one.end] = line.join(one.end);
						here[one.end] = true;
						break;
					case 'drop':
						if (!here[one.end] || over) break;
						lose();
						here[one.end] = false;
						sockets[one.end].gone();
						break;
				}
				expect(line.events).toEqual(expected);
				if (!here.customer) continue;
				// Nobody is left in silence without words: talking to whom, on hold by whom, waiting until when, or over.
				const now = lastTold(sockets.customer);
				expect(now.state).toBe(over ? 'ended' : !here.agent ? 'waiting' : held ? 'held' : 'talking');
				expect([now.with, now.shownAs]).toEqual(turn ? ['executive', role] : ['agent', undefined]);
				if (now.state === 'waiting') expect(now.endsAtMs).toBeGreaterThan(line.clock.now());
			}
		}),
		{ seed, numRuns: 300 },
	);
});
