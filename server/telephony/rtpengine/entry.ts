import type { GatewayEntry, TestSignal } from '#server/telephony/desk.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import type { RtpengineConfig } from '#server/telephony/rtpengine/settings.ts';
import { type RtpengineTestNeeds, rtpengineTestCall } from '#server/telephony/rtpengine/test-call.ts';
import type { Clock } from '#shared/clock.ts';

/** rtpengine as the administrator sees it; with a clock, a test call can be made. */
export const rtpengineEntry = (
	{ rtpengine, rtp }: RtpengineConfig & RtpConfig,
	publicUrl: () => string,
	clock?: Clock,
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
		{ name: 'YCORD_RTPENGINE_KEY_SECONDARY', isSet: (rtpengine?.keys.length ?? 0) > 1 },
		{ name: 'YCORD_RTPENGINE_AGENT', isSet: rtpengine?.agentId !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'rtpengine.md',
	...(rtpengine && clock ? { testCall: testWith({ config: rtpengine, rtp, clock }) } : {}),
});

const testWith = (needs: RtpengineTestNeeds) => (signal: TestSignal) => rtpengineTestCall(needs, signal);
