/**
 * A sound message with the head of its WebSocket frame before it, in one buffer: built once, and written as it is to
 * every listener's connection. Final, binary, not masked, its length in the fewest bytes. (RFC 6455, 5.2)
 */
const finalBinary = 0x82;
const lengthFollows = 126;

/** How long the head is before so many bytes; more than 65,535 are never in one message. */
export const headOf = (size: number): number => (size < lengthFollows ? 2 : 4);

/** A buffer with its head written, and room for a message of `size` bytes from `headOf(size)` on. */
export function framedRoom(size: number): Buffer {
	const framed = Buffer.allocUnsafe(headOf(size) + size);
	framed[0] = finalBinary;
	if (size < lengthFollows) framed[1] = size;
	else {
		framed[1] = lengthFollows;
		framed.writeUInt16BE(size, 2);
	}
	return framed;
}

/** The message in a framed one: a view, not a copy. */
export const unframed = (framed: Uint8Array): Uint8Array =>
	framed.subarray((framed[1] as number) < lengthFollows ? 2 : 4);
