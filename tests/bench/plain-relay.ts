import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * What one would write first, and what Ycord is measured against: calls come in as Twilio media messages, and every
 * frame of every leg is sent to each listener as it comes. No signature, no sign-in, no record, no limits, no pairing.
 */
const listenersOf = new Map<string, Set<WebSocket>>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

function listeners(callId: string): Set<WebSocket> {
	const known = listenersOf.get(callId) ?? new Set();
	listenersOf.set(callId, known);
	return known;
}

sockets.on('connection', (socket, request) => {
	const [, door, callId = ''] = (request.url ?? '').split('/');
	if (door === 'listen') {
		const ears = listeners(callId);
		ears.add(socket);
		socket.on('close', () => ears.delete(socket));
		return;
	}
	let ears = new Set<WebSocket>();
	socket.on('message', (data) => {
		const message = JSON.parse(String(data));
		if (message.event === 'start') ears = listeners(message.start.callSid);
		if (message.event !== 'media') return;
		const frame = Buffer.from(message.media.payload, 'base64');
		for (const ear of ears) ear.send(frame);
	});
});

server.listen(0, '127.0.0.1', () => {
	console.log(`Relaying on port ${(server.address() as AddressInfo).port}`);
});
