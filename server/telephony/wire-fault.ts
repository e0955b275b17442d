import type { WebSocket } from 'ws';
import type { CloseReason } from '#shared/close-codes.ts';

/**
 * Tells of what `ws` would not read: a message over its `maxPayload`, frames and texts that are none. It has hung up by itself
 * then (1009, 1002, 1007; RFC 6455, 7.4.1), and this is a refusal like any other. What the network does is not told.
 */
export function onWireFault(socket: Pick<WebSocket, 'on'>, fault: (reason: CloseReason) => void): void {
	socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
		if (code.startsWith('WS_ERR_')) fault(code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'tooLarge' : 'malformed');
	});
}
