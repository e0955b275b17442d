import { describe, expect, onTestFinished, test } from 'vitest';
import { audioFork } from '#server/telephony/audio-fork/audio-fork.ts';
import type { L16DoorNeeds } from '#server/telephony/l16/door.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { type AudioForkPeerOptions, audioForkPeer } from '#tests/support/audio-fork-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { tone } from '#tests/support/tone.ts';
import type { UpgradeRefused } from '#tests/support/twilio-peer.ts';

const key = 'primary';

async function door(needs: Partial<L16DoorNeeds> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const { address, app } = await gatewayDoor(async (opened) => {
		await opened.register(audioFork, { intake, clock, keys: [key, 'secondary'], ...needs });
	});
	onTestFinished(() => app.close());
	const peer = async (options: Partial<AudioForkPeerOptions> = {}) => {
		const one = await audioForkPeer({ address, key, metadata: { agent: 'ann' }, ...options });
		onTestFinished(() => one.drop());
		return one;
	};
	return { intake, clock, address, peer };
}

const answer = (trying: Promise<unknown>) =>
	trying.then(
		() => ({ status: 101, code: undefined }),
		(error: UpgradeRefused) => ({ status: error.status, code: JSON.parse(error.body).code }),
	);
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('the door for audio forks', () => {
	test('opens to either key, whoever shows it, with the subprotocol that was asked for', async () => {
		const { peer } = await door();
		expect((await peer()).socket.protocol).toBe('audio.jambonz.org');
		expect((await peer({ key: 'secondary', protocol: 'audio.drachtio.org' })).socket.protocol).toBe(
			'audio.drachtio.org',
		);
		await peer({ headers: basic(':primary') });
	});

	test.each([
		['without a key', {}, 401, 'access.key-missing'],
		['with another kind of key', { authorization: 'Bearer primary' }, 401, 'access.key-missing'],
		['with a wrong key', basic('ycord:wrong'), 403, 'access.key-wrong'],
		['with a key and more', basic('ycord:primary '), 403, 'access.key-wrong'],
		['with an empty key', basic('ycord:'), 403, 'access.key-wrong'],
	])('is shut before the upgrade %s, by name', async (_how, headers, status, code) => {
		const { peer, intake } = await door();
		expect(await answer(peer({ headers: headers as Record<string, string> }))).toEqual({ status, code });
		expect(intake.calls).toEqual([]);
	});

	test('is not there where no key is set', async () => {
		const { peer } = await door({ keys: [] });
		expect(await answer(peer())).toEqual({ status: 404, code: 'request.not-found' });
	});
});

describe('an audio fork', () => {
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

	test.each([
		['sound before its first message', new Uint8Array(640), 'sound before the first message'],
		['a first message that is no JSON', 'hello', 'not JSON'],
		[
			'both voices in one channel',
			{ callSid: 'a', sampleRate: 8000, mixType: 'mixed' },
			'mixed does not say who speaks',
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

	test('whose call names no agent goes to the one who is set, or is refused by name', async () => {
		const { peer, intake } = await door({ defaultAgentId: 'abe' });
		const one = await peer({ metadata: {} });
		one.begin();
		await intake.when(() => intake.calls[0]?.incoming.agentId === 'abe');
		const nobody = await (await door()).peer({ metadata: {} });
		nobody.begin();
		expect((await nobody.closed).code).toBe(closeCodes.unknownAgent.code);
	});

	test('of one channel brings the customer alone, and says nothing of an agent [G1]', async () => {
		const { peer, intake } = await door();
		const one = await peer({ mixType: 'mono' });
		one.begin();
		await one.play(tone(440, 100));
		await one.settled();
		expect(intake.calls[0]?.incoming.legs).toEqual(['customer']);
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, tone(440, 100))).toBe(0);
	});

	test('of a call the agent made has the agent on its first channel [G1]', async () => {
		const { peer, intake } = await door();
		const one = await peer({ metadata: { agent: 'ann', leg: 'agent' } });
		one.begin();
		await one.play(tone(880, 100), tone(440, 100));
		await one.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, tone(440, 100))).toBe(0);
		expect(Buffer.compare(intake.calls[0]?.heard('agent') as Uint8Array, tone(880, 100))).toBe(0);
	});

	test('may say more in text, such as keys that were pressed: the call goes on, and nothing is ever sent back [S3]', async () => {
		const { peer, intake } = await door();
		const one = await peer();
		one.begin();
		one.send({ event: 'dtmf', dtmf: '5', duration: '1600' });
		one.send('not even JSON');
		await one.play(tone(440, 100), tone(880, 100));
		await one.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('agent') as Uint8Array, tone(880, 100))).toBe(0);
		expect(one.received).toEqual([]);
		expect(intake.calls[0]?.told).toEqual([]);
	});

	test('shows the customer’s number by its last digits only', async () => {
		const { peer, intake } = await door();
		const one = await peer();
		one.send({ callSid: 'a', from: '+4930123456789', sampleRate: 8000, mixType: 'stereo', metadata: { agent: 'ann' } });
		await intake.when(() => intake.calls.length > 0);
		expect(intake.calls[0]?.incoming.label).toBe('Caller …789');
	});
});
