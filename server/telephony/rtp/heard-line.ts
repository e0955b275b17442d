import type { RtpPayload } from '#server/telephony/rtp/stream.ts';
import type { MediaLine } from '#server/telephony/sdp/sdp.ts';

const heard: Readonly<Record<string, RtpPayload>> = { pcmu: 'pcmu', pcma: 'pcma', 'telephone-event': 'event' };

/** What of an `m=` line can be heard here, by payload type; undefined: nothing. SRTP is not done. */
export function heardPayloads(line: MediaLine): Map<number, RtpPayload> | undefined {
	const isPlainRtp = line.kind === 'audio' && line.port > 0 && /^RTP\/(?:AVP|AVPF)$/.test(line.transport);
	if (!isPlainRtp) return undefined;
	const payloads = new Map<number, RtpPayload>();
	for (const type of line.payloadTypes) {
		const { name = '', rate, channels } = line.encodings.get(type) ?? {};
		const what = heard[name];
		if (what && rate === 8000 && channels === 1) payloads.set(type, what);
	}
	return preferred(payloads) ? payloads : undefined;
}

/** The codec that comes first. */
export const preferred = (payloads: ReadonlyMap<number, RtpPayload>) =>
	[...payloads.values()].find((what) => what !== 'event');
