import type { WebSocket } from 'ws';
import { type CloseReason, closeCodes } from '#shared/close-codes.ts';

/** A close frame holds 125 bytes, two of them the code. (RFC 6455, 5.5) */
const maxReasonBytes = 123;

/**
 * Hangs up by name; a socket that is already closing is left alone. `why` says what was wrong in our own words: it must
 * never repeat what the peer sent.
 */
export function hangUp(socket: Pick<WebSocket, 'close'>, reason: CloseReason, why?: string): void {
	const { code, text } = closeCodes[reason];
	socket.close(code, fitting(why ? `${text}: ${why}` : text));
}

/** As much of a text as a close frame holds, never half a character. */
function fitting(text: string): string {
	const room = new Uint8Array(maxReasonBytes);
	return text.slice(0, new TextEncoder().encodeInto(text, room).read);
}
