import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

/**
 * The plain relay with socket.io 4 for the listeners: a room for each call, and every frame of every leg emitted to it as it
 * comes. WebSocket only, without compression; calls come in over `ws`, for Twilio speaks nothing else.
 */
const server = createServer();
const rooms = new Server(server, { transports: ['websocket'], serveClient: false, destroyUpgrade: false });
const gateway = new WebSocketServer({ noServer: true, perMessageDeflate: false });

rooms.on('connection', (socket) => socket.join(String(socket.handshake.query.call)));
server.on('upgrade', (request, socket, head) => {
	if (request.url !== '/call') return;
	gateway.handleUpgrade(request, socket, head, (call) => {
		let room = '';
		call.on('message', (data) => {
			const message = JSON.parse(String(data));
			if (message.event === 'start') room = message.start.callSid;
			if (message.event !== 'media') return;
			rooms.to(room).emit('frame', Buffer.from(message.media.payload, 'base64'));
		});
	});
});

server.listen(0, '127.0.0.1', () => {
	console.log(`Relaying on port ${(server.address() as AddressInfo).port}`);
});
