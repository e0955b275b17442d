import { describe, expect, onTestFinished, test } from 'vitest';
import { twilioApi } from '#server/telephony/twilio/api.ts';
import { Refusal } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';
import { hurryingClock } from '#tests/support/hurrying-clock.ts';
import { type OtherAnswer, twilioStandIn } from '#tests/support/twilio-api.ts';

const conference = '<Response><Dial><Conference>room</Conference></Dial></Response>';

async function asking() {
	const platform = await twilioStandIn({ address: () => '', authToken: '' });
	onTestFinished(() => platform.close());
	const logged: string[] = [];
	const api = twilioApi({
		key: platform.key,
		clock: hurryingClock(handClock(), [250, 500]),
		refused: (what, refusal) => logged.push(`${what}: ${refusal.code}`),
	});
	const callSid = platform.call('room');
	return { platform, api, callSid, logged };
}
const refused = (work: Promise<unknown>) => work.then(Promise.reject, (error: unknown) => error as Refusal);

describe('Twilio’s API', () => {
	const again: [string, OtherAnswer, number, number][] = [
		['429, which was not looked at', { status: 429 }, 3, 3],
		['503, which may have been done', { status: 503 }, 1, 3],
		['400, which stays wrong', { status: 400, code: 21_205 }, 1, 1],
	];
	test.each(again)('is asked again after %s, as often as that is safe', async (_what, answer, once, repeatable) => {
		const { platform, api, callSid } = await asking();
		platform.answer = () => answer;
		const times = async (work: Promise<unknown>) => {
			const before = platform.asked.length;
			await refused(work);
			return platform.asked.length - before;
		};
		expect(await times(api.redirect(callSid, conference))).toBe(once);
		expect(
			await times(
				api.listen(callSid, { url: 'wss://x/y', track: 'both_tracks', statusCallback: 'https://x/z', parameters: {} }),
			),
		).toBe(once);
		expect(await times(api.sendBack(callSid, conference))).toBe(repeatable);
		expect(await times(api.hangUp(callSid))).toBe(repeatable);
		expect(await times(api.talking('room'))).toBe(repeatable);
	});

	test('goes on after one failed try as if nothing had been', async () => {
		const { platform, api, callSid } = await asking();
		platform.call('room');
		let tries = 0;
		platform.answer = () => (++tries === 1 ? { status: 503 } : undefined);
		expect(await api.talking('room')).toContain(callSid);
	});

	test('says who can be heard in a conference: coaches cannot, and of one that has not begun nobody', async () => {
		const { platform, api, callSid } = await asking();
		expect(await api.talking('room')).toEqual([]);
		expect(await api.talking('another')).toEqual([]);
		platform.call('room', 'coach');
		expect(await api.talking('room')).toEqual([callSid]);
		const agent = platform.call('room');
		expect(await api.talking('room')).toEqual([callSid, agent]);
	});

	test.each([
		['an empty answer', { status: 200, body: {} }],
		['a conference with an id that leads elsewhere', { status: 200, body: { conferences: [{ sid: '../Calls' }] } }],
	])('is refused with %s', async (_what, answer) => {
		const { platform, api } = await asking();
		platform.answer = () => answer;
		expect(await refused(api.talking('room'))).toMatchObject({
			code: 'platform.refused',
			message: 'The phone platform would not do it (its answer is not as documented).',
		});
	});

	test('that sends us elsewhere is not followed: the key goes nowhere else', async () => {
		const { platform, api, callSid } = await asking();
		const elsewhere = await twilioStandIn({ address: () => '', authToken: '' });
		onTestFinished(() => elsewhere.close());
		platform.answer = () => ({ status: 307, location: `${elsewhere.key.url}/2010-04-01/` });
		expect(await refused(api.redirect(callSid, conference))).toMatchObject({ code: 'platform.unreachable' });
		expect([elsewhere.asked, elsewhere.wrong]).toEqual([[], []]);
	});

	test('that is not there at all is unreachable', async () => {
		const { platform, api, callSid, logged } = await asking();
		await platform.close();
		expect(await refused(api.hangUp(callSid))).toMatchObject({ code: 'platform.unreachable' });
		expect(logged).toEqual(Array(3).fill('hang up: platform.unreachable'));
	});

	test('says no without a word of what was asked or is secret', async () => {
		const { platform, api, callSid } = await asking();
		for (const status of [400, 401, 403, 404, 409, 429, 500]) {
			platform.answer = () => ({
				status,
				code: 20_000,
				body: { code: 20_000, message: `no to ${callSid} of ${platform.key.secret}` },
			});
			const error = await refused(api.redirect(callSid, conference));
			expect(error).toBeInstanceOf(Refusal);
			const text = JSON.stringify([error, error.message, error.stack, String(error.cause)]);
			for (const secret of [callSid, platform.key.secret, platform.key.key, 'room']) expect(text).not.toContain(secret);
		}
	});
});
