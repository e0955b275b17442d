import type { RtpPayload } from '#server/telephony/rtp/stream.ts';
import type { Description, MediaLine } from '#server/telephony/sdp/sdp.ts';

/** One `m=` line we take: what comes on it, and whether anything does just now. */
export interface TakenLine {
	/** Its place among the `m=` lines. */
	place: number;
	line: MediaLine;
	payloads: Map<number, RtpPayload>;
	/** False while the recorder holds it. (RFC 7866, 7.1.1.1) */
	isActive: boolean;
}

const heard: Readonly<Record<string, RtpPayload>> = { pcmu: 'pcmu', pcma: 'pcma', 'telephone-event': 'event' };

/** What of an `m=` line we can hear; undefined: nothing. */
export function taken(line: MediaLine, place: number): TakenLine | undefined {
	const isPlainRtp = line.kind === 'audio' && line.port > 0 && /^RTP\/(?:AVP|AVPF)$/.test(line.transport);
	if (!isPlainRtp) return undefined;
	const payloads = new Map<number, RtpPayload>();
	for (const type of line.payloadTypes) {
		const { name = '', rate, channels } = line.encodings.get(type) ?? {};
		const what = heard[name];
		if (what && rate === 8000 && channels === 1) payloads.set(type, what);
	}
	const isSound = [...payloads.values()].some((what) => what !== 'event');
	const isActive = line.direction === 'sendonly' || line.direction === 'sendrecv';
	return isSound ? { place, line, payloads, isActive } : undefined;
}

/** The lines of an offer that are taken: the first two that can be heard. A third party on a call is in neither leg. */
export const takenLines = ({ media }: Description): TakenLine[] =>
	media.flatMap((line, place) => taken(line, place) ?? []).slice(0, 2);

/** The codec of the call: what its first line prefers. */
export const codecOf = ({ line, payloads }: TakenLine): 'pcmu' | 'pcma' => {
	const sounds = line.payloadTypes.map((type) => payloads.get(type));
	return sounds.find((what) => what === 'pcmu' || what === 'pcma') ?? 'pcmu';
};
