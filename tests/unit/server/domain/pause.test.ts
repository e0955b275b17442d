import { describe, expect, test } from 'vitest';
import { type Call, type CallEvent, decideCall, evolveCall, isProtected, noCall } from '#server/domain/call.ts';

const facts = {
	gateway: 'audiohook',
	rehearsal: false,
	label: 'Caller …123',
	agentId: 'ann',
	agentName: 'Ann',
	team: 'Orders',
	disclosure: 'notice' as const,
};
const gateway = 'gateway:audiohook';
const payments = 'service:payments';
type Asked =
	| 'protect-call'
	| 'unprotect-call'
	| 'pause-call'
	| 'unpause-call'
	| 'protect-for-service'
	| 'unprotect-for-service';

/** A call of which these were asked, each by whom, with everything that was recorded of it. */
function callAfter(...asked: [Asked, string][]): { call: Call; events: CallEvent['type'][] } {
	let call = evolveCall(noCall, { type: 'call-started', facts }, gateway);
	const events: CallEvent['type'][] = [];
	for (const [type, by] of asked)
		for (const event of decideCall(call, { type, by })) {
			call = evolveCall(call, event, by);
			events.push(event.type);
		}
	return { call, events };
}

describe('[P1] a platform that stops the sound on purpose', () => {
	test('protects the call until it brings the sound again', () => {
		expect(isProtected(callAfter(['pause-call', gateway]).call)).toBe(true);
		expect(callAfter(['pause-call', gateway], ['unpause-call', gateway])).toMatchObject({
			call: { protectedBy: undefined },
			events: ['call-protected', 'call-unprotected'],
		});
	});
	test('said twice is one protection', () => {
		expect(callAfter(['pause-call', gateway], ['pause-call', gateway]).events).toEqual(['call-protected']);
		expect(callAfter(['unpause-call', gateway]).events).toEqual([]);
	});
	test('[P2] lifts no protection that a person asked for, before or during the pause', () => {
		const before = callAfter(['protect-call', 'ann'], ['pause-call', gateway], ['unpause-call', gateway]);
		const during = callAfter(['pause-call', gateway], ['protect-call', 'ann'], ['unpause-call', gateway]);
		for (const { call } of [before, during]) expect(call).toMatchObject({ protectedBy: 'ann' });
	});
	test('may be overruled by the agent, who hears what is said', () => {
		const { call } = callAfter(['pause-call', gateway], ['unprotect-call', 'ann'], ['unpause-call', gateway]);
		expect(isProtected(call)).toBe(false);
	});
});

describe('[P1] a service that asks for protection', () => {
	test('has it until it ends it', () => {
		expect(callAfter(['protect-for-service', payments]).call).toMatchObject({ protectedBy: payments });
		expect(
			callAfter(
				['protect-for-service', payments],
				['protect-for-service', payments],
				['unprotect-for-service', payments],
			).events,
		).toEqual(['call-protected', 'call-unprotected']);
		expect(callAfter(['unprotect-for-service', payments]).events).toEqual([]);
	});

	const others: [Asked, string][] = [
		['protect-call', 'ann'],
		['pause-call', gateway],
		['protect-for-service', 'service:crm'],
	];
	const ends: [Asked, string][] = [
		['unprotect-for-service', 'service:crm'],
		['unpause-call', gateway],
	];
	test.each(others)('[P2] ends nothing that was asked for by %s of %s, before or during its own', (type, by) => {
		if (type !== 'pause-call')
			expect(
				isProtected(callAfter(['protect-for-service', payments], [type, by], ['unprotect-for-service', payments]).call),
			).toBe(true);
		const before: [Asked, string][] = [
			[type, by],
			['protect-for-service', payments],
		];
		for (const end of ends) expect(isProtected(callAfter(...before, end).call)).toBe(true);
		expect(isProtected(callAfter(...before, ['unprotect-call', 'ann']).call)).toBe(false);
	});
	test('[P2] is ended by a person, whatever asked', () => {
		const { call } = callAfter(['protect-for-service', payments], ['unprotect-call', 'ann']);
		expect(isProtected(call)).toBe(false);
	});
});
