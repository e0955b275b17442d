import { expect, onTestFinished, test } from 'vitest';
import { openHouse } from '#tests/support/house.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioStandIn } from '#tests/support/twilio-api.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

/** A house with an API key, and a call in a conference that it listens to. */
async function houseWithKey(authToken: string) {
	let address = '';
	const platform = await twilioStandIn({ address: () => address, authToken });
	onTestFinished(async () => {
		await platform.close();
		expect(platform.wrong).toEqual([]);
	});
	const app = await openHouse({
		YCORD_TWILIO_AUTH_TOKEN: authToken,
		YCORD_TWILIO_ACCOUNT_SID: platform.key.accountSid,
		YCORD_TWILIO_API_KEY: platform.key.key,
		YCORD_TWILIO_API_SECRET: platform.key.secret,
		YCORD_TWILIO_API: platform.key.url,
	});
	address = app.address();
	const customer = platform.call('room');
	platform.call('room');
	const parameters = { agent: 'ann', conference: 'room' };
	const listening = await twilioPeer({
		address,
		authToken,
		callSid: customer,
		accountSid: platform.key.accountSid,
		parameters,
	});
	listening.begin();
	await listening.settled();
	const control = app.intake.control(`twilio-${customer}`);
	if (!control?.take || !control.release) throw new Error('the call cannot be taken');
	return { app, platform, customer, listening, take: control.take, release: control.release };
}

test('a Twilio call with a conference is taken and given back by the house’s own key [S2]', async () => {
	const { platform, customer, listening, take, release } = await houseWithKey('token');
	const voice = await take({ agent: 'muted', shownAs: 'a leader' }, () => {});
	voice.say(tone(440, 20));
	await platform.surveys[0]?.whenSaid((said) => said.length === 1);
	platform.answer = async ({ what }) => {
		if (what === 'list conferences') await platform.when(() => platform.whereIs(customer) !== 'stream');
		return undefined;
	};
	expect(await release('hang-up')).toBe('agent');
	expect(listening.received).toEqual([]);
});

test('what Twilio’s API refuses is in the log by name, and no secret, token or conference', async () => {
	const { app, platform, take } = await houseWithKey('token-of-the-log');
	platform.answer = () => ({ status: 401, code: 20_003 });
	await expect(take({ agent: 'muted', shownAs: 'a leader' }, () => {})).rejects.toMatchObject({
		code: 'platform.denied',
	});
	const token = /value="([\w-]{43})"/.exec(platform.asked[0]?.given.Twiml ?? '')?.[1] ?? 'missing';
	expect(app.log()).toContain('"refusal":"platform.denied"');
	for (const secret of [platform.key.secret, token, 'token-of-the-log', 'room'])
		expect(app.log()).not.toContain(secret);
});
