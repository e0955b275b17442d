import { expect, test } from 'vitest';
import { tone } from '#tests/support/tone.ts';
import { houseWithKey } from '#tests/support/twilio-house.ts';

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
