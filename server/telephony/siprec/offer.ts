import { heardPayloads, preferred } from '#server/telephony/rtp/heard-line.ts';
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

/** What of an `m=` line we can hear; undefined: nothing. */
export function taken(line: MediaLine, place: number): TakenLine | undefined {
	const payloads = heardPayloads(line);
	const isActive = line.direction === 'sendonly' || line.direction === 'sendrecv';
	return payloads && { place, line, payloads, isActive };
}

/** The lines of an offer that are taken: the first two that can be heard. A third party on a call is in neither leg. */
export const takenLines = ({ media }: Description): TakenLine[] =>
	media.flatMap((line, place) => taken(line, place) ?? []).slice(0, 2);

/** The codec of the call: what its first line prefers. */
export const codecOf = ({ payloads }: TakenLine) => preferred(payloads) ?? 'pcmu';
