import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { type TwilioNeeds, twilio, twilioPath, twilioSurveyPath } from '#server/telephony/twilio/twilio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';
import { twilioPeer, type UpgradeRefused } from '#tests/support/twilio-peer.ts';

const authToken = 'primary';

async function door(needs: Partial<TwilioNeeds> = {}) {
	const intake = recordingIntake();
	let publicUrl = '';
	const { address, app } = await gatewayDoor(async (opened) => {
		const authTokens = [authToken, 'secondary'];
		await opened.register(twilio, { intake, clock: handClock(), publicUrl: () => publicUrl, authTokens, ...needs });
	});
	onTestFinished(() => app.close());
	publicUrl = address;
	return { intake, address, app, wsAddress: address.replace('http', 'ws') + twilioPath };
}

const answer = (trying: Promise<unknown>) =>
	trying.then(
		() => ({ status: 101, code: undefined }),
		(error: UpgradeRefused) => ({ status: error.status, code: JSON.parse(error.body).code }),
	);

describe('the door for Twilio', () => {
	test('opens to the signature of either token', async () => {
		const { address } = await door();
		for (const token of [authToken, 'secondary']) {
			const peer = await twilioPeer({ address, authToken: token });
			peer.drop();
		}
	});

	test('stays shut before the upgrade to a missing or wrong signature, and says which', async () => {
		const { address, intake } = await door();
		const tried = (headers: Record<string, string>) => answer(twilioPeer({ address, authToken, headers }));
		expect(await tried({})).toEqual({ status: 401, code: 'access.signature-missing' });
		expect(await tried({ 'x-twilio-signature': '' })).toEqual({ status: 401, code: 'access.signature-missing' });
		expect(await tried({ 'x-twilio-signature': 'x' })).toEqual({ status: 403, code: 'access.signature-wrong' });
		expect(await answer(twilioPeer({ address, authToken: 'other' }))).toEqual({
			status: 403,
			code: 'access.signature-wrong',
		});
		expect(intake.calls).toEqual([]);
	});

	test('is no door at all without a token', async () => {
		const { address } = await door({ authTokens: [] });
		expect(await answer(twilioPeer({ address, authToken }))).toEqual({ status: 404, code: 'request.not-found' });
		expect(await answer(twilioPeer({ address, authToken: '' }))).toEqual({ status: 404, code: 'request.not-found' });
	});

	test('without an API key brings in calls that can only be listened to, and has no door for a survey [S2]', async () => {
		const { address, intake } = await door();
		const peer = await twilioPeer({ address, authToken, parameters: { agent: 'ann', conference: 'room' } });
		peer.begin();
		await peer.settled();
		expect(intake.calls[0]?.incoming.control).toEqual({ abilities: [], cannot: 'no Twilio API key is set' });
		await expect(twilioPeer({ address, authToken, path: twilioSurveyPath })).rejects.toMatchObject({ status: 404 });
		expect(peer.received).toEqual([]);
	});

	test('goes by the public address, not by the Host header', async () => {
		const { address } = await door({ publicUrl: () => 'https://ycord.example.com' });
		const signedUrl = `wss://ycord.example.com${twilioPath}`;
		expect(await answer(twilioPeer({ address, authToken, signedUrl }))).toMatchObject({ status: 101 });
		for (const wrong of [undefined, `ws://ycord.example.com${twilioPath}`, `https://ycord.example.com${twilioPath}`]) {
			const headers = wrong && { headers: { 'x-twilio-signature': twilioSignature(authToken, wrong) } };
			expect(await answer(twilioPeer({ address, authToken, ...headers }))).toMatchObject({ status: 403 });
		}
	});

	test('on a local trial takes ws and wss as the signed address', async () => {
		const { address, wsAddress } = await door();
		for (const signedUrl of [wsAddress, wsAddress.replace('ws:', 'wss:')])
			expect(await answer(twilioPeer({ address, authToken, signedUrl }))).toMatchObject({ status: 101 });
	});

	test('loses nothing that comes in the same packet as the upgrade', async () => {
		const { address, wsAddress, intake } = await door();
		const { hostname, port } = new URL(address);
		const socket = connect(Number(port), hostname);
		onTestFinished(() => void socket.destroy());
		const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
		const start = { callSid: 'CA1', tracks: ['inbound'], mediaFormat, customParameters: { agent: 'ann' } };
		const payload = Buffer.from(tone(440, 20)).toString('base64');
		const messages = [
			{ event: 'connected', protocol: 'Call', version: '1.0.0' },
			{ event: 'start', sequenceNumber: '1', streamSid: 'MZ1', start },
			{ event: 'media', sequenceNumber: '2', streamSid: 'MZ1', media: { track: 'inbound', timestamp: '0', payload } },
		];
		const request = [
			`GET ${twilioPath} HTTP/1.1`,
			'Host: ycord',
			'Upgrade: websocket',
			'Connection: Upgrade',
			'Sec-WebSocket-Version: 13',
			`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
			`X-Twilio-Signature: ${twilioSignature(authToken, wsAddress)}`,
			'\r\n',
		].join('\r\n');
		socket.write(Buffer.concat([Buffer.from(request), ...messages.map((message) => frameOf(JSON.stringify(message)))]));
		await intake.when(() => intake.calls[0]?.pieces.length === 1);
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, tone(440, 20))).toBe(0);
	});

	test('closes with 1009 on more than the server reads at all, and with tooLarge below that', async () => {
		const { address, intake } = await door();
		const over = await twilioPeer({ address, authToken, parameters: { agent: 'ann' } });
		over.begin();
		over.send('x'.repeat(200_000));
		expect((await over.closed).code).toBe(1009);
		await intake.when(() => intake.calls[0]?.told.length === 1);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		const under = await twilioPeer({ address, authToken });
		under.send('x'.repeat(70_000));
		expect((await under.closed).code).toBe(closeCodes.tooLarge.code);
	});

	test('brings sound to its place through loss, repetition and disorder, and says nothing [S3]', async () => {
		const { address, intake } = await door();
		const peer = await twilioPeer({ address, authToken, parameters: { agent: 'ann' } });
		peer.begin();
		const seed = seedFor('a disordered stream');
		const inbound = tone(440, 2000);
		await peer.play({ inbound, outbound: tone(880, 2000) }, { disorder: { seed, duplicate: 0.1, late: 0.2 } });
		await peer.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, inbound)).toBe(0);
		await peer.play({ inbound }, { disorder: { seed, drop: 0.2 }, frame: 40 });
		await peer.settled();
		const lossy = intake.calls[0]?.heard('customer').subarray(inbound.length) as Uint8Array;
		expect(lossy.every((byte, at) => byte === inbound[at] || byte === 0xff)).toBe(true);
		expect(peer.received).toEqual([]);
	});

	test('reads sound in front of ws, which hears of everything else', async () => {
		const { address, app, intake } = await door();
		const peer = await twilioPeer({ address, authToken, parameters: { agent: 'ann' } });
		const heardByWs: string[] = [];
		for (const socket of app.websocketServer.clients)
			socket.on('message', (data) => heardByWs.push(JSON.parse(data.toString()).event));
		peer.begin();
		await peer.play({ inbound: tone(440, 1000) });
		peer.send({ event: 'mark', sequenceNumber: '9', mark: { name: 'x' } });
		await peer.settled();
		expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, tone(440, 1000))).toBe(0);
		// What came in the same chunk as something else is read by ws too.
		expect(heardByWs.filter((event) => event !== 'media')).toEqual(['connected', 'start', 'mark']);
		await peer.play({ inbound: tone(440, 20) });
		await peer.settled();
		const before = heardByWs.length;
		await peer.play({ inbound: tone(440, 200) });
		await peer.settled();
		expect(heardByWs.length).toBe(before);
	});

	test('hangs up by name when the server stops', async () => {
		const { address, app, intake } = await door();
		const peer = await twilioPeer({ address, authToken, parameters: { agent: 'ann' } });
		peer.begin();
		await peer.settled();
		await app.close();
		expect((await peer.closed).code).toBe(closeCodes.draining.code);
		expect(intake.calls[0]?.told).toEqual(['lost']);
	});
});

/** A text message as a client sends it: one masked frame. (RFC 6455, 5.2) */
function frameOf(text: string): Buffer {
	const payload = Buffer.from(text);
	const mask = randomBytes(4);
	const head =
		payload.length < 126
			? Buffer.from([0x81, 0x80 | payload.length])
			: Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
	return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] as number))]);
}
