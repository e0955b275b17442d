import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { livePeer } from '#tests/support/live-peer.ts';
import { sittingIn, teamNote } from '#tests/support/sitting-in.ts';

describe('[B1] what one client can pile up', () => {
	test('asks on one session that the journal has no time for are refused by name', async () => {
		const { app, journal, callId } = await sittingIn();
		const go = journal.hold();
		const peers = await Promise.all(Array.from({ length: 30 }, () => app.live('sue')));
		const answers = peers.flatMap((peer) => Array.from({ length: 50 }, () => peer.ask(callId, teamNote('flood'))));
		const first = await Promise.race([...answers, app.live('ann').then(() => undefined)]);
		go();
		const codes = (await Promise.all(answers)).map((one) => (one.type === 'refused' ? one.refusal.code : one.type));
		expect(first === undefined || first.type === 'refused').toBe(true);
		expect(codes).toContain('request.too-many');
	});
	test('one person’s live connections have a limit, and others come in all the same [B2]', async () => {
		const app = await openHouse();
		const seat = app.seat('sue');
		const peers = await Promise.all(Array.from({ length: 70 }, () => livePeer(seat)));
		const turnedAway = await Promise.all(peers.slice(64).map(({ closed }) => closed));
		expect(turnedAway.map(({ code }) => code)).toEqual(Array(6).fill(closeCodes.full.code));
		expect((await (await app.live('sid')).hello()).type).toBe('welcome');
	});
	test('a link that signs in again and again is refused by name: each time waits for the disk', async () => {
		const clock = handClock();
		const app = await openHouse({}, { clock });
		const secret = app.access.mintLink('ann', { nowMs: clock.now(), expiresAtMs: clock.now() + 3_600_000 });
		const signIn = async () => {
			const headers = { 'content-type': 'application/json' };
			const body = JSON.stringify({ secret });
			return (await fetch(`${app.address()}/api/sign-in`, { method: 'POST', headers, body })).status;
		};
		const first = await Promise.all(Array.from({ length: 40 }, signIn));
		expect([first.filter((status) => status === 200).length, first.at(-1)]).toEqual([30, 429]);
		clock.advance(1000);
		expect(await signIn()).toBe(200);
	});
});
