import { describe, expect, onTestFinished, test } from 'vitest';
import { asteriskRestInterface } from '#server/telephony/asterisk/ari.ts';
import { asteriskDoor, awaitedCall, heardCall } from '#tests/support/asterisk-door.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { tone } from '#tests/support/tone.ts';

/** An Asterisk, and how often somebody looked around there after coming. */
const looks = ({ peer }: { peer: { requests: readonly { method: string; path: string }[] } }) =>
	peer.requests.filter(({ method, path }) => method === 'GET' && path === '/channels').length;

describe('Asterisk’s events', () => {
	test('are not there for a wrong password: that is told and tried again, later each time', async () => {
		const peer = await asteriskPeer({ password: 'another-one' });
		onTestFinished(() => peer.close());
		const clock = handClock();
		const told: string[] = [];
		let heard = () => {};
		const ari = asteriskRestInterface({
			url: peer.url,
			user: 'ycord',
			password: 'secret-of-ari',
			app: 'ycord',
			clock,
			event: () => told.push('event'),
			connected: () => told.push('connected'),
			lost(why) {
				told.push(why);
				heard();
			},
		});
		onTestFinished(() => ari.close());
		const nextLoss = () =>
			new Promise<void>((resolve) => {
				heard = resolve;
			});
		const first = nextLoss();
		await expect(ari.ask('GET', '/channels')).rejects.toMatchObject({ code: 'platform.denied' });
		await first;
		for (const pauseMs of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
			const next = nextLoss();
			clock.advance(pauseMs - 1);
			const before = clock.alarms;
			clock.advance(1);
			// The alarm has rung: one for the pings of a new socket is there instead.
			expect(clock.alarms).toBe(before);
			await next;
		}
		expect(told).toEqual(Array(8).fill('it answered 401'));
	});

	test('may be lost and come back: calls are heard on, and what happens then is noticed', async () => {
		const site = await heardCall();
		const { peer, clock, customer, call, intake, parties } = site;
		const before = looks(site);
		peer.breakEvents();
		customer.send(tone(440, 20));
		await intake.when(() => call.pieces.length === 1);
		while (looks(site) === before) {
			clock.advance(100);
			await new Promise((resolve) => setImmediate(resolve));
		}
		customer.send(tone(440, 20));
		await intake.when(() => call.pieces.length === 2);
		expect([call.told, intake.calls.length]).toEqual([[], 1]);
		peer.hangUp(parties.customer);
		await intake.when(() => call.told.includes('ended hung-up'));
	});

	test('that came while nobody heard are made up for: a call that was hung up then is over', async () => {
		const { peer, clock, call, intake, parties } = await heardCall();
		peer.breakEvents();
		peer.hangUp(parties.customer);
		while (call.told.length === 0) {
			clock.advance(100);
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect([call.told, intake.calls.length]).toEqual([['ended hung-up'], 1]);
	});

	test('a connection that answers no ping is given up and opened again', async () => {
		const site = await asteriskDoor();
		const before = looks(site);
		// Nothing can be answered in between: time goes on in one step.
		site.clock.advance(20_000);
		while (looks(site) === before) {
			site.clock.advance(100);
			await new Promise((resolve) => setImmediate(resolve));
		}
	});

	test.each([
		['no JSON', '{"type":'],
		['nothing', ''],
		['a list', '[]'],
		['no type', {}],
		['another type', { type: 7 }],
		['a channel that is none', { type: 'ChannelDestroyed', channel: 'customer-1' }],
		['a channel without an id', { type: 'ChannelDestroyed', channel: { id: 7 } }],
		['nobody’s channel', { type: 'ChannelDestroyed', channel: { id: 'who' } }],
		['something of the future', { type: 'ChannelTransmogrified', channel: { id: 'who' } }],
	])('that are %s change nothing', async (_what, event) => {
		const site = await heardCall();
		const { peer, customer, call, intake, parties } = site;
		const before = looks(site);
		peer.tell(event);
		customer.send(tone(440, 20));
		peer.tell({ type: 'ChannelHold', channel: { id: parties.customer } });
		await intake.when(() => call.told.includes('held') && call.pieces.length === 1);
		expect([call.told, intake.calls.length, looks(site)]).toEqual([['held'], 1, before]);
	});

	test('that are too large to be read cost the connection, not the call', async () => {
		const site = await heardCall();
		const { peer, clock, call, intake, parties } = site;
		const before = looks(site);
		peer.tell({ type: 'x', more: 'x'.repeat(300_000) });
		while (looks(site) === before) {
			clock.advance(100);
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect(call.told).toEqual([]);
		peer.tell({ type: 'ChannelHold', channel: { id: parties.customer } });
		await intake.when(() => call.told.includes('held'));
	});
});

describe('the dialplan’s word that a call is to be listened to', () => {
	test.each([
		['names nobody', {}, 'unknownAgent'],
		['names an agent of 201 characters', { agent: 'x'.repeat(201) }, 'malformed'],
		['has another disclosure', { agent: 'ann', disclosure: 'none' }, 'malformed'],
		['has a label without an end', { agent: 'ann', label: 'x'.repeat(201) }, 'malformed'],
		['names a bridge without an end', { agent: 'ann', bridge: 'x'.repeat(101) }, 'malformed'],
	])('that %s is refused by name, and nothing is made there', async (_how, fields, why) => {
		const { peer, noted, intake } = await asteriskDoor();
		peer.party('customer', 'call');
		peer.userEvent('customer', fields as Record<string, string>);
		// The next one is taken: what came before it has been read.
		peer.party('other', 'call');
		peer.userEvent('other', { agent: 'ann' });
		await peer.when(() => peer.requests.some(({ path }) => path.includes('/snoop/')));
		expect(noted.filter((one) => one !== 'contact')).toEqual([why]);
		expect(peer.requests.filter(({ path }) => path.includes('/channels/customer'))).toEqual([]);
		expect(intake.calls).toEqual([]);
	});

	test('said twice brings the call once', async () => {
		const { peer, noted, parties } = await awaitedCall();
		peer.userEvent(parties.customer, { agent: 'abe' });
		peer.userEvent('nobody-there', { agent: 'ann' });
		await peer.when(() => peer.requests.some(({ path }) => path.startsWith('/channels/nobody-there/snoop')));
		expect(noted).toContain('call.exists');
		expect(peer.requests.filter(({ path }) => path.startsWith(`/channels/${parties.customer}/snoop`))).toHaveLength(1);
	});

	test('of a channel that is gone already is refused, and nothing of ours is left there', async () => {
		const { peer, noted } = await asteriskDoor();
		peer.userEvent('gone', { agent: 'ann' });
		await peer.when(() => noted.includes('platform.call-over'));
		await peer.when(() => peer.bridges.length === 0 && peer.channels.length === 0);
	});
});
