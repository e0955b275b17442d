import { describe, expect, test } from 'vitest';
import { shown, sittingIn } from '#tests/support/sitting-in.ts';
import { play } from '#tests/support/test-call.ts';

const must = async (answer: Promise<{ type: string }>) => expect(await answer).toMatchObject({ type: 'done' });

describe('protection', () => {
	test('[P1] what was said while protected does not leave when the protection ends: a frame that waited for the other leg', async () => {
		const { app, call, callId, agent, listener } = await sittingIn();
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		await must(agent.ask(callId, { type: 'protect-call' }));
		call.sound('customer', new Uint8Array(160).fill(77), 3 * 160);
		call.sound('customer', new Uint8Array(160).fill(77), 4 * 160);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 5, 5);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 8);
		expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
		expect(app.hub.calls).toBe(1);
	});
	test('[P1] a platform’s own pause protects from that moment on, and its end lifts it', async () => {
		const { app, call, callId, listener } = await sittingIn();
		const isShown = (isProtected: boolean) =>
			shown(app, () => app.sessions.get(callId)?.call.protected === isProtected);
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		call.paused();
		call.sound('customer', new Uint8Array(160).fill(77), 3 * 160);
		call.sound('agent', new Uint8Array(160).fill(77), 3 * 160);
		await isShown(true);
		call.sound('customer', new Uint8Array(160).fill(77), 4 * 160);
		call.sound('agent', new Uint8Array(160).fill(77), 4 * 160);
		call.unpaused();
		await isShown(false);
		play(call, 5, 5);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 8);
		expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
	});
	test('[P1] what was said while protected does not leave when it arrives late, after the protection has ended', async () => {
		const { clock, call, callId, agent, listener } = await sittingIn();
		for (let frame = 0; frame < 10; frame++) {
			play(call, frame, 1);
			clock.advance(20);
		}
		await must(agent.ask(callId, { type: 'protect-call' }));
		// Two seconds in which the customer speaks, and the network keeps it to itself.
		clock.advance(2000);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		for (let frame = 10; frame < 110; frame++)
			for (const leg of ['customer', 'agent'] as const) call.sound(leg, new Uint8Array(160).fill(77), frame * 160);
		for (let frame = 110; frame < 120; frame++) {
			play(call, frame, 1);
			clock.advance(20);
		}
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 1 + (118 % 100));
		expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
	});
	test('[A3] a protected stretch is a pause of the call, not sound this listener lost', async () => {
		const { call, callId, agent, listener } = await sittingIn();
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		await must(agent.ask(callId, { type: 'protect-call' }));
		play(call, 3, 10);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 13, 10);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 20);
		const numbers = listener.heard.all.map(({ sequence }) => sequence);
		expect(numbers).toEqual(numbers.map((_, place) => (numbers[0] ?? 0) + place));
	});
	test('[P1] begins with the press of the key: what is said while it is being put on record does not leave', async () => {
		const { journal, call, callId, agent, listener } = await sittingIn();
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
		const release = journal.hold();
		const pressed = agent.ask(callId, { type: 'protect-call' });
		// The answer to a ping comes after the press was taken in.
		agent.say({ type: 'ping', at: 1 });
		await agent.told.when((one) => one.type === 'pong');
		play(call, 3, 20);
		release();
		await must(pressed);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 30, 5);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 34);
		expect(listener.heard.all.map(({ parts }) => parts.customer?.[0])).toEqual([1, 2, 3, 31, 32, 33, 34, 35]);
	});
	test('[P1] [P2] that cannot be put on record leaves the call silent, and says so, until it is on record and ended', async () => {
		const { journal, call, callId, agent, listener } = await sittingIn();
		journal.refuse('call-protected');
		expect(await agent.ask(callId, { type: 'protect-call' })).toMatchObject({
			type: 'refused',
			refusal: { code: 'call.silent-unrecorded', retry: true },
		});
		play(call, 0, 10);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 10, 10);
		journal.refuse();
		await must(agent.ask(callId, { type: 'protect-call' }));
		play(call, 20, 10);
		await must(agent.ask(callId, { type: 'unprotect-call' }));
		play(call, 40, 5);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 44);
		expect(listener.heard.all[0]?.parts.customer?.[0]).toBe(41);
	});
	test('[P1] is not asked for by those who may not: a stranger’s press silences nothing', async () => {
		const { app, call, callId, listener } = await sittingIn();
		const stranger = await app.live('eve');
		expect(await stranger.ask(callId, { type: 'protect-call' })).toMatchObject({ type: 'refused' });
		play(call, 0, 3);
		await listener.heard.when(({ parts }) => parts.customer?.[0] === 2);
	});
});
