import { describe, expect, onTestFinished, test } from 'vitest';
import { maxTries } from '#server/telephony/twilio/call-streams.ts';
import { signedForm, twilioSignature } from '#server/telephony/twilio/signature.ts';
import { type TwilioNeeds, twilio } from '#server/telephony/twilio/twilio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { hurryingClock } from '#tests/support/hurrying-clock.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioStandIn } from '#tests/support/twilio-api.ts';
import { type TwilioPeerOptions, twilioPeer } from '#tests/support/twilio-peer.ts';

const authToken = 'token-of-the-account';
const publicUrl = 'https://ycord.example.com';
const signedUrl = 'wss://ycord.example.com/telephony/twilio';

/** Ycord's Twilio gateway with an API key, the platform's stand-in, and a customer and an agent in a conference. */
async function house(needs: Partial<TwilioNeeds> = {}) {
	const clock = handClock();
	const intake = recordingIntake();
	let address = '';
	const platform = await twilioStandIn({ address: () => address, authToken });
	const told: string[] = [];
	const report = {
		contact: () => told.push('contact'),
		refused: (why: string) => told.push(why),
		over: (why: string) => told.push(why),
	};
	const { app, ...opened } = await gatewayDoor(async (door) => {
		await door.register(twilio, {
			intake,
			clock: hurryingClock(clock, [250]),
			publicUrl: () => publicUrl,
			authTokens: [authToken, 'secondary'],
			key: platform.key,
			report,
			...needs,
		});
	});
	address = opened.address;
	onTestFinished(async () => {
		await app.close();
		await platform.close();
		expect(platform.wrong).toEqual([]);
	});
	const { accountSid } = platform.key;
	const customer = platform.call('room');
	platform.call('room');

	/** A form as Twilio posts it. */
	async function post(path: string, fields: Record<string, string>, sign: { token?: string; url?: string } = {}) {
		const form = new URLSearchParams({ AccountSid: accountSid, CallSid: customer, ...fields });
		const signature = twilioSignature(sign.token ?? authToken, signedForm(sign.url ?? publicUrl + path, form));
		const answer = await app.inject({
			method: 'POST',
			url: path,
			headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
			payload: form.toString(),
		});
		return { status: answer.statusCode, text: answer.body, type: answer.headers['content-type'] };
	}
	async function stream(options: Partial<TwilioPeerOptions> = {}) {
		const peer = await twilioPeer({ address, authToken, signedUrl, callSid: customer, accountSid, ...options });
		onTestFinished(() => peer.drop());
		peer.begin();
		await peer.settled();
		return peer;
	}
	/** A token as the voice webhook gives it. */
	async function tokenOf(query = 'agent=ann') {
		const { text } = await post(`/telephony/twilio/voice?${query}`, {});
		return /name="token" value="([\w-]{43})"/.exec(text)?.[1] ?? '';
	}
	return { app, clock, intake, platform, told, customer, accountSid, post, stream, tokenOf };
}

describe('the voice webhook of Twilio', () => {
	test('answers with a silent stream and the conference behind it, in TwiML', async () => {
		const { post, customer } = await house();
		const path = '/telephony/twilio/voice?agent=ann&label=A+%26+B&conference=room';
		const { status, text, type } = await post(path, { From: '+41791234567', To: '+41441234567' });
		expect([status, type]).toEqual([200, expect.stringContaining('text/xml')]);
		expect(text.replace(/value="[\w-]{43}"/, 'value="TOKEN"')).toBe(
			'<Response><Start><Stream url="wss://ycord.example.com/telephony/twilio" track="both_tracks" ' +
				'statusCallback="https://ycord.example.com/telephony/twilio/status">' +
				'<Parameter name="from" value="+41791234567"/><Parameter name="to" value="+41441234567"/>' +
				'<Parameter name="agent" value="ann"/><Parameter name="label" value="A &#38; B"/>' +
				'<Parameter name="conference" value="room"/><Parameter name="token" value="TOKEN"/></Stream></Start>' +
				'<Dial><Conference endConferenceOnExit="false" beep="false">room</Conference></Dial></Response>',
		);
		const own = await post('/telephony/twilio/voice', {});
		expect(own.text).toContain(`>ycord-${customer}</Conference>`);
	});

	test('is signed over its address, its query and all its fields, by either token', async () => {
		const { post, app, told } = await house();
		const path = '/telephony/twilio/voice?agent=ann';
		expect((await post(path, {}, { token: 'secondary' })).status).toBe(200);
		for (const wrong of [{ token: 'other' }, { url: `${publicUrl}/telephony/twilio/voice` }]) {
			const { status, text } = await post(path, {}, wrong);
			expect([status, JSON.parse(text).code]).toEqual([403, 'access.signature-wrong']);
		}
		const unsigned = await app.inject({ method: 'POST', url: path, payload: {} });
		expect([unsigned.statusCode, unsigned.json().code]).toEqual([401, 'access.signature-missing']);
		expect(told).toEqual(['contact', 'access.signature-wrong', 'access.signature-wrong', 'access.signature-missing']);
	});

	test('refuses another account, what is said wrongly of a call, and a form that is too large; each is counted', async () => {
		const { post, told } = await house();
		const code = async (answer: ReturnType<typeof post>) => JSON.parse((await answer).text).code;
		expect(await code(post('/telephony/twilio/voice', { AccountSid: `AC${'0'.repeat(32)}` }))).toBe(
			'access.stream-account',
		);
		expect(await code(post('/telephony/twilio/voice?leg=both', {}))).toBe('request.malformed');
		expect(await code(post('/telephony/twilio/voice', { CallSid: '../x' }))).toBe('request.malformed');
		const large = await post('/telephony/twilio/voice', { From: 'x'.repeat(17_000) });
		expect([large.status, JSON.parse(large.text).message]).toEqual([413, 'This message is larger than 16 KiB.']);
		expect(told.filter((one) => one !== 'contact')).toEqual([
			'access.stream-account',
			'request.malformed',
			'request.malformed',
			'request.too-large',
		]);
	});

	test('is no door without an auth token, nor is the conference’s without a key', async () => {
		const without = await house({ authTokens: [] });
		expect((await without.post('/telephony/twilio/voice', {})).status).toBe(404);
		const bare = await gatewayDoor(async (door) => {
			await door.register(twilio, {
				intake: recordingIntake(),
				clock: handClock(),
				publicUrl: () => publicUrl,
				authTokens: [authToken],
			});
		});
		onTestFinished(() => bare.app.close());
		const answer = await bare.app.inject({ method: 'POST', url: '/telephony/twilio/conference', payload: {} });
		expect(answer.statusCode).toBe(404);
	});
});

describe('the token of a listening stream', () => {
	test('lets the call in once: a second stream on it is turned away, the first does not notice', async () => {
		const { stream, tokenOf, intake } = await house();
		const parameters = { agent: 'ann', token: await tokenOf() };
		const first = await stream({ parameters });
		expect(intake.calls).toHaveLength(1);
		const second = await stream({ parameters });
		expect((await second.closed).code).toBe(closeCodes.forbidden.code);
		expect((await second.closed).reason).toContain('access.stream-unexpected');
		await first.play({ inbound: tone(440, 20) });
		await first.settled();
		expect(intake.calls[0]?.pieces).toHaveLength(1);
		expect([intake.calls.length, intake.calls[0]?.told]).toEqual([1, []]);
	});

	test('is of no use after a minute, for another call, or if it was made up', async () => {
		const { stream, tokenOf, intake, clock } = await house();
		const late = await tokenOf();
		clock.advance(60_000);
		const other = await tokenOf();
		for (const options of [
			{ parameters: { agent: 'ann', token: late } },
			{ parameters: { agent: 'ann', token: other }, callSid: `CA${'0'.repeat(32)}` },
			{ parameters: { agent: 'ann', token: other } },
			{ parameters: { agent: 'ann', token: 'x'.repeat(43) } },
			{ parameters: { agent: 'ann', token: '' } },
		])
			expect((await (await stream(options)).closed).code).toBe(closeCodes.forbidden.code);
		expect(intake.calls).toEqual([]);
	});

	test('a stream of another account than the key’s is turned away', async () => {
		const { stream, intake } = await house();
		const strange = await stream({ accountSid: `AC${'0'.repeat(32)}`, parameters: { agent: 'ann' } });
		expect((await strange.closed).code).toBe(closeCodes.forbidden.code);
		expect(intake.calls).toEqual([]);
	});
});

describe('the status callback of Twilio', () => {
	test('tells that the call has ended, also one whose sound was lost; once', async () => {
		const { stream, intake, post, platform } = await house();
		platform.answer = () => 'never';
		const lost = await stream({ parameters: { agent: 'ann' } });
		lost.drop();
		await intake.when(() => intake.calls[0]?.told.length === 1);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		for (let times = 0; times < 2; times++)
			expect((await post('/telephony/twilio/status', { CallStatus: 'completed' })).status).toBe(204);
		expect(intake.calls[0]?.told).toEqual(['lost', 'ended hung-up']);
	});

	test('ends a call before its stream stops, and what the stream says then is nobody’s', async () => {
		const { stream, intake, post } = await house();
		const live = await stream({ parameters: { agent: 'ann' } });
		await post('/telephony/twilio/status', { CallStatus: 'in-progress' });
		expect(intake.calls[0]?.told).toEqual([]);
		await post('/telephony/twilio/status', { CallStatus: 'completed' });
		await live.play({ inbound: tone(440, 20) });
		await live.stop();
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
		expect(intake.calls[0]?.pieces).toEqual([]);
	});

	test('takes what becomes of streams, and refuses what is not documented', async () => {
		const { post, customer, told } = await house();
		const StreamSid = `MZ${'0'.repeat(32)}`;
		for (const StreamEvent of ['stream-started', 'stream-stopped', 'stream-error'])
			expect((await post('/telephony/twilio/status', { StreamEvent, StreamSid })).status).toBe(204);
		expect((await post('/telephony/twilio/status', { StreamEvent: 'x', CallSid: customer })).status).toBe(400);
		expect(told).toEqual(['contact', 'contact', 'contact', 'request.malformed']);
	});
});

describe('a listening stream asked for by Ycord', () => {
	const joins = { StatusCallbackEvent: 'participant-join', FriendlyName: 'room', ParticipantLabel: 'customer' };

	test('is started when the customer comes into the conference, once, and stopped with the conference', async () => {
		const { post, platform, intake, customer } = await house();
		const path = '/telephony/twilio/conference?agent=ann&queue=orders';
		for (let times = 0; times < 2; times++) expect((await post(path, joins)).status).toBe(204);
		await intake.when(() => intake.calls.length === 1);
		expect(platform.asked.map(({ what, of }) => [what, of])).toEqual([['start a stream', customer]]);
		expect(intake.calls[0]?.incoming).toMatchObject({ agentId: 'ann', about: { queue: 'orders' } });
		expect(intake.calls[0]?.incoming.control?.abilities).toContain('survey');
		await post(path, joins);
		await post(path, { StatusCallbackEvent: 'conference-end', FriendlyName: 'another' });
		expect(platform.asked).toHaveLength(1);
		await post(path, { StatusCallbackEvent: 'conference-end', FriendlyName: 'room' });
		await intake.when(() => intake.calls[0]?.told.length === 1);
		expect(platform.asked.at(-1)).toMatchObject({ what: 'stop a stream', given: { Status: 'stopped' } });
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
	});

	test('is not started for whoever else comes in, and may be asked for again when Twilio refused', async () => {
		const { post, platform, intake } = await house();
		const path = '/telephony/twilio/conference?agent=ann';
		await post(path, { ...joins, ParticipantLabel: 'agent' });
		await post(path, { ...joins, StatusCallbackEvent: 'participant-leave' });
		expect(platform.asked).toEqual([]);
		platform.answer = () => ({ status: 400, code: 21_205 });
		await post(path, joins);
		await platform.when(() => platform.asked.length === 1);
		platform.answer = () => undefined;
		while (intake.calls.length === 0) await post(path, joins);
		expect(intake.calls).toHaveLength(1);
	});

	test('is asked for again when its connection is lost, and goes on as the same call', async () => {
		const { stream, intake, platform, customer } = await house();
		(await stream({ parameters: { agent: 'ann' } })).drop();
		await intake.when(() => intake.calls.length === 2);
		const [first, second] = intake.calls;
		expect(first?.told).toEqual(['lost']);
		expect(second?.callId).toBe(first?.callId);
		expect(second?.incoming).toEqual(first?.incoming);
		expect(platform.asked).toHaveLength(1);
		expect(platform.asked[0]).toMatchObject({ what: 'start a stream', of: customer });
	});

	test('is asked for three times at most, ten seconds apart; more only after it has held for a minute', async () => {
		const { stream, intake, platform, clock } = await house();
		platform.connects = false;
		(await stream({ parameters: { agent: 'ann' } })).drop();
		for (let times = 1; times <= maxTries; times++) {
			await platform.when(() => platform.asked.length === times);
			clock.advance(10_000);
		}
		clock.advance(10_000);
		expect(platform.asked).toHaveLength(maxTries);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		const again = await stream({ parameters: { agent: 'ann' } });
		clock.advance(29_000);
		await again.play({ inbound: tone(440, 20) });
		await again.settled();
		clock.advance(29_000);
		await again.play({ inbound: tone(440, 20) });
		await again.settled();
		clock.advance(2000);
		again.drop();
		await platform.when(() => platform.asked.length === maxTries + 1);
	});

	test('that cannot be had because the call is over ends it: “call ended”, not “audio lost”', async () => {
		const { stream, intake, platform, customer } = await house();
		const live = await stream({ parameters: { agent: 'ann' } });
		await platform.hangUp(customer);
		live.drop();
		await intake.when(() => intake.calls[0]?.told.length === 2);
		expect(intake.calls[0]?.told).toEqual(['lost', 'ended hung-up']);
	});

	test('is not asked for when we refused its call, nor when the server stops', async () => {
		const { stream, intake, platform, app, clock } = await house();
		intake.refuse('call.unknown-agent', 'later');
		const refused = await stream({ parameters: { agent: 'nobody' } });
		expect((await refused.closed).code).toBe(closeCodes.unknownAgent.code);
		clock.advance(60_000);
		expect(platform.asked).toEqual([]);
		const other = await house();
		await other.stream({ parameters: { agent: 'ann' } });
		await other.app.close();
		other.clock.advance(60_000);
		expect(other.platform.asked).toEqual([]);
		await app.close();
	});
});
