import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxLinesOfOneAgent, maxOpenLines } from '#server/telephony/line/lines.ts';
import { closeCodes } from '#shared/close-codes.ts';
import {
	soundSentTo as heard,
	lineHouse as house,
	openedLine as opened,
	lineSound as sound,
	lineStates as states,
	talkingLine as talking,
} from '#tests/support/browser-line.ts';
import { fakeSocket } from '#tests/support/fake-socket.ts';
import { seedFor } from '#tests/support/seed.ts';

describe('a browser line', () => {
	test('becomes a call when both ends are there, and each end is told', () => {
		const { intake, clock, join, callId } = opened();
		const agent = join('agent');
		expect([states(agent), intake.calls]).toEqual([['waiting'], []]);
		clock.advance(5000);
		const customer = join('customer');
		expect(states(agent)).toEqual(['waiting', 'talking']);
		expect(states(customer)).toEqual(['talking']);
		expect(intake.calls.map((call) => call.callId)).toEqual([callId]);
		expect(JSON.parse(customer.sent[0] as string)).toEqual({
			type: 'line',
			state: 'talking',
			callId,
			startedAtMs: clock.now(),
			with: 'agent',
		});
	});

	test('carries each end’s sound to the other, with the call’s time and an unbroken count [A9]', () => {
		const { agent, customer, clock, intake } = talking();
		clock.advance(100);
		customer.comes(sound('customer', 7000, 0x11));
		customer.comes(sound('customer', 7020, 0x12, 3));
		agent.comes(sound('agent', 0, 0x21));
		expect(
			heard(agent).map(({ sequence, mediaMs, frames, parts }) => [sequence, mediaMs, frames, parts.customer?.[0]]),
		).toEqual([
			[0, 100, 1, 0x11],
			[1, 120, 3, 0x12],
		]);
		expect(heard(customer).map(({ mediaMs, parts }) => [mediaMs, Object.keys(parts)])).toEqual([[100, ['agent']]]);
		expect(intake.calls[0]?.pieces.map(({ leg, at }) => [leg, at])).toEqual([
			['customer', 1600],
			['customer', 1920],
			['agent', 1600],
		]);
	});

	test('carries nothing before the other end is there', () => {
		const { join, intake } = opened();
		const agent = join('agent');
		agent.comes(sound('agent', 0));
		const customer = join('customer');
		expect(heard(customer)).toEqual([]);
		expect(intake.calls[0]?.pieces).toEqual([]);
	});

	test('on hold is silent both ways and towards Ycord, what was under way included', () => {
		const { agent, customer, intake } = talking();
		customer.stuck = true;
		for (let ms = 0; ms < 400; ms += 20) agent.comes(sound('agent', ms));
		const before = heard(customer).length;
		agent.comes({ type: 'hold' });
		customer.stuck = false;
		agent.comes(sound('agent', 400));
		customer.comes(sound('customer', 0));
		expect([heard(customer).length, heard(agent).length]).toEqual([before, 0]);
		expect([states(agent).at(-1), states(customer).at(-1)]).toEqual(['held', 'held']);
		agent.comes({ type: 'hold' });
		agent.comes({ type: 'resume' });
		agent.comes({ type: 'resume' });
		customer.comes(sound('customer', 20));
		expect(heard(agent)).toHaveLength(1);
		expect(states(customer)).toEqual(['talking', 'held', 'talking']);
		expect(intake.calls[0]?.told).toEqual(['held', 'resumed']);
	});

	test('whose one end is lost tells the other, and is the same call when it is back', () => {
		const { agent, customer, intake, clock, join, callId } = talking();
		const startedAtMs = clock.now();
		clock.advance(5000);
		customer.gone();
		expect(states(agent)).toEqual(['waiting', 'talking', 'waiting']);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		agent.comes(sound('agent', 0));
		clock.advance(20_000);
		agent.comes({ type: 'ping', at: 1 });
		const back = join('customer');
		expect(intake.calls.map((call) => call.callId)).toEqual([callId, callId]);
		expect(JSON.parse(back.sent[0] as string)).toMatchObject({ state: 'talking', startedAtMs });
		back.comes(sound('customer', 0));
		expect(heard(agent).at(-1)?.mediaMs).toBe(25_000);
		expect(intake.calls[0]?.pieces).toEqual([]);
	});

	test('stays on hold through a lost connection', () => {
		const { agent, customer, intake, join } = talking();
		agent.comes({ type: 'hold' });
		customer.gone();
		const back = join('customer');
		agent.comes(sound('agent', 0));
		expect([states(back), heard(back)]).toEqual([['held'], []]);
		expect(intake.calls[1]?.told).toEqual(['held']);
		agent.comes({ type: 'resume' });
		expect(states(back)).toEqual(['held', 'talking']);
	});

	test('is over when an end stays away for 30 seconds', () => {
		const { agent, customer, intake, clock, open, customerSecret } = talking();
		customer.gone();
		clock.advance(30_000);
		expect(states(agent).at(-1)).toBe('ended');
		expect(agent.closed?.code).toBe(closeCodes.callEnded.code);
		expect(intake.calls[0]?.told).toEqual(['lost', 'ended lost']);
		expect([open.end(customerSecret), open.count(), clock.alarms]).toEqual([undefined, 0, 0]);
	});

	test.each(['agent', 'customer'] as const)('is over for both when the %s hangs up', (who) => {
		const { agent, customer, intake, open, customerSecret, clock } = talking();
		({ agent, customer })[who].comes({ type: 'hang-up' });
		for (const end of [agent, customer]) {
			expect(states(end).at(-1)).toBe('ended');
			expect(end.closed?.code).toBe(closeCodes.callEnded.code);
		}
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
		expect([open.end(customerSecret), open.count(), clock.alarms]).toEqual([undefined, 0, 0]);
	});

	test('can be hung up while the other end is lost', () => {
		const { agent, customer, intake } = talking();
		customer.gone();
		agent.comes({ type: 'hang-up' });
		expect(intake.calls[0]?.told).toEqual(['lost', 'ended hung-up']);
	});

	test('gives an end to whoever came last: the one before is told and heard no more, the call goes on', () => {
		const { agent, customer, intake, join, clock } = talking();
		clock.advance(1000);
		customer.comes(sound('customer', 900, 1));
		const newer = join('customer');
		expect(customer.closed).toEqual({ code: closeCodes.replaced.code, reason: closeCodes.replaced.text });
		expect(states(newer)).toEqual(['talking']);
		customer.comes(sound('customer', 920, 2));
		customer.comes({ type: 'hang-up' });
		customer.gone();
		newer.comes(sound('customer', 0, 3));
		expect(heard(agent).map(({ parts, mediaMs }) => [parts.customer?.[0], mediaMs])).toEqual([
			[1, 1000],
			[3, 1000],
		]);
		expect(intake.calls).toHaveLength(1);
		expect(intake.calls[0]?.told).toEqual([]);
	});

	test('answers a ping with the time of the server', () => {
		const { agent, clock } = talking();
		agent.comes({ type: 'ping', at: 12.5 });
		expect(JSON.parse(agent.sent.at(-1) as string)).toEqual({ type: 'pong', at: 12.5, serverMs: clock.now() });
	});

	test('hangs up on an end that says nothing: after 10 seconds while talking, else after 90', () => {
		const { agent, customer, clock, intake } = talking();
		for (let second = 0; second < 10; second++) {
			agent.comes(sound('agent', second * 1000));
			clock.advance(1000);
		}
		expect(customer.closed?.code).toBe(closeCodes.silent.code);
		expect(agent.closed).toBeUndefined();
		expect(intake.calls[0]?.told).toEqual(['lost']);
		const alone = opened();
		const waiting = alone.join('agent');
		alone.clock.advance(89_000);
		expect(waiting.closed).toBeUndefined();
		alone.clock.advance(1000);
		expect(waiting.closed?.code).toBe(closeCodes.silent.code);
	});

	test('refuses more sound than can be spoken, and lets what a network held back through', () => {
		const { agent, customer, clock } = talking();
		for (let ms = 0; ms < 5000; ms += 20) customer.comes(sound('customer', ms));
		expect(customer.closed).toBeUndefined();
		clock.advance(5000);
		for (let second = 0; second < 60 && !customer.closed; second++) {
			for (let message = 0; message < 50; message++)
				customer.comes(sound('customer', second * 3000 + message * 60, 1, 3));
			agent.comes({ type: 'ping', at: 0 });
			clock.advance(1000);
		}
		expect(customer.closed?.code).toBe(closeCodes.tooMany.code);
	});

	test('takes fifty messages a second for as long as anyone talks', () => {
		const { agent, customer, clock } = talking();
		for (let ms = 0; ms < 60_000; ms += 20) {
			customer.comes(sound('customer', ms));
			agent.comes(sound('agent', ms));
			if (ms % 1000 === 0) customer.comes({ type: 'ping', at: ms });
			clock.advance(20);
		}
		expect([customer.closed, agent.closed]).toEqual([undefined, undefined]);
		expect(heard(agent)).toHaveLength(3000);
	});

	test('lets a slow end lose its own oldest sound, and nobody else’s', () => {
		const { agent, customer, clock } = talking();
		customer.stuck = true;
		for (let ms = 0; ms < 4000; ms += 20) {
			agent.comes(sound('agent', ms));
			customer.comes(sound('customer', ms));
			clock.advance(20);
		}
		expect(heard(customer)).toHaveLength(2);
		expect(heard(agent)).toHaveLength(200);
		customer.stuck = false;
		const places = heard(customer).map(({ mediaMs }) => mediaMs);
		expect(places).toHaveLength(52);
		expect([places[1], places[2], places[51]]).toEqual([20, 3000, 3980]);
	});

	test('hangs up on an end that asks and does not read the answers', () => {
		const { customer } = talking();
		customer.bufferedAmount = 70_000;
		customer.comes({ type: 'ping', at: 1 });
		expect(customer.closed?.code).toBe(closeCodes.tooSlow.code);
	});

	test('that is refused for now may be tried again; for good it is over', () => {
		const busy = opened();
		busy.intake.refuse('call.full');
		const agent = busy.join('agent');
		const customer = busy.join('customer');
		expect([agent.closed?.code, customer.closed?.code]).toEqual([closeCodes.full.code, closeCodes.full.code]);
		expect(busy.open.count()).toBe(1);
		const gone = opened();
		gone.intake.refuse('call.unknown-agent');
		gone.join('agent');
		expect(gone.join('customer').closed?.code).toBe(closeCodes.unknownAgent.code);
		expect(gone.open.count()).toBe(0);
	});

	test('that Ycord has given up meanwhile is over when its end comes back', () => {
		const { customer, agent, intake, join } = talking();
		customer.gone();
		intake.refuse('call.exists');
		expect(join('customer').closed?.code).toBe(closeCodes.callEnded.code);
		expect(agent.closed?.code).toBe(closeCodes.callEnded.code);
	});

	test('takes any messages from both ends without an error getting out, and nothing forged gets through [S2]', () => {
		const seed = seedFor('any browser line');
		const message = fc.oneof(
			fc.constantFrom<(object | Uint8Array)[]>(
				{ type: 'hold' },
				{ type: 'resume' },
				{ type: 'withdraw' },
				{ type: 'ping', at: 1 },
				sound('customer', 0),
				sound('agent', 0),
			),
			fc.uint8Array({ maxLength: 200 }),
			fc.tuple(fc.nat(15), fc.nat(255)).map(([at, byte]) => {
				const forged = sound('customer', 0, 9);
				forged[at] = byte;
				return forged;
			}),
			fc.json(),
		);
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.boolean(), message), { maxLength: 30 }), (messages) => {
				const { agent, customer, intake } = talking();
				for (const [fromAgent, one] of messages) (fromAgent ? agent : customer).comes(one);
				for (const one of heard(customer)) expect(Object.keys(one.parts)).toEqual(['agent']);
				for (const one of heard(agent)) expect(Object.keys(one.parts)).toEqual(['customer']);
				expect(intake.calls).toHaveLength(1);
			}),
			{ seed, numRuns: 300 },
		);
	});
});

describe('the lines', () => {
	test('show what a link is for, and whether its end is taken', () => {
		const { open, join, agentSecret, customerSecret } = opened();
		const shown = { label: 'A call', agentName: 'Ann Agent' };
		expect(open.end(agentSecret)).toEqual({ end: 'agent', taken: false, ...shown });
		join('customer');
		expect(open.end(customerSecret)).toEqual({ end: 'customer', taken: true, ...shown });
		expect(open.end('x'.repeat(43))).toBeUndefined();
	});

	test('hang up by name on a link that leads nowhere', () => {
		const { open } = house();
		const socket = fakeSocket();
		open.connect('x'.repeat(43), socket.asWebSocket);
		expect(socket.closed?.code).toBe(closeCodes.unknown.code);
	});

	test('forget a line that nobody has talked on after two hours', () => {
		const { open, clock, join, agentSecret } = opened();
		clock.advance(2 * 3_600_000 - 1);
		const agent = join('agent');
		expect(open.end(agentSecret)).toBeDefined();
		clock.advance(1);
		expect(agent.closed?.code).toBe(closeCodes.unknown.code);
		expect([open.end(agentSecret), open.count(), clock.alarms]).toEqual([undefined, 0, 0]);
	});

	test(`are at most ${maxOpenLines}, and half of them one agent’s: whoever asks for one more is refused [B1]`, () => {
		const { open, clock } = house();
		const [ann, abe, amy] = ['ann', 'abe', 'amy'].map((agentId) => ({ agentId, agentName: agentId, label: 'x' })) as [
			Parameters<typeof open.open>[0],
			Parameters<typeof open.open>[0],
			Parameters<typeof open.open>[0],
		];
		const full = expect.objectContaining({ code: 'call.full' });
		for (let count = 0; count < maxLinesOfOneAgent; count++) open.open(ann);
		expect(() => open.open(ann)).toThrow(full);
		for (let count = maxLinesOfOneAgent; count < maxOpenLines; count++) open.open(abe);
		expect(() => open.open(amy)).toThrow(full);
		clock.advance(2 * 3_600_000);
		expect(() => open.open(ann)).not.toThrow();
	});

	test('that close let go of every end, which may come back, and open no more', async () => {
		const { open, agent, customer, intake, clock, join } = talking();
		await open.close();
		for (const end of [agent, customer]) expect(end.closed?.code).toBe(closeCodes.draining.code);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		expect(join('agent').closed?.code).toBe(closeCodes.draining.code);
		expect(() => open.open({ agentId: 'ann', agentName: 'Ann', label: 'x' })).toThrow();
		expect(clock.alarms).toBe(0);
	});
});
