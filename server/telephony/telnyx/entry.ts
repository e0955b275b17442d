import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import { keyedTestCall } from '#server/telephony/media-streams/test-call.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import type { TelnyxConfig } from '#server/telephony/telnyx/settings.ts';

/** Telnyx as the administrator sees it. */
export const telnyxEntry = (config: TelnyxConfig, publicUrl: () => string): GatewayEntry => ({
	name: 'telnyx',
	title: 'Telnyx media streams',
	on: config.telnyxKeys.length > 0,
	addresses: () => [
		{
			what: 'WebSocket of each stream; KEY is YCORD_TELNYX_KEY',
			address: socketAddress(publicUrl(), `${keyedPath(telnyxDialect)}/KEY`),
		},
	],
	settings: [
		{ name: 'YCORD_TELNYX_KEY', isSet: config.telnyxKeys.length > 0 },
		{ name: 'YCORD_TELNYX_KEY_SECONDARY', isSet: config.telnyxKeys.length > 1 },
		{ name: 'YCORD_TELNYX_AGENT', isSet: config.telnyxAgent !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'telnyx.md',
	...(config.telnyxKeys[0] ? { testCall: testWith(config.telnyxKeys[0]) } : {}),
});

const testWith = (key: string) => (signal: TestSignal) => keyedTestCall({ dialect: telnyxDialect, key, start }, signal);

const start = (_streamId: string, callId: string, agent: string) => ({
	start: {
		call_control_id: callId,
		custom_parameters: { agent, label: 'Test call' },
		media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
	},
});
