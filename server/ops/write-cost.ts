import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const connections = 4;
const messageBytes = 344;
/** Each turn is a millisecond or so of the loop, and there are this many: who is here already does not notice. */
const turns = 20;
const perTurn = 100;

/**
 * What writing a sound message to a connection takes on this machine, in ms: the median of a few short turns on loopback
 * connections of its own. Rejects if there is no loopback.
 */
export async function writeCost(): Promise<number> {
	const server = createServer((socket) => socket.resume().on('error', () => {}));
	const clients: Socket[] = [];
	try {
		await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		for (let n = 0; n < connections; n++) {
			const client = connect({ host: '127.0.0.1', port, noDelay: true });
			clients.push(client);
			await new Promise<void>((resolve, reject) => client.once('error', reject).once('connect', resolve));
		}
		const message = Buffer.alloc(messageBytes);
		const took: number[] = [];
		for (let turn = 0; turn < turns; turn++) {
			const before = performance.now();
			for (let n = 0; n < perTurn; n++) (clients[n % connections] as Socket).write(message);
			took.push((performance.now() - before) / perTurn);
			await new Promise((resolve) => setImmediate(resolve));
		}
		return took.sort((a, b) => a - b)[turns >> 1] as number;
	} finally {
		for (const client of clients) client.destroy();
		server.close();
	}
}
