import { expect, onTestFinished } from 'vitest';
import { openHouse } from '#tests/support/house.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { twilioStandIn } from '#tests/support/twilio-api.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

/** A house with an API key, and a call in a conference that it listens to. */
export async function houseWithKey(authToken: string) {
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
	await shown(app, () => app.sessions.get(`twilio-${customer}`) !== undefined);
	const control = app.intake.control(`twilio-${customer}`);
	if (!control?.take || !control.release) throw new Error('the call cannot be taken');
	return { app, platform, customer, listening, take: control.take, release: control.release };
}
