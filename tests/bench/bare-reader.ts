import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** What Ycord's gateways are measured against: reads the same wire with `ws`, counts its bytes and throws them away. */
let bytes = 0;
const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
	socket.on('message', (data: Buffer) => {
		bytes += data.length;
	});
});
server.listen(0, '127.0.0.1', () => {
	console.log(`Reading on port ${(server.address() as AddressInfo).port}`);
});
process.on('exit', () => console.log(`${bytes} bytes were read`));
