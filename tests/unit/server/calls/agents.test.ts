import { expect, test } from 'vitest';
import { callAgents } from '#server/calls/agents.ts';
import { handClock } from '#tests/support/clock.ts';
import { testPeople } from '#tests/support/house.ts';

function world(mapped: Record<string, string> = {}) {
	const clock = handClock();
	const agents = callAgents({
		mapped: (gateway, name) => mapped[`${gateway} ${name}`],
		findPerson: (id) => testPeople.find((one) => one.id === id),
		now: clock.now,
	});
	return { clock, agents, mapped };
}

test('the mapping comes first, then the id itself; who is no agent is nobody', () => {
	const { agents } = world({ 'twilio ann': 'abe', 'twilio 1': 'sue', 'twilio 2': 'gone' });
	expect(agents.find('twilio', 'ann')?.id).toBe('abe');
	expect(agents.find('line', 'ann')?.id).toBe('ann');
	for (const name of ['1', '2', 'sue', 'nobody', '']) expect(agents.find('twilio', name)).toBeUndefined();
});

test('whom calls came for in vain is remembered for a day, the latest first, until somebody is mapped', () => {
	const { agents, clock, mapped } = world();
	agents.find('twilio', 'a');
	agents.find('genesys', 'a');
	clock.advance(1000);
	agents.find('twilio', 'a');
	expect(agents.unknown()).toMatchObject([
		{ gateway: 'twilio', name: 'a', calls: 2, lastAtMs: clock.now() },
		{ gateway: 'genesys', name: 'a', calls: 1 },
	]);
	mapped['twilio a'] = 'ann';
	expect(agents.unknown().map(({ gateway }) => gateway)).toEqual(['genesys']);
	clock.advance(24 * 60 * 60_000);
	expect(agents.unknown()).toEqual([]);
});

test('[B1] a flood of names pushes out the oldest, and no more', () => {
	const { agents } = world();
	for (let n = 0; n < 1000; n++) agents.find('twilio', `name-${n}`);
	agents.find('twilio', 'name-950');
	expect(agents.unknown().length).toBe(100);
	expect(agents.unknown()[0]).toMatchObject({ name: 'name-950', calls: 2 });
});
