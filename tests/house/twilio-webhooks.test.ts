import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { signedForm, twilioSignature } from '#server/telephony/twilio/signature.ts';
import { openHouse, twilioToken } from '#tests/support/house.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

test('a call that Twilio asks about comes with its token, is shown as lost while it lives, and as ended when it has', async () => {
	const app = await openHouse();
	const address = app.address();
	const callSid = `CA${randomBytes(16).toString('hex')}`;
	const post = (path: string, fields: Record<string, string>) => {
		const body = new URLSearchParams({ AccountSid: 'AC1', CallSid: callSid, ...fields });
		const signature = twilioSignature(twilioToken, signedForm(address + path, body));
		return fetch(address + path, { method: 'POST', body, headers: { 'x-twilio-signature': signature } });
	};
	const from = '+41791234567';
	const twiml = await (await post('/telephony/twilio/voice?agent=ann&queue=orders', { From: from })).text();
	const parameters = Object.fromEntries(
		[...twiml.matchAll(/<Parameter name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value ?? '']),
	);
	const peer = await twilioPeer({ address, authToken: twilioToken, callSid, parameters });
	onTestFinished(() => peer.drop());
	peer.begin();
	const at = () => app.sessions.get(`twilio-${callSid}`)?.call;
	await shown(app, () => at()?.at === 'live');
	expect(at()?.label).toBe('Caller …567');
	peer.drop();
	await shown(app, () => at()?.at === 'lost');
	expect((await post('/telephony/twilio/status', { CallStatus: 'completed' })).status).toBe(204);
	await shown(app, () => at()?.at === 'ended');
	for (const secret of [parameters.token ?? 'missing', from, twilioToken]) expect(app.log()).not.toContain(secret);
});
