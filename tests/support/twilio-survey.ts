import { expect, onTestFinished } from 'vitest';
import type { Control } from '#server/telephony/control.ts';
import { lookEveryMs } from '#server/telephony/twilio/control.ts';
import { twilio } from '#server/telephony/twilio/twilio.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { hurryingClock } from '#tests/support/hurrying-clock.ts';
import { type RecordedCall, recordingIntake } from '#tests/support/recording-intake.ts';
import { twilioStandIn } from '#tests/support/twilio-api.ts';
import { type TwilioPeerOptions, twilioPeer } from '#tests/support/twilio-peer.ts';

const authToken = 'token-of-the-account';
const publicUrl = 'https://ycord.example.com';
/** Pauses between two tries of one request, and between two looks. */
const pausesMs = [250, lookEveryMs];

/**
 * Ycord's Twilio gateway beside the platform's stand-in, with customer and agent talking in a conference and the call
 * listened to. At the end nothing may have been asked that is not documented.
 */
export async function twilioCall(parameters: Record<string, string> = {}, peer: Partial<TwilioPeerOptions> = {}) {
	const clock = handClock();
	const intake = recordingIntake();
	let address = '';
	const platform = await twilioStandIn({ address: () => address, authToken });
	const opened = await gatewayDoor(async (door) => {
		await door.register(twilio, {
			intake,
			clock: hurryingClock(clock, pausesMs),
			publicUrl: () => publicUrl,
			authTokens: [authToken],
			key: platform.key,
		});
	});
	address = opened.address;
	onTestFinished(async () => {
		await opened.app.close();
		await platform.close();
		expect(platform.wrong).toEqual([]);
	});

	const customer = platform.call('room 7 & more');
	const agent = platform.call('room 7 & more');
	const stream: TwilioPeerOptions = {
		address,
		authToken,
		signedUrl: `wss://ycord.example.com/telephony/twilio`,
		callSid: customer,
		accountSid: platform.key.accountSid,
		parameters: { agent: 'ann', conference: 'room 7 & more', ...parameters },
		...peer,
	};
	const listening = await twilioPeer(stream);
	listening.begin();
	await listening.settled();
	const call = intake.calls[0] as RecordedCall;
	const control = call.incoming.control as Required<Control>;
	// Whoever looks into the conference sees where everybody went, not who is on the way.
	platform.answer = async ({ what }) => {
		if (what === 'list conferences' && platform.goesOn)
			await platform.when(() => platform.whereIs(customer) !== 'stream');
		return undefined;
	};
	const lost: string[] = [];
	const { promise: whenLost, resolve: isLost } = Promise.withResolvers<void>();
	const take = () =>
		control.take({ agent: 'muted', shownAs: 'a leader' }, () => {
			lost.push('lost');
			isLost();
		});
	return {
		clock,
		intake,
		platform,
		app: opened.app,
		address,
		authToken,
		customer,
		agent,
		listening,
		call,
		control,
		lost,
		whenLost,
		take,
		stream,
	};
}

export const room = 'conference room 7 & more';
