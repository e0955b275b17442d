import { expect, test } from 'vitest';
import { tries } from '#server/http/tries.ts';
import { handClock } from '#tests/support/clock.ts';
import { codeOf } from '#tests/support/given.ts';

function counting() {
	const clock = handClock();
	const { byPerson, byAddress } = tries(clock.now);
	const count = (one: (key: string) => void, key: string, times: number) =>
		Array.from({ length: times }, () => codeOf(() => one(key))).filter((code) => code === 'access.too-many-tries')
			.length;
	return {
		clock,
		person: (name: string, times: number) => count(byPerson, name, times),
		address: (name: string, times: number) => count(byAddress, name, times),
	};
}

test('one name is tried ten times, then once a minute; another name is not touched by that [I3]', () => {
	const { clock, person } = counting();
	expect([person('ann', 10), person('ann', 3), person('abe', 1)]).toEqual([0, 3, 0]);
	clock.advance(60_000);
	expect(person('ann', 2)).toBe(1);
});

test('one address tries sixty names, then one a second; an IPv6 network is one address [I3]', () => {
	const { clock, address } = counting();
	expect([address('192.0.2.1', 61), address('192.0.2.2', 1)]).toEqual([1, 0]);
	clock.advance(1000);
	expect(address('192.0.2.1', 2)).toBe(1);
	expect(address('2001:db8:1:2:3:4:5:6', 60)).toBe(0);
	expect([address('2001:db8:1:2::1', 1), address('2001:db8:1:3::1', 1), address('2001:db8::1', 1)]).toEqual([1, 0, 0]);
});

test('[B1] of ten thousand names and one the one that was tried longest ago is forgotten', () => {
	const { person } = counting();
	person('ann', 11);
	person('abe', 11);
	for (let n = 0; n < 9998; n++) person(`name-${n}`, 1);
	expect([person('abe', 1), person('one more', 1), person('ann', 1), person('abe', 1)]).toEqual([1, 0, 0, 1]);
});
