/** An RTP packet, taken apart. The payload is a view of the bytes it was read from. */
export interface RtpPacket {
	payloadType: number;
	/** The first of a stretch of speech, where the sender leaves out silence. */
	marker: boolean;
	/** 16 bits, wraps. */
	sequence: number;
	/** In samples of the payload type's clock; 32 bits, wraps, begins anywhere. */
	timestamp: number;
	/** Who sends: another one is another stream. */
	ssrc: number;
	payload: Uint8Array;
}

const fixedHeaderBytes = 12;

/** Reads one datagram (RFC 3550, 5.1; header extensions 5.3.1). Undefined: it is no RTP, or cut short. */
export function readPacket(bytes: Buffer): RtpPacket | undefined {
	if (bytes.length < fixedHeaderBytes) return undefined;
	const first = bytes[0] as number;
	const second = bytes[1] as number;
	if (first >> 6 !== 2) return undefined;
	let from = fixedHeaderBytes + (first & 0x0f) * 4;
	if (first & 0x10) {
		if (bytes.length < from + 4) return undefined;
		from += 4 + bytes.readUInt16BE(from + 2) * 4;
	}
	let until = bytes.length;
	if (first & 0x20) {
		// The last byte says how many bytes of padding there are, itself among them.
		const padding = bytes[until - 1] as number;
		if (padding === 0) return undefined;
		until -= padding;
	}
	if (from > until) return undefined;
	return {
		payloadType: second & 0x7f,
		marker: (second & 0x80) !== 0,
		sequence: bytes.readUInt16BE(2),
		timestamp: bytes.readUInt32BE(4),
		ssrc: bytes.readUInt32BE(8),
		payload: bytes.subarray(from, until),
	};
}

/** RTCP on RTP's own port (RFC 5761, 4): its packet types 192 to 223 would be these payload types with a marker. */
export const isRtcp = (bytes: Buffer) =>
	bytes.length >= 2 && (bytes[1] as number) >= 192 && (bytes[1] as number) <= 223;
