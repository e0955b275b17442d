import { expect, test } from 'vitest';
import { serverClock } from '#client/live/server-clock.ts';
import { handClock } from '#tests/support/clock.ts';
import { randomNumbers } from '#tests/support/seed.ts';

test('the server’s clock is known to half of the shortest round trip, whatever the network does (seed 11)', () => {
	const clock = handClock(1_000_000);
	const servers = serverClock(clock);
	const draw = randomNumbers(11);
	const ahead = 3_600_123;
	const shortest: number[] = [];
	for (let n = 0; n < 200; n++) {
		const sentAtMs = clock.now();
		clock.advance(2 + draw(draw(4) === 0 ? 900 : 30));
		const serverMs = clock.now() + ahead;
		clock.advance(2 + draw(draw(4) === 0 ? 900 : 30));
		servers.answered(sentAtMs, serverMs);
		shortest.push(clock.now() - sentAtMs);
		const bound = Math.min(...shortest.slice(-8)) / 2;
		expect(Math.abs(servers.now() - clock.now() - ahead)).toBeLessThanOrEqual(bound);
		clock.advance(10_000);
	}
});

test('a first guess holds until a round trip knows better, and nonsense is not believed', () => {
	const clock = handClock(1000);
	const servers = serverClock(clock);
	expect(servers.now()).toBe(1000);
	servers.guess(5000);
	expect(servers.now()).toBe(5000);
	servers.answered(2000, 9999);
	servers.answered(Number.NaN, 9999);
	servers.answered(900, Number.NaN);
	expect(servers.now()).toBe(5000);
	servers.answered(900, 5050);
	expect(servers.now()).toBe(5100);
	servers.guess(1);
	expect(servers.now()).toBe(5100);
});

test('a clock that is set again, or another server, is followed', () => {
	const clock = handClock(0);
	const servers = serverClock(clock);
	servers.answered(0, 100);
	for (let n = 0; n < 8; n++) {
		clock.advance(10_000);
		servers.answered(clock.now() - 10, clock.now() + 7000);
	}
	expect(servers.now() - clock.now()).toBeCloseTo(7005, 0);
	servers.forget();
	servers.guess(clock.now() - 50);
	expect(servers.now() - clock.now()).toBe(-50);
});
