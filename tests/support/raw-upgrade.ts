import { connect, type Socket } from 'node:net';

/** An upgrade request written by hand, for addresses that no WebSocket client would ask for. */
export function rawUpgrade(address: string, path: string, headers = ''): Socket {
	const socket = connect(Number(new URL(address).port), '127.0.0.1');
	// A connection that the server cuts off is part of what is tested.
	socket.on('error', () => {});
	socket.write(upgradeRequest(path, headers));
	return socket;
}

export const upgradeRequest = (path: string, headers = '') =>
	`GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;
