import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { AsteriskConfig } from '#server/telephony/asterisk/settings.ts';
import { type GatewayEntry, socketAddress } from '#server/telephony/desk.ts';

/** Asterisk as the administrator sees it. */
export const asteriskEntry = ({ asterisk }: AsteriskConfig, publicUrl: () => string): GatewayEntry => ({
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
});
