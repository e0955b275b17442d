/** How a frame to a server differs from a whole, masked text message. (RFC 6455, 5.2) */
export interface FrameShape {
	opcode?: number;
	/** False if fragments follow. */
	fin?: boolean;
	mask?: Uint8Array | 'none';
	/** The three reserved bits. */
	reserved?: number;
	/** How its length is written; as short as it can be unless said. */
	lengthBytes?: 0 | 2 | 8;
}

/** A WebSocket frame as a client sends it, or should not. */
export function maskedFrame(payload: Uint8Array | string, shape: FrameShape = {}): Buffer {
	const { opcode = 1, fin = true, mask = Uint8Array.of(7, 99, 180, 250), reserved = 0 } = shape;
	const bytes = Buffer.from(payload as string);
	const lengthBytes = shape.lengthBytes ?? (bytes.length < 126 ? 0 : bytes.length < 65_536 ? 2 : 8);
	const maskBit = mask === 'none' ? 0 : 0x80;
	const head = Buffer.alloc(2 + lengthBytes);
	head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
	head[1] = maskBit | (lengthBytes === 0 ? bytes.length : lengthBytes === 2 ? 126 : 127);
	if (lengthBytes === 2) head.writeUInt16BE(bytes.length, 2);
	if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(bytes.length), 2);
	if (mask === 'none') return Buffer.concat([head, bytes]);
	return Buffer.concat([head, mask, bytes.map((byte, at) => byte ^ (mask[at % 4] as number))]);
}
