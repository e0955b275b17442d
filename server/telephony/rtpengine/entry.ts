import type { GatewayEntry } from '#server/telephony/desk.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import type { RtpengineConfig } from '#server/telephony/rtpengine/settings.ts';

/** rtpengine as the administrator sees it. */
export const rtpengineEntry = (
	{ rtpengine, rtp }: RtpengineConfig & RtpConfig,
	publicUrl: () => string,
): GatewayEntry => ({
	name: 'rtpengine',
	title: 'rtpengine (Kamailio, OpenSIPS)',
	on: rtpengine !== undefined,
	addresses: () =>
		rtpengine
			? [
					{ what: 'Where the proxy announces calls', address: `${publicUrl()}${rtpenginePath}` },
					{ what: 'Sound, UDP', address: `${rtp.address}:${rtp.from}–${rtp.to}` },
				]
			: [],
	settings: [
		{ name: 'YCORD_RTPENGINE', isSet: rtpengine !== undefined },
		{ name: 'YCORD_RTPENGINE_KEY', isSet: rtpengine !== undefined },
		{ name: 'YCORD_RTPENGINE_AGENT', isSet: rtpengine?.agentId !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'rtpengine.md',
});
