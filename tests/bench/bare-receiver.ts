import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What Ycord's RTP gateways are measured against: binds as many ports as it is asked for, counts the bytes that come and throws them away. */
let bytes = 0;
/** As much as Ycord asks of the kernel for each leg. */
const recvBufferSize = 65_536;

process.on('message', async ({ id, ask, ports = 0 }: { id: number; ask?: string; ports?: number }) => {
	if (ask !== 'bind') return;
	const answer: string[] = [];
	for (let count = 0; count < ports; count++) {
		const socket = createSocket({ type: 'udp4', recvBufferSize });
		socket.on('message', (datagram) => {
			bytes += datagram.length;
		});
		socket.bind(0, '127.0.0.1');
		await once(socket, 'listening');
		answer.push(String(socket.address().port));
	}
	process.send?.({ id, answer });
});
// Until something is bound, whoever may ask is all there is.
process.channel?.ref();
process.on('exit', () => console.log(`${bytes} bytes were read`));
