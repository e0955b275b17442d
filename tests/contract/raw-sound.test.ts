import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import * as ws from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import { framedRoom, headOf, unframed } from '#server/audio/framed.ts';
import type { SoundSocket } from '#server/audio/outbox.ts';
import { framedSoundOver } from '#server/audio/sound-socket.ts';

/** What writing past `ws` leans on, held to the `ws` that is installed. */
const stops: (() => unknown)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0).reverse()) await stop();
});

/** A server's end of a WebSocket with its sound socket, and a client that keeps what comes. */
async function connected() {
	const http = createServer();
	const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
	const server = Promise.withResolvers<{ socket: WebSocket; sound: SoundSocket }>();
	http.on('upgrade', (request, _socket, head) => {
		sockets.handleUpgrade(request, request.socket, head, (socket) => {
			server.resolve({ socket, sound: framedSoundOver(socket, request.socket) });
		});
	});
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	stops.push(() => new Promise((resolve) => http.close(resolve)));
	const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
	const came: (string | number[])[] = [];
	const closed = new Promise<number>((resolve) => client.on('close', resolve));
	client.on('message', (data: Buffer, isBinary) => came.push(isBinary ? [data.length, data[0] as number] : `${data}`));
	await new Promise((resolve) => client.once('open', resolve));
	stops.push(() => client.terminate());
	return { ...(await server.promise), client, came, closed };
}

/** The frame builder of `ws`, which its types leave out. */
const framed = (ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } }).Sender.frame;
const sound = (size: number, mark: number) => {
	const room = framedRoom(size);
	room.fill(mark, headOf(size));
	return room;
};

test.each([20, 125, 126, 340, 65_535])('a framed message of %i bytes is what ws itself would send', (size) => {
	const ours = sound(size, 7);
	const theirs = Buffer.concat(framed(Buffer.alloc(size, 7), { fin: true, opcode: 2, mask: false, rsv1: false }));
	expect(ours.equals(theirs)).toBe(true);
	expect(unframed(ours).length).toBe(size);
});

test('sound and what ws sends come whole and in the order in which they were sent, at any length', async () => {
	const { socket, sound: out, came, client } = await connected();
	const sent: (string | number[])[] = [];
	const last = Promise.withResolvers<void>();
	for (let n = 0; n < 500; n++) {
		const size = 1 + ((n * 7919) % 3000);
		out.write(sound(size, n % 256));
		sent.push([size, n % 256]);
		const text = `${n}`.repeat(1 + ((n * 31) % 200));
		if (n % 3 === 0) {
			socket.send(text);
			sent.push(text);
		}
		if (n % 50 === 0) socket.ping();
	}
	client.on('message', () => came.length === sent.length && last.resolve());
	await last.promise;
	expect(came).toEqual(sent);
});

test('nothing follows the close frame: what is written then goes nowhere, and is told as gone', async () => {
	const { socket, sound: out, came, closed } = await connected();
	out.write(sound(340, 1));
	socket.close(4410, 'over');
	let gone = 0;
	for (let n = 0; n < 5; n++) out.write(sound(340, 2), () => gone++);
	expect(gone).toBe(5);
	expect(await closed).toBe(4410);
	expect(came).toEqual([[340, 1]]);
});

test('what the other side does not read is told as waiting', async () => {
	const { sound: out, client } = await connected();
	client.pause();
	const block = sound(65_535, 3);
	for (let n = 0; n < 2000 && out.waiting === 0; n++) out.write(block);
	expect(out.waiting).toBeGreaterThan(0);
	const written = new Promise<void>((resolve) => out.write(block, resolve));
	client.resume();
	await written;
	expect(out.waiting).toBe(0);
});
