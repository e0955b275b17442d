import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The least that lets two people talk, and what a survey segment is measured against: two sockets of a name are a pair,
 * and what one sends the other gets, as it comes. Nobody is asked, nothing is paced, bounded or on record.
 */
const waiting = new Map<string, WebSocket>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

sockets.on('connection', (socket, { url = '' }) => {
	const other = waiting.get(url);
	if (!other) return void waiting.set(url, socket);
	waiting.delete(url);
	socket.on('message', (data) => other.send(data));
	other.on('message', (data) => socket.send(data));
});

server.listen(0, '127.0.0.1', () => {
	console.log(`Relaying on port ${(server.address() as AddressInfo).port}`);
});
