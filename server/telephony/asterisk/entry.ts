import { type AsteriskGateway, asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { AsteriskConfig } from '#server/telephony/asterisk/settings.ts';
import { asteriskTestCall } from '#server/telephony/asterisk/test-call.ts';
import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';

/** Asterisk as the administrator sees it; once it is open, a test call can be made, unless we are who dials. */
export const asteriskEntry = (
	{ asterisk }: AsteriskConfig,
	publicUrl: () => string,
	bound?: () => AsteriskGateway | undefined,
): GatewayEntry => ({
	name: 'asterisk',
	title: 'Asterisk',
	on: asterisk !== undefined,
	addresses() {
		if (asterisk?.media === 'audiosocket') {
			const { host, port } = asterisk.audioSocket ?? { host: '', port: 0 };
			return [{ what: 'AudioSocket, used by Ycord itself', address: `${host}:${port}` }];
		}
		if (asterisk?.media === 'incoming') return [];
		return [{ what: 'uri in websocket_client.conf', address: socketAddress(publicUrl(), asteriskMediaPath) }];
	},
	settings: [
		{ name: 'YCORD_ASTERISK_URL', isSet: asterisk !== undefined },
		{ name: 'YCORD_ASTERISK_USER', isSet: asterisk !== undefined },
		{ name: 'YCORD_ASTERISK_PASSWORD', isSet: asterisk !== undefined },
		{ name: 'YCORD_ASTERISK_MEDIA_KEY', isSet: (asterisk?.mediaKeys.length ?? 0) > 0 },
		{ name: 'YCORD_ASTERISK_AGENT', isSet: asterisk?.agentId !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: false, hold: true, survey: true },
	guide: 'asterisk.md',
	...(asterisk && bound && asterisk.media !== 'incoming' ? { testCall: testWith(asterisk, bound) } : {}),
});

const testWith =
	(config: NonNullable<AsteriskConfig['asterisk']>, bound: () => AsteriskGateway | undefined) =>
	async (signal: TestSignal) => {
		const gateway = bound();
		if (!gateway) throw new Error('The gateway for Asterisk is not open.');
		return asteriskTestCall(config, gateway, signal);
	};
