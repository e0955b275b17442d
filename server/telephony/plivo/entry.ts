import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import { keyedTestCall } from '#server/telephony/media-streams/test-call.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import type { PlivoConfig } from '#server/telephony/plivo/settings.ts';

/** Plivo as the administrator sees it. */
export const plivoEntry = (config: PlivoConfig, publicUrl: () => string): GatewayEntry => ({
	name: 'plivo',
	title: 'Plivo media streams',
	on: config.plivoKeys.length > 0,
	addresses: () => [
		{
			what: 'WebSocket of each stream; KEY is YCORD_PLIVO_KEY',
			address: socketAddress(publicUrl(), `${keyedPath(plivoDialect)}/KEY`),
		},
	],
	settings: [
		{ name: 'YCORD_PLIVO_KEY', isSet: config.plivoKeys.length > 0 },
		{ name: 'YCORD_PLIVO_KEY_SECONDARY', isSet: config.plivoKeys.length > 1 },
		{ name: 'YCORD_PLIVO_AGENT', isSet: config.plivoAgent !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'plivo.md',
	...(config.plivoKeys[0] ? { testCall: testWith(config.plivoKeys[0]) } : {}),
});

const testWith = (key: string) => (signal: TestSignal) => keyedTestCall({ dialect: plivoDialect, key, start }, signal);

const start = (streamId: string, callId: string, agent: string) => ({
	start: {
		callId,
		streamId,
		tracks: ['inbound', 'outbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
	},
	extra_headers: `agent=${agent};label=Test call`,
});
