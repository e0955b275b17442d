import { describe, expect, test } from 'vitest';
import type { Fallback, Returned } from '#server/telephony/control.ts';
import { closeCodes } from '#shared/close-codes.ts';
import type { Refusal } from '#shared/refusals.ts';
import { tone } from '#tests/support/tone.ts';
import type { AskedOfTwilio, OtherAnswer } from '#tests/support/twilio-api.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';
import { room, twilioCall } from '#tests/support/twilio-survey.ts';

const refusalOf = (work: Promise<unknown>) =>
	work.then(
		() => 'was not refused',
		(error: Refusal) => error.code,
	);
const isRedirect = ({ what, given }: AskedOfTwilio) => what === 'update a call' && !!given.Twiml?.includes('<Connect>');

describe('an executive on a Twilio call', () => {
	test('is brought to the customer by one request, with the conference as the next verb', async () => {
		const { platform, customer, agent, take } = await twilioCall();
		await take();
		const [{ of, given } = { of: '', given: {} as AskedOfTwilio['given'] }] = platform.asked;
		expect(of).toBe(customer);
		expect(Object.keys(given)).toEqual(['Twiml']);
		expect(given.Twiml?.replace(/value="[\w-]{43}"/, 'value="TOKEN"')).toBe(
			'<Response><Connect><Stream url="wss://ycord.example.com/telephony/twilio/survey"><Parameter name="token" ' +
				'value="TOKEN"/></Stream></Connect><Dial><Conference endConferenceOnExit="false" beep="false">room 7 &#38; more' +
				'</Conference></Dial></Response>',
		);
		expect([platform.whereIs(customer), platform.whereIs(agent)]).toEqual(['stream', room]);
	});

	test('is heard frame by frame, and hears the customer; the agent’s leg is not the executive’s own voice [S2]', async () => {
		const { platform, listening, call, take, clock } = await twilioCall();
		await listening.play({ inbound: tone(440, 200), outbound: tone(880, 200) });
		await listening.settled();
		clock.advance(200);
		const voice = await take();
		const [survey] = platform.surveys;
		const spoken = [tone(300, 20), tone(310, 20), tone(320, 20)];
		for (const frame of spoken) voice.say(frame);
		await survey?.whenSaid((said) => said.length === 3);
		expect(survey?.said()).toEqual(spoken.map((payload) => ({ event: 'media', payload: Buffer.from(payload) })));

		clock.advance(800);
		const before = call.pieces.length;
		await listening.play({ inbound: tone(500, 20), outbound: tone(300, 20) });
		await listening.settled();
		expect(call.pieces.length).toBe(before);
		await survey?.play({ inbound: tone(440, 40) });
		await survey?.settled();
		const heard = call.pieces.slice(before);
		expect(heard.map(({ leg }) => leg)).toEqual(['customer', 'customer']);
		expect(Buffer.concat(heard.map(({ data }) => data))).toEqual(Buffer.from(tone(440, 40)));
		// A second after the call's first sound, on the call's own clock; the listening stream's last one was its 200th ms.
		expect(heard[0]?.at).toBe(200 * 8);
	});

	test('goes, and the customer is with the agent again: nothing unplayed is left, and the close is an ordinary one', async () => {
		const { platform, customer, control, take, lost, listening, call } = await twilioCall();
		const voice = await take();
		const [survey] = platform.surveys;
		expect(await control.release('hang-up')).toBe('agent');
		voice.say(tone(300, 20));
		expect((await survey?.closed)?.code).toBe(1000);
		expect(survey?.said()).toEqual([{ event: 'clear' }]);
		expect(platform.whereIs(customer)).toBe(room);
		expect(lost).toEqual([]);
		expect(call.told).toEqual([]);
		expect(listening.received).toEqual([]);
	});

	test('can come a second time, with a token of its own', async () => {
		const { platform, control, take } = await twilioCall();
		await take();
		await control.release('hang-up');
		await take();
		expect(await control.release('hang-up')).toBe('agent');
		const tokens = platform.asked.flatMap(({ given }) => /value="([\w-]{43})"/.exec(given.Twiml ?? '')?.[1] ?? []);
		expect(new Set(tokens).size).toBe(2);
	});

	test('is one at a time, and released as often as one likes', async () => {
		const { platform, control, take } = await twilioCall();
		expect(await control.release('hang-up')).toBe('agent');
		const first = take();
		expect(await refusalOf(take())).toBe('survey.not-now');
		await first;
		expect(await refusalOf(take())).toBe('survey.not-now');
		expect(await Promise.all([control.release('hang-up'), control.release('hang-up')])).toEqual(['agent', 'agent']);
		const asked = platform.asked.length;
		expect(await control.release('hang-up')).toBe('agent');
		expect(platform.asked.length).toBe(asked);
	});

	test('without an executive nothing is asked of Twilio and nothing said on the call [S2] [S3]', async () => {
		const { platform, listening, control } = await twilioCall();
		await listening.play({ inbound: tone(440, 100), outbound: tone(880, 100) });
		await listening.settled();
		expect(control.abilities).toEqual(['survey', 'returnToAgent', 'hangUp', 'announce']);
		expect(platform.asked).toEqual([]);
		expect(listening.received).toEqual([]);
	});

	test.each([
		['names no conference', { conference: '' }, {}, 'the stream’s start names no conference'],
		['names one that cannot be', { conference: 'x'.repeat(129) }, {}, 'the stream’s start names no conference'],
		[
			'hangs on the agent’s leg',
			{ leg: 'agent' },
			{},
			'the stream hangs on the agent’s leg of the call, not on the customer’s',
		],
		['has no id to ask by', {}, { callSid: '..' }, 'the call’s id is none of Twilio’s'],
	])('cannot come where the stream %s, and is told why', async (_what, parameters, peer, cannot) => {
		const { control } = await twilioCall(parameters as Record<string, string>, peer);
		expect(control).toEqual({ abilities: [], cannot });
	});
});

describe('an executive who could not be brought on a Twilio call', () => {
	const answers: [string, OtherAnswer, string, number][] = [
		['does not accept the key', { status: 401, code: 20_003 }, 'platform.denied', 1],
		['does not know the call', { status: 404, code: 20_404 }, 'platform.refused', 1],
		['is asked too much', { status: 429, code: 20_429 }, 'platform.busy', 3],
		['says that the call is over', { status: 400, code: 21_220 }, 'platform.call-over', 1],
	];
	test.each(answers)('because Twilio %s has moved nobody, and knows why', async (_what, answer, code, times) => {
		const { platform, customer, control, take } = await twilioCall();
		platform.answer = () => answer;
		expect(await refusalOf(take())).toBe(code);
		expect(platform.asked.filter(isRedirect)).toHaveLength(times);
		expect(platform.asked).toHaveLength(times);
		expect(platform.whereIs(customer)).toBe(room);
		expect(await control.release('hang-up')).toBe('agent');
	});

	test('because Twilio broke down leaves the customer with the agent, whether they had been moved or not', async () => {
		for (const done of [true, false]) {
			const { platform, customer, control, take } = await twilioCall();
			platform.connects = false;
			platform.answer = (asked) => (isRedirect(asked) ? { status: 500, done } : undefined);
			expect(await refusalOf(take())).toBe('platform.unreachable');
			await platform.when(() => platform.whereIs(customer) === room);
			expect(platform.asked.filter(isRedirect)).toHaveLength(1);
			expect(await control.release('hang-up')).toBe('agent');
		}
	});

	test('because Twilio did not answer for five seconds leaves the customer with the agent', async () => {
		const { platform, customer, clock, take } = await twilioCall();
		platform.answer = (asked) => (isRedirect(asked) ? 'never' : undefined);
		const taking = refusalOf(take());
		await platform.when(() => platform.asked.length === 1);
		clock.advance(5000);
		expect(await taking).toBe('platform.unreachable');
		expect(platform.asked.map(({ given }) => given.Twiml)).toEqual([
			expect.stringContaining('<Connect>'),
			'<Response><Dial><Conference endConferenceOnExit="false" beep="false">room 7 &#38; more</Conference></Dial></Response>',
		]);
		expect(platform.whereIs(customer)).toBe(room);
	});

	test('because the stream did not come for ten seconds leaves the customer with the agent', async () => {
		const { platform, customer, clock, take } = await twilioCall();
		platform.connects = false;
		const taking = refusalOf(take());
		await platform.when(() => platform.whereIs(customer) === 'stream');
		clock.advance(10_000);
		expect(await taking).toBe('platform.no-line');
		await platform.when(() => platform.whereIs(customer) === room);
	});

	test('because they were released meanwhile leaves the customer with the agent', async () => {
		for (const when of ['before the answer', 'after it'] as const) {
			const { platform, customer, control, take } = await twilioCall();
			platform.connects = false;
			if (when === 'before the answer') platform.answer = (asked) => (isRedirect(asked) ? 'never' : undefined);
			const taking = refusalOf(take());
			await platform.when(() => platform.asked.length === 1);
			if (when === 'after it') await platform.when(() => platform.whereIs(customer) === 'stream');
			expect(await control.release('hang-up')).toBe('agent');
			expect(await taking).toBe('survey.not-now');
			expect(platform.whereIs(customer)).toBe(room);
		}
	});
});

describe('the token of a survey stream', () => {
	const survey = (call: Awaited<ReturnType<typeof twilioCall>>, token: string, change: object = {}) =>
		twilioPeer({
			...call.stream,
			path: '/telephony/twilio/survey',
			signedUrl: 'wss://ycord.example.com/telephony/twilio/survey',
			tracks: ['inbound'],
			parameters: { token },
			...change,
		});
	const tokenOf = (asked: readonly AskedOfTwilio[]) =>
		/value="([\w-]{43})"/.exec(asked[0]?.given.Twiml ?? '')?.[1] ?? '';
	const isTurnedAway = async (peer: Awaited<ReturnType<typeof twilioPeer>>) => {
		peer.begin();
		expect((await peer.closed).code).toBe(closeCodes.forbidden.code);
		expect(peer.received).toEqual([]);
	};

	test('is needed: nobody speaks on a stream that was not asked for [S2]', async () => {
		const call = await twilioCall();
		await isTurnedAway(await survey(call, ''));
		await isTurnedAway(await survey(call, 'x'.repeat(43)));
	});

	test('is good once', async () => {
		const call = await twilioCall();
		await call.take();
		await isTurnedAway(await survey(call, tokenOf(call.platform.asked)));
		expect(call.platform.whereIs(call.customer)).toBe('stream');
	});

	test.each([
		['of another call', { callSid: `CA${'0'.repeat(32)}` }],
		['of another account', { accountSid: `AC${'0'.repeat(32)}` }],
	])('is used up by a stream %s', async (_whose, change) => {
		const call = await twilioCall();
		call.platform.connects = false;
		const taking = refusalOf(call.take());
		await call.platform.when(() => call.platform.asked.length === 1);
		const token = tokenOf(call.platform.asked);
		await isTurnedAway(await survey(call, token, change));
		await isTurnedAway(await survey(call, token));
		expect(await call.control.release('hang-up')).toBe('agent');
		expect(await taking).toBe('survey.not-now');
	});

	test('does not replace the signature', async () => {
		const call = await twilioCall();
		await expect(survey(call, 'x', { authToken: 'another' })).rejects.toMatchObject({ status: 403 });
		await expect(survey(call, 'x', { headers: {} })).rejects.toMatchObject({ status: 401 });
	});
});

describe('a customer on their way back', () => {
	test('whose stream was lost is with the agent by themselves; the executive is told once', async () => {
		const { platform, customer, control, take, lost, whenLost, call } = await twilioCall();
		await take();
		platform.surveys[0]?.drop();
		await whenLost;
		await platform.when(() => platform.whereIs(customer) === room);
		expect(await control.release('hang-up')).toBe('agent');
		expect(lost).toEqual(['lost']);
		expect(call.told).toEqual([]);
	});

	test('whose stream says nothing any more is with the agent after ten seconds', async () => {
		const { platform, customer, take, lost, clock } = await twilioCall();
		await take();
		clock.advance(10_000);
		await platform.when(() => platform.whereIs(customer) === room);
		expect(lost).toEqual(['lost']);
	});

	test('has a key of their own for it, where the stream names one [C2]', async () => {
		const { platform, control, take } = await twilioCall({ withdraw: '#' });
		const told: string[] = [];
		control.onWithdrawn(() => told.push('withdrawn'));
		await take();
		const [survey] = platform.surveys;
		survey?.press('1');
		await survey?.settled();
		expect(told).toEqual([]);
		survey?.press('#');
		await survey?.settled();
		expect(told).toEqual(['withdrawn']);
		const without = await twilioCall({ withdraw: '12' });
		without.control.onWithdrawn(() => told.push('by no key'));
		await without.take();
		for (const digit of ['1', '2', '12', '#']) without.platform.surveys[0]?.press(digit);
		await without.platform.surveys[0]?.settled();
		expect(told).toEqual(['withdrawn']);
	});

	test('when the server stops is with the agent by themselves', async () => {
		const { platform, customer, take, lost, app, call } = await twilioCall();
		await take();
		const asked = platform.asked.length;
		await app.close();
		await platform.when(() => platform.whereIs(customer) === room);
		expect(platform.asked.length).toBe(asked);
		expect(lost).toEqual(['lost']);
		expect(call.told).toEqual(['lost']);
	});

	test('who does not go on by themselves is sent', async () => {
		const { platform, customer, control, take } = await twilioCall();
		await take();
		platform.goesOn = false;
		expect(await control.release('hang-up')).toBe('agent');
		expect(platform.asked.filter(({ what }) => what === 'list participants')).toHaveLength(6);
		await platform.when(() => platform.whereIs(customer) === room);
	});

	const gone: [string, Fallback, Record<string, string>, Returned, string][] = [
		['waits in the queue', 'queue', { queue: 'orders' }, 'queue', 'queue orders'],
		['hears a farewell where the stream named no queue', 'queue', {}, 'announcement', 'over'],
		['hears a farewell where the queue’s name is too long', 'queue', { queue: 'x'.repeat(65) }, 'announcement', 'over'],
		['hears a farewell', 'announcement', { queue: 'orders' }, 'announcement', 'over'],
		['is hung up', 'hang-up', { queue: 'orders' }, 'hung-up', 'over'],
	];
	test.each(gone)('whose agent is gone %s', async (_what, fallback, parameters, to, where) => {
		const { platform, customer, agent, control, take } = await twilioCall(parameters);
		await take();
		await platform.hangUp(agent);
		expect(await control.release(fallback)).toBe(to);
		await platform.when(() => platform.whereIs(customer) === where);
		expect(platform.said(customer)).toBe(
			to === 'announcement'
				? 'Your agent is no longer on the line. Thank you for your time. Please call us again if there is anything else.'
				: '',
		);
		expect(await control.release('hang-up')).toBe(to);
	});

	test('is looked for again when Twilio breaks down meanwhile, and can be asked for once more', async () => {
		const { platform, control, take } = await twilioCall();
		await take();
		const { answer } = platform;
		platform.answer = ({ what }) => (what === 'list conferences' ? { status: 503 } : undefined);
		expect(await refusalOf(control.release('hang-up'))).toBe('platform.unreachable');
		expect(platform.asked.filter(({ what }) => what === 'list conferences')).toHaveLength(3);
		platform.answer = answer;
		expect(await control.release('hang-up')).toBe('agent');
	});

	test('who has hung up is gone: the call is over, whoever notices first', async () => {
		for (const first of ['the release', 'the gateway'] as const) {
			const { platform, customer, control, take, whenLost, listening, call, clock, intake } = await twilioCall();
			await take();
			await listening.stop();
			await platform.hangUp(customer);
			await whenLost;
			expect(call.told).toEqual([]);
			if (first === 'the release') expect(await control.release('queue')).toBe('hung-up');
			clock.advance(2000);
			await intake.when(() => call.told.length === 1);
			const asked = platform.asked.length;
			expect(await control.release('queue')).toBe('hung-up');
			expect(platform.asked.length).toBe(asked);
			expect(call.told).toEqual(['ended hung-up']);
		}
	});
});

describe('the listening stream of a call that an executive was on', () => {
	test('goes on where it is, if it lives through that', async () => {
		const { listening, control, take, call, clock } = await twilioCall();
		await listening.play({ inbound: tone(440, 100), outbound: tone(880, 100) });
		await take();
		await control.release('hang-up');
		clock.advance(2000);
		await listening.play({ inbound: tone(440, 20), outbound: tone(880, 20) });
		await listening.settled();
		expect(call.pieces.slice(-2).map(({ leg, at }) => [leg, at])).toEqual([
			['customer', 800],
			['agent', 800],
		]);
	});

	for (const how of ['stop', 'drop'] as const)
		test(`that Twilio ended (${how}) does not end the call, and is asked for again when the customer is back`, async () => {
			const { listening, control, take, call, clock, platform, intake } = await twilioCall({ label: 'Order enquiry' });
			await listening.play({ inbound: tone(440, 100), outbound: tone(880, 100) });
			await listening.settled();
			await take();
			await listening[how]();
			clock.advance(1000);
			await control.release('hang-up');
			clock.advance(2000);
			await platform.when(() => platform.listenings.length === 1);
			expect(platform.asked.at(-1)?.given).toEqual({
				Url: 'wss://ycord.example.com/telephony/twilio',
				Track: 'both_tracks',
				StatusCallback: 'https://ycord.example.com/telephony/twilio/status',
				'Parameter1.Name': 'agent',
				'Parameter1.Value': 'ann',
				'Parameter2.Name': 'conference',
				'Parameter2.Value': 'room 7 & more',
				'Parameter3.Name': 'label',
				'Parameter3.Value': 'Order enquiry',
				'Parameter4.Name': 'token',
				'Parameter4.Value': expect.stringMatching(/^[\w-]{43}$/),
			});
			const [again] = platform.listenings;
			await again?.play({ inbound: tone(440, 20), outbound: tone(880, 20) });
			await again?.settled();
			expect(call.pieces.slice(-2).map(({ leg, at }) => [leg, at])).toEqual([
				['customer', 80 * 8 + 3000 * 8],
				['agent', 80 * 8 + 3000 * 8],
			]);
			expect(intake.calls).toHaveLength(1);
			expect(call.told).toEqual([]);
			await again?.stop();
			await intake.when(() => call.told.length === 1);
			expect(call.told).toEqual(['ended hung-up']);
		});

	test('that does not come back is lost: when Twilio refuses it, and when ten seconds have passed', async () => {
		for (const why of ['refused', 'late'] as const) {
			const { listening, control, take, call, clock, platform, intake } = await twilioCall();
			await take();
			await listening.stop();
			await control.release('hang-up');
			platform.answer = ({ what }) =>
				what === 'start a stream' ? (why === 'refused' ? { status: 400, code: 21_205 } : 'never') : undefined;
			clock.advance(2000);
			await platform.when(() => platform.asked.at(-1)?.what === 'start a stream');
			if (why === 'late') clock.advance(10_000);
			await intake.when(() => call.told.length === 1);
			expect(call.told).toEqual(['lost']);
		}
	});

	test('that was lost is asked for again; it is the same call, which can be taken again', async () => {
		const { listening, call, intake, platform, customer, control } = await twilioCall();
		listening.drop();
		await intake.when(() => intake.calls.length === 2);
		expect(call.told).toEqual(['lost']);
		expect(intake.calls[1]?.incoming.control).toBe(control);
		await control.take({ agent: 'open', shownAs: 'a leader' }, () => {});
		expect(platform.whereIs(customer)).toBe('stream');
		expect(await control.release('hang-up')).toBe('agent');
	});
});
