/** What a sender of RTP says of one packet. */
export interface RtpFields {
	sequence: number;
	timestamp: number;
	payload: Uint8Array;
	payloadType?: number;
	marker?: boolean;
	ssrc?: number;
	/** Header parts that a receiver has to step over. */
	csrcs?: number;
	extensionWords?: number;
	padding?: number;
}

/** An RTP packet as RFC 3550, 5.1 draws it. */
export function rtpPacket(fields: RtpFields): Buffer {
	const { payloadType = 0, marker = false, ssrc = 0x1234_5678, csrcs = 0, extensionWords, padding = 0 } = fields;
	const extension = extensionWords === undefined ? 0 : 4 + extensionWords * 4;
	const header = Buffer.alloc(12 + csrcs * 4 + extension, 0xab);
	header[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension > 0 ? 0x10 : 0) | csrcs;
	header[1] = (marker ? 0x80 : 0) | payloadType;
	header.writeUInt16BE(fields.sequence & 0xffff, 2);
	header.writeUInt32BE(fields.timestamp >>> 0, 4);
	header.writeUInt32BE(ssrc >>> 0, 8);
	if (extensionWords !== undefined) header.writeUInt16BE(extensionWords, 12 + csrcs * 4 + 2);
	const tail = Buffer.alloc(padding);
	if (padding > 0) tail[padding - 1] = padding;
	return Buffer.concat([header, fields.payload, tail]);
}
