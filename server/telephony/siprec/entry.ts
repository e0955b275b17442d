import type { GatewayEntry } from '#server/telephony/desk.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import type { SiprecConfig } from '#server/telephony/siprec/settings.ts';
import type { SiprecGateway } from '#server/telephony/siprec/siprec.ts';
import { siprecTestCall } from '#server/telephony/siprec/test-call.ts';
import type { Clock } from '#shared/clock.ts';

/** SIPREC as the administrator sees it. */
export const siprecEntry = (
	{ siprec, rtp }: SiprecConfig & RtpConfig,
	bound: () => SiprecGateway | undefined,
	clock?: Clock,
): GatewayEntry => ({
	name: 'siprec',
	title: 'SIPREC (session border controllers)',
	on: siprec !== undefined,
	addresses: () =>
		siprec
			? [
					{
						what: 'Recording server, UDP and TCP',
						address: `sip:ycord@${rtp.address}:${bound()?.port ?? siprec.port}`,
					},
					...(siprec.tls
						? [
								{
									what: 'Recording server, TLS',
									address: `sips:ycord@${rtp.address}:${bound()?.tlsPort ?? siprec.tls.port}`,
								},
							]
						: []),
					{ what: 'Sound, UDP', address: `${rtp.address}:${rtp.from}–${rtp.to}` },
				]
			: [],
	settings: [
		{ name: 'YCORD_SIPREC_SOURCES', isSet: siprec !== undefined },
		{ name: 'YCORD_SIPREC_AGENTS', isSet: siprec?.agentPattern !== undefined },
		{ name: 'YCORD_SIPREC_AGENT', isSet: siprec?.agentId !== undefined },
		{ name: 'YCORD_SIPREC_TLS_PORT', isSet: siprec?.tls !== undefined },
		{ name: 'YCORD_SIPREC_TLS_CERT', isSet: siprec?.tls !== undefined },
		{ name: 'YCORD_SIPREC_TLS_KEY', isSet: siprec?.tls !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: true, hold: true, survey: false },
	guide: 'siprec.md',
	...(siprec && clock
		? { testCall: (signal) => siprecTestCall({ config: siprec, rtp, gateway: bound, clock }, signal) }
		: {}),
});
