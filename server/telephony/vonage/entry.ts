import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';
import type { VonageConfig } from '#server/telephony/vonage/settings.ts';
import { vonageTestCall } from '#server/telephony/vonage/test-call.ts';
import { vonagePath } from '#server/telephony/vonage/vonage.ts';

/** Vonage as the administrator sees it: on with a key and the policy that allows a participant. */
export const vonageEntry = (config: VonageConfig, publicUrl: () => string): GatewayEntry => ({
	name: 'vonage',
	title: 'Vonage Voice API',
	on: config.vonageKeys.length > 0 && config.allowAudible,
	addresses: () => [
		{ what: 'uri of the websocket endpoint in the NCCO', address: socketAddress(publicUrl(), vonagePath) },
	],
	settings: [
		{ name: 'YCORD_VONAGE_KEY', isSet: config.vonageKeys.length > 0 },
		{ name: 'YCORD_ALLOW_AUDIBLE', isSet: config.allowAudible },
		{ name: 'YCORD_VONAGE_KEY_SECONDARY', isSet: config.vonageKeys.length > 1 },
		{ name: 'YCORD_VONAGE_AGENT', isSet: config.vonageAgent !== undefined },
	],
	abilities: { legs: 'mix', silent: false, clock: false, hold: false, survey: false },
	guide: 'vonage.md',
	...(config.vonageKeys[0] && config.allowAudible ? { testCall: testWith(config.vonageKeys[0]) } : {}),
});

const testWith = (key: string) => (signal: TestSignal) => vonageTestCall(key, signal);
