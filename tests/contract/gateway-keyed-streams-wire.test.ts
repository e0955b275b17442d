import { describe, expect, onTestFinished, test } from 'vitest';
import { type KeyedStreamsNeeds, keyedStreams } from '#server/telephony/media-streams/keyed-streams.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { type KeyedStreamPeerOptions, keyedStreamPeer } from '#tests/support/keyed-stream-peer.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';
import type { UpgradeRefused } from '#tests/support/twilio-peer.ts';

const key = 'key-before-change';

describe.each([
	['telnyx', telnyxDialect],
	['plivo', plivoDialect],
] as const)('the door for %s', (platform, dialect) => {
	async function door(needs: Partial<KeyedStreamsNeeds> = {}) {
		const intake = recordingIntake();
		const clock = handClock();
		const told: string[] = [];
		const report = {
			contact: () => told.push('contact'),
			refused: (why: string) => told.push(why),
			over: (why: string) => told.push(why),
		};
		const { address, app } = await gatewayDoor(async (opened) => {
			await opened.register(keyedStreams, {
				dialect,
				intake,
				clock,
				report,
				keys: [key, 'key-after-change'],
				...needs,
			});
		});
		onTestFinished(() => app.close());
		const peer = async (options: Partial<KeyedStreamPeerOptions> = {}) => {
			const one = await keyedStreamPeer({ platform, address, key, parameters: { agent: 'ann' }, ...options });
			onTestFinished(() => one.drop());
			return one;
		};
		return { intake, clock, app, told, peer };
	}
	const answer = (trying: Promise<unknown>) =>
		trying.then(
			() => ({ status: 101 }),
			(error: UpgradeRefused) => ({ status: error.status, code: JSON.parse(error.body).code }),
		);

	test('opens to either key, at the end of the address or as a bearer’s', async () => {
		const { peer, told } = await door();
		for (const one of [key, 'key-after-change'])
			for (const keyIn of ['address', 'header'] as const)
				expect(await answer(peer({ key: one, keyIn }))).toEqual({ status: 101 });
		expect(new Set(told)).toEqual(new Set(['contact']));
	});

	test('stays shut before the upgrade to no key and to a wrong one, and is no door without a key', async () => {
		const { peer, told, intake } = await door();
		expect(await answer(peer({ keyIn: 'nowhere' }))).toEqual({ status: 401, code: 'access.key-missing' });
		expect(await answer(peer({ key: 'key-of-a-stranger' }))).toEqual({ status: 403, code: 'access.key-wrong' });
		expect(told).toEqual(['access.key-missing', 'access.key-wrong']);
		expect(intake.calls).toEqual([]);
		const shut = await door({ keys: [] });
		expect(await answer(shut.peer())).toEqual({ status: 404, code: 'request.not-found' });
		expect(shut.told).toEqual([]);
	});

	test('brings sound to its place through loss, repetition and disorder, and says nothing [S3]', async () => {
		const { peer, intake } = await door();
		const one = await peer();
		one.begin();
		const seed = seedFor(`a disordered stream of ${platform}`);
		const inbound = tone(440, 2000);
		await one.play({ inbound, outbound: tone(880, 2000) }, { disorder: { seed, duplicate: 0.1, late: 0.2 } });
		await one.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, inbound)).toBe(0);
		expect(Buffer.compare(intake.calls[0]?.heard('agent') as Uint8Array, tone(880, 2000))).toBe(0);
		await one.play({ inbound }, { disorder: { seed, drop: 0.2 } });
		await one.settled();
		const lossy = intake.calls[0]?.heard('customer').subarray(inbound.length) as Uint8Array;
		expect(lossy.every((byte, at) => byte === inbound[at] || byte === 0xff)).toBe(true);
		expect(one.received).toEqual([]);
	});

	test('hangs up by name on a stream that says nothing: before its start, and after it', async () => {
		const { peer, clock, intake, told } = await door();
		const dumb = await peer();
		await dumb.settled();
		clock.advance(5000);
		expect((await dumb.closed).code).toBe(closeCodes.noStart.code);
		const dead = await peer();
		dead.begin();
		await dead.settled();
		clock.advance(30_000);
		expect((await dead.closed).code).toBe(closeCodes.silent.code);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		expect(told.filter((one) => one !== 'contact')).toEqual(['noStart', 'silent']);
	});

	test('names what to set for a stream that names no agent', async () => {
		const { peer } = await door();
		const one = await peer({ parameters: {} });
		one.begin();
		expect((await one.closed).code).toBe(closeCodes.unknownAgent.code);
		expect((await one.closed).reason).toContain(`YCORD_${platform.toUpperCase()}_AGENT`);
	});

	test('lets a call whose id does not fit in by its hash, the same each time', async () => {
		const { peer, intake } = await door();
		for (let times = 0; times < 2; times++) {
			const one = await peer({ callId: 'v3:a/b+c' });
			one.begin();
			await one.settled();
		}
		const [first, second] = intake.calls;
		expect(first?.callId).toMatch(new RegExp(`^${platform}-[0-9a-f]{40}$`));
		expect(second?.callId).toBe(first?.callId);
	});

	test('brings the legs the other way about where the stream hangs on the agent’s', async () => {
		const { peer, intake } = await door();
		const one = await peer({ parameters: { agent: 'ann', leg: 'agent' } });
		one.begin();
		await one.play({ inbound: tone(440, 40) });
		await one.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('agent') as Uint8Array, tone(440, 40))).toBe(0);
	});

	test('a codec that changes is refused by name, and the call’s sound lost', async () => {
		const { peer, intake } = await door();
		const changing = await peer();
		changing.begin();
		await changing.play({ inbound: tone(440, 20) });
		changing.begin();
		expect((await changing.closed).code).toBe(closeCodes.malformed.code);
		await intake.when(() => intake.calls[0]?.told.length === 1);
		expect(intake.calls[0]?.told).toEqual(['lost']);
	});
});

test('Telnyx’ A-law is brought as it is, with the numbers it tells of', async () => {
	const intake = recordingIntake();
	const { address, app } = await gatewayDoor(async (opened) => {
		await opened.register(keyedStreams, { dialect: telnyxDialect, intake, clock: handClock(), keys: [key] });
	});
	onTestFinished(() => app.close());
	const peer = await keyedStreamPeer({
		platform: 'telnyx',
		address,
		key,
		format: 'PCMA',
		parameters: { agent: 'ann', queue: 'orders', language: 'de-CH' },
	});
	peer.begin();
	const sound = Uint8Array.from({ length: 800 }, (_, at) => at & 0xff);
	await peer.play({ inbound: sound });
	await peer.settled();
	const [call] = intake.calls;
	expect(call?.incoming).toMatchObject({
		codec: 'pcma',
		legs: ['customer', 'agent'],
		about: { queue: 'orders', language: 'de-CH', from: '+13122010094', to: '+13122123456' },
		label: 'Caller …094',
	});
	expect(Buffer.concat(call?.pieces.map(({ data }) => data) ?? [])).toEqual(Buffer.from(sound));
	await peer.stop();
});
