import type { Asked } from '#server/telephony/sip/endpoint.ts';
import { type HeaderLines, headerOf, parameterOf } from '#server/telephony/sip/message.ts';

/** When the other side will say again that it lives, and how we agree. (RFC 4028, 9) It does so, not we. */
export function sessionTimer({ request }: Asked): { seconds: number; headers: HeaderLines } | undefined {
	const seconds = Number(/^\d{1,6}/.exec(headerOf(request, 'session-expires') ?? '')?.[0]);
	const isSupported = request.headers.get('supported')?.some((one) => one.toLowerCase() === 'timer');
	// Whoever wants it of us gets no timer: we look for ourselves whether they are there.
	const isOurs = parameterOf(headerOf(request, 'session-expires') ?? '', 'refresher')?.toLowerCase() === 'uas';
	if (!(seconds >= 90) || !isSupported || isOurs) return undefined;
	return {
		seconds,
		headers: [
			['Require', 'timer'],
			['Session-Expires', `${seconds};refresher=uac`],
		],
	};
}
