import { describe, expect, onTestFinished, test } from 'vitest';
import type { L16DoorNeeds } from '#server/telephony/l16/door.ts';
import { vonage } from '#server/telephony/vonage/vonage.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { tone } from '#tests/support/tone.ts';
import type { UpgradeRefused } from '#tests/support/twilio-peer.ts';
import { type VonagePeerOptions, vonagePeer } from '#tests/support/vonage-peer.ts';

const key = 'primary';

async function door(needs: Partial<L16DoorNeeds> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const refused: string[] = [];
	const { address, app } = await gatewayDoor(async (opened) => {
		await opened.register(vonage, {
			intake,
			clock,
			keys: [key, 'secondary$'],
			mayBeAudible: true,
			report: { contact: () => refused.push('contact'), refused: (why) => refused.push(why), over() {} },
			...needs,
		});
	});
	onTestFinished(() => app.close());
	const peer = async (options: Partial<VonagePeerOptions> = {}) => {
		const one = await vonagePeer({ address, key, headers: { agent: 'ann' }, ...options });
		onTestFinished(() => one.drop());
		return one;
	};
	return { intake, clock, address, peer, refused };
}

const answer = (trying: Promise<unknown>) =>
	trying.then(
		() => ({ status: 101, code: undefined, message: undefined }),
		(error: UpgradeRefused) => ({ status: error.status, ...JSON.parse(error.body) }),
	);

describe('the door for Vonage', () => {
	test('opens to either key', async () => {
		const { peer, refused } = await door();
		await peer();
		await peer({ key: 'secondary$' });
		expect(refused).toEqual(['contact', 'contact']);
	});

	test.each([
		['without a key', {}, 401, 'access.key-missing'],
		['with another kind of key', { authorization: 'Basic eWNvcmQ6cHJpbWFyeQ==' }, 401, 'access.key-missing'],
		['with a wrong key', { authorization: 'Bearer wrong' }, 403, 'access.key-wrong'],
		['with a key and more', { authorization: 'Bearer primary x' }, 401, 'access.key-missing'],
		['with an empty key', { authorization: 'Bearer ' }, 401, 'access.key-missing'],
	])('is shut before the upgrade %s, by name', async (_how, upgradeHeaders, status, code) => {
		const { peer, intake, refused } = await door();
		expect(await answer(peer({ upgradeHeaders: upgradeHeaders as Record<string, string> }))).toMatchObject({
			status,
			code,
		});
		expect([intake.calls, refused]).toEqual([[], [code]]);
	});

	test('is shut where nobody has allowed Ycord to be a participant, and says what to set; to who has no key, nothing of that [S3]', async () => {
		const { peer, refused } = await door({ mayBeAudible: false });
		expect(await answer(peer())).toMatchObject({
			status: 403,
			code: 'gateway.audible',
			message: expect.stringContaining('YCORD_ALLOW_AUDIBLE'),
		});
		expect(await answer(peer({ key: 'wrong' }))).toMatchObject({ code: 'access.key-wrong' });
		expect(refused).toEqual(['gateway.audible', 'access.key-wrong']);
	});

	test('is not there where no key is set', async () => {
		const { peer, refused } = await door({ keys: [] });
		expect(await answer(peer())).toMatchObject({ status: 404, code: 'request.not-found' });
		expect(refused).toEqual([]);
	});
});

describe('a Vonage call', () => {
	test('is a participant’s: it says that it is not silent and that everybody is in one sound; what it says of itself is shortened [S3]', async () => {
		const { peer, intake } = await door();
		const one = await peer({
			headers: {
				agent: 'ann',
				queue: 'Orders',
				from: '+4930123456789',
				language: 'de-DE',
				labels: { campaign: 'spring' },
			},
		});
		one.begin();
		await intake.when(() => intake.calls.length > 0);
		expect(intake.calls[0]?.incoming).toMatchObject({
			gateway: 'vonage',
			platformId: one.uuid,
			legs: ['customer'],
			hears: 'mix',
			audible: true,
			codec: 'pcmu16',
			label: 'Caller …789',
			about: { queue: 'Orders', language: 'de-DE', labels: { campaign: 'spring' } },
		});
	});

	test('may tell of pressed keys and of its own buffers: nothing of it is kept or answered, and nothing is ever sent [S3]', async () => {
		const { peer, intake } = await door();
		const one = await peer({ rate: 8000 });
		one.begin();
		one.press('5');
		one.send({ event: 'websocket:cleared' });
		one.send({ event: 'websocket:notify', payload: { a: 1 } });
		one.send('not even JSON');
		await one.play(tone(440, 100));
		await one.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, tone(440, 100))).toBe(0);
		expect([one.received, intake.calls[0]?.told]).toEqual([[], []]);
	});

	test.each([
		['sound before its first message', new Uint8Array(640), 'sound before the first message'],
		['a first message that is no JSON', 'hello', 'not JSON'],
		['another event first', { event: 'websocket:dtmf', digit: '5' }, 'event websocket:connected first'],
		[
			'sound at 24 kHz',
			{ event: 'websocket:connected', 'content-type': 'audio/l16;rate=24000', uuid: 'a' },
			'rate=16000',
		],
		['no id', { event: 'websocket:connected', 'content-type': 'audio/l16;rate=8000' }, 'uuid'],
		[
			'labels that are no texts',
			{ event: 'websocket:connected', 'content-type': 'audio/l16;rate=8000', uuid: 'a', labels: 'x' },
			'labels as an object',
		],
	])('with %s is refused in words', async (_what, message, why) => {
		const { peer, intake } = await door();
		const wrong = await peer();
		wrong.send(message);
		const { code, reason } = await wrong.closed;
		expect(code).toBe(closeCodes.malformed.code);
		expect(reason).toContain(why);
		expect(intake.calls).toEqual([]);
	});

	test('that names no agent goes to the one who is set, or is refused by name', async () => {
		const { peer, intake } = await door({ defaultAgentId: 'abe' });
		const one = await peer({ headers: {} });
		one.begin();
		await intake.when(() => intake.calls[0]?.incoming.agentId === 'abe');
		const nobody = await (await door()).peer({ headers: {} });
		nobody.begin();
		expect((await nobody.closed).code).toBe(closeCodes.unknownAgent.code);
	});

	test('that says nothing is hung up on by name, before and after its first message', async () => {
		const { peer, clock, intake } = await door();
		const dumb = await peer();
		await dumb.settled();
		clock.advance(5000);
		expect((await dumb.closed).code).toBe(closeCodes.noStart.code);
		const silent = await peer();
		silent.begin();
		await silent.settled();
		clock.advance(31_000);
		expect((await silent.closed).code).toBe(closeCodes.silent.code);
		expect(intake.calls.map(({ told }) => told)).toEqual([['lost']]);
	});
});
