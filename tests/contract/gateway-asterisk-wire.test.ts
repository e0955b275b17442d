import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { Control } from '#server/telephony/control.ts';
import { maxWaiting } from '#server/telephony/door-limit.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { encodeUlaw } from '#shared/g711.ts';
import { refusals } from '#shared/refusals.ts';
import { asteriskDoor, awaitedCall, basic, heardCall, key, secondKey, start } from '#tests/support/asterisk-door.ts';
import { rawUpgrade } from '#tests/support/raw-upgrade.ts';
import { rechunking } from '#tests/support/rechunking.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';

describe('the media door for Asterisk', () => {
	test('opens to either key, with the subprotocol that was asked for', async () => {
		const { legs, knock, noted } = await awaitedCall();
		const { customer, agent } = legs();
		const [one, other] = [
			await knock({ leg: customer }),
			await knock({ leg: agent, headers: basic(secondKey) }),
		] as const;
		expect([one.refused, other.refused, one.protocol]).toEqual([undefined, undefined, 'media']);
		expect(new Set(noted)).toEqual(new Set(['contact']));
	});

	test.each([
		['without a key', {}, 'access.key-missing'],
		['with another kind of key', { authorization: `Bearer ${key}` }, 'access.key-missing'],
		['with a wrong key', basic('wrong'), 'access.key-wrong'],
		['with an empty key', basic(''), 'access.key-wrong'],
	] as const)('is shut before the upgrade %s, by name; the leg still waits [G1]', async (_how, headers, code) => {
		const { legs, knock, noted } = await awaitedCall();
		const leg = legs().customer;
		const { refused } = await knock({ leg, headers: { ...headers } });
		expect(refused).toEqual({ status: refusals[code].status, code });
		expect(noted.at(-1)).toBe(code);
		const right = await knock({ leg });
		right.send(start());
		await right.settled();
		expect(right.said).toEqual([]);
	});

	test('is not there where sound comes another way', async () => {
		const { knock, noted } = await asteriskDoor({ media: 'incoming' });
		expect((await knock()).refused).toEqual({ status: 404, code: 'request.not-found' });
		expect(noted).toEqual(['contact']);
	});

	test.each([
		['names no leg', undefined],
		['names nobody’s leg', 'ab'.repeat(16)],
		['names two', `${'ab'.repeat(16)}&leg=${'cd'.repeat(16)}`],
	])('hangs up on who %s, by name, and counts it', async (_how, leg) => {
		const { knock, noted, intake } = await awaitedCall();
		const { code, reason } = await (await knock({ leg })).closed;
		expect([code, reason]).toEqual([closeCodes.unknown.code, expect.stringContaining('nobody waits for this leg')]);
		expect(noted.filter((one) => one !== 'contact')).toEqual(['unknown']);
		expect(intake.calls).toEqual([]);
	});

	test('takes a leg once: a second connection on it is hung up on, and the first goes on', async () => {
		const { knock, legs, customer, agent, call, intake } = await heardCall();
		const second = await knock({ leg: legs().customer });
		expect((await second.closed).code).toBe(closeCodes.unknown.code);
		for (const leg of [customer, agent]) leg.send(tone(440, 20));
		await intake.when(() => call.pieces.length === 2);
		expect(call.told).toEqual([]);
	});

	test('takes a leg only as long as it is waited for', async () => {
		const { knock, legs, clock, peer, noted } = await awaitedCall();
		const { customer } = legs();
		clock.advance(5000);
		expect((await (await knock({ leg: customer })).closed).code).toBe(closeCodes.unknown.code);
		// What was made for the call is taken away again.
		await peer.when(() => peer.channels.length === 2 && peer.bridges.length === 1);
		expect(noted).toContainEqual(expect.stringMatching(/^platform\./));
	});

	test('lets in so many that say nothing and no more, and a call beside them goes on [B1] [B2]', async () => {
		const { address, knock, legs, noted, customer, call, intake } = await heardCall();
		// Who holds the key but has nothing to say; and does not hear that we hang up.
		const deaf = () =>
			new Promise<Socket>((resolve) => {
				const socket = rawUpgrade(address, asteriskMediaPath, `Authorization: ${basic(key).authorization}\r\n`);
				socket.once('data', () => resolve(socket));
			});
		const silent = await Promise.all(Array.from({ length: maxWaiting }, deaf));
		const code = 'call.too-many-waiting';
		expect((await knock({ leg: legs().customer })).refused).toEqual({ status: 503, code });
		expect(noted.at(-1)).toBe(code);
		customer.send(tone(440, 20));
		await intake.when(() => call.pieces.length === 1);
		for (const socket of silent) socket.destroy();
		while ((await knock()).refused);
	});
});

describe('a media socket of Asterisk', () => {
	const before: [string, string | object | Uint8Array, string][] = [
		['sound before MEDIA_START', new Uint8Array(160), 'sound before MEDIA_START'],
		['another format', start('opus'), 'something else than ulaw'],
		['another format, plainly', 'MEDIA_START connection_id:ycord format:slin16', 'something else than ulaw'],
		['a MEDIA_START without its format', { event: 'MEDIA_START' }, 'without its format'],
		['a format that is none', { event: 'MEDIA_START', format: 7 }, 'without its format'],
		['half a JSON', '{"event":"MEDIA_ST', 'not JSON'],
		['JSON without an event', {}, 'without its event'],
	];
	test.each(before)(
		'that begins with %s is hung up on in words, and brings no call [G3]',
		async (_what, message, why) => {
			const { knock, legs, intake, noted, clock, peer } = await awaitedCall();
			const leg = await knock({ leg: legs().customer });
			leg.send(message);
			const { code, reason } = await leg.closed;
			expect([code, reason]).toEqual([closeCodes.malformed.code, expect.stringContaining(why)]);
			expect(noted).toContain('over malformed');
			// Nobody else comes for this leg: the call is given up, and nothing is left of it.
			clock.advance(5000);
			await peer.when(() => peer.channels.length === 2 && peer.bridges.length === 1);
			expect(intake.calls).toEqual([]);
		},
	);

	test('that never says MEDIA_START is hung up on after 5 s, whatever else it says', async () => {
		const { knock, legs, clock, intake } = await awaitedCall();
		const leg = await knock({ leg: legs().customer });
		for (const text of ['hello', 'STATUS channel_id:x queue_length:0', '{"event":"QUEUE_DRAINED"}', '']) leg.send(text);
		await leg.settled();
		clock.advance(5000);
		expect((await leg.closed).code).toBe(closeCodes.noStart.code);
		expect(intake.calls).toEqual([]);
	});

	const during: [string, string | object | Uint8Array, number][] = [
		['a second MEDIA_START', start(), closeCodes.malformed.code],
		['half a JSON', '{"event', closeCodes.malformed.code],
		['a list', '{"event":["x"]}', closeCodes.malformed.code],
		['a text over the limit', `MEDIA_XON ${'x'.repeat(65_536)}`, closeCodes.tooLarge.code],
		['sound over the limit', new Uint8Array(65_537), closeCodes.tooLarge.code],
		['a message too large to be read', new Uint8Array(140_000), 1009],
	];
	test.each(during)(
		'that says %s in the middle is hung up on by name, and its call comes back',
		async (_what, message, code) => {
			const { customer, call, intake, legs, knock, peer } = await heardCall();
			const first = legs();
			customer.send(message);
			expect((await customer.closed).code).toBe(code);
			await intake.when(() => call.told.length > 0);
			await peer.when(() => legs().customer !== first.customer && legs().agent !== first.agent);
			const { customer: c, agent: a } = legs();
			for (const leg of [await knock({ leg: c }), await knock({ leg: a })]) leg.send(start());
			await intake.when(() => intake.calls.length === 2);
			expect([call.told, intake.calls[1]?.callId]).toEqual([['lost'], call.callId]);
		},
	);

	test('may break away while the other leg is awaited: its call is lost and asked for again', async () => {
		const { knock, legs, intake, peer } = await awaitedCall();
		const first = legs();
		const customer = await knock({ leg: first.customer });
		customer.send(start());
		await customer.settled();
		customer.drop();
		await customer.closed;
		// That it is gone has been seen when another is let in after it.
		await (await knock({ leg: 'ab' })).closed;
		const agent = await knock({ leg: first.agent });
		agent.send(start());
		await intake.when(() => intake.calls[0]?.told.includes('lost') ?? false);
		await peer.when(() => legs().customer !== first.customer && legs().agent !== first.agent);
	});

	test('may send frames of any length, and nothing for as long as nobody speaks', async () => {
		const { customer, agent, call, intake, clock } = await heardCall();
		const sound = tone(440, 1000);
		for (const [from, until] of [
			[0, 160],
			[160, 183],
			[183, 184],
			[184, 184],
			[184, 8000],
		]) {
			customer.send(sound.slice(from, until));
			await customer.settled();
			clock.advance(2000);
		}
		agent.send(tone(880, 20));
		await intake.when(() => call.pieces.some(({ leg }) => leg === 'agent'));
		expect(Buffer.compare(call.heard('customer'), sound)).toBe(0);
		expect(Math.max(...call.pieces.map(({ data }) => data.length))).toBe(160);
		expect(call.told).toEqual([]);
	});

	test('may tell of keys, errors and what we know nothing of: nothing is kept, told or answered [S3]', async () => {
		const { customer, agent, call, intake } = await heardCall();
		for (const text of [
			'DTMF_END digit:5 channel_id:x',
			{ event: 'DTMF_END', channel_id: 'x', digit: '5' },
			{ event: 'ERROR', error_text: 'x' },
			'ERROR channel_id:x error_text:x',
			{ event: 'MEDIA_OF_THE_FUTURE' },
			'\n',
			'constructor x:1',
			{ event: '__proto__' },
		])
			customer.send(text);
		customer.send(tone(440, 20));
		await intake.when(() => call.pieces.length === 1);
		expect([customer.said, agent.said, call.told]).toEqual([[], [], []]);
	});

	test('on which we speak is not spoken to while Asterisk’s queue is full', async () => {
		const { peer, call, knock } = await heardCall();
		const control = call.incoming.control as Required<Control>;
		const taking = control.take({ agent: 'open', shownAs: 'a leader' }, () => {});
		const asked = () =>
			peer.requests.find(
				({ path, query }) => path === '/channels/externalMedia' && query.get('channelId')?.endsWith('-line'),
			);
		await peer.when(() => asked() !== undefined);
		const secret = /v\(leg=(\w+)\)/.exec(asked()?.query.get('transport_data') ?? '')?.[1];
		const line = await knock({ leg: secret });
		line.send(start());
		const voice = await taking;
		voice.say(tone(440, 20));
		line.send('MEDIA_XOFF channel_id:x');
		await line.settled();
		voice.say(tone(500, 20));
		line.send({ event: 'MEDIA_XON', channel_id: 'x' });
		await line.settled();
		voice.say(tone(600, 20));
		await line.settled();
		expect(line.said.map((frame) => Buffer.from(frame))).toEqual([
			Buffer.from(tone(440, 20)),
			Buffer.from(tone(600, 20)),
		]);
	});

	test.each(['ulaw', 'alaw', 'slin', 'slin16'] as const)(
		'gives the same samples of %s, however its bytes are cut, in messages and on the way [G1]',
		async (format) => {
			const seed = seedFor(`cuts of a media socket with ${format}`);
			const random = randomNumbers(seed);
			const way = await rechunking(seed);
			const { customer, agent, call, intake, address } = await heardCall({ format }, (real) => {
				way.to(Number(new URL(real).port));
				return way.address;
			});
			expect(address).not.toBe(way.address);
			const isLinear = format.startsWith('slin');
			const noise = () => Buffer.from(Array.from({ length: 12_000 }, () => random(256)));
			const wanted = (bytes: Buffer) =>
				isLinear
					? Uint8Array.from({ length: bytes.length / 2 }, (_, n) => encodeUlaw(bytes.readInt16LE(2 * n)))
					: bytes;
			const [ours, theirs] = [noise(), noise()] as const;
			for (const [leg, bytes] of [
				[customer, ours],
				[agent, theirs],
			] as const)
				for (let from = 0; from < bytes.length; ) {
					const until = from + random(random(3) === 0 ? 5 : 1500);
					leg.send(bytes.subarray(from, until));
					from = until;
				}
			const size = wanted(ours).length;
			await intake.when(() => call.heard('customer').length >= size && call.heard('agent').length >= size);
			expect(Buffer.compare(call.heard('customer'), wanted(ours))).toBe(0);
			expect(Buffer.compare(call.heard('agent'), wanted(theirs))).toBe(0);
			expect(way.pieces).toBeGreaterThan(50);
			expect(call.incoming.codec).toBe({ ulaw: 'pcmu', alaw: 'pcma', slin: 'pcmu', slin16: 'pcmu16' }[format]);
		},
	);
});
