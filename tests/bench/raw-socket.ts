import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** The least WebSocket client there is (RFC 6455), so that many of them cost the load generator little. */
export interface RawSocket {
	/** Sends a text message in one write, masked as a client must. */
	send(text: string): void;
	/** Sends a message as `masked` made it. */
	write(message: Buffer): void;
	/** From now on what comes waits in the kernel until it is looked at, all of it at once. */
	readWhenLooked(): void;
	look(): void;
	destroy(): void;
}

export interface RawSocketOptions {
	port: number;
	path: string;
	headers: Readonly<Record<string, string>>;
	/** A message came: its bytes are `size` from `at` on, and are overwritten when this returns. */
	heard: (opcode: number, bytes: Buffer, at: number, size: number) => void;
	/** The other side has gone, or broke the protocol. */
	gone: (why: string) => void;
}

export const opcodes = { text: 1, binary: 2, close: 8 } as const;

/** One buffer for all reads of all sockets: each read is dealt with before the next. */
const readInto = Buffer.allocUnsafeSlow(262_144);
const mask = [0x37, 0xfa, 0x21, 0x3d] as const;

/** Connects to this machine and upgrades; rejects if the answer is not 101. */
export function rawSocket({ port, path, headers, heard, gone }: RawSocketOptions): Promise<RawSocket> {
	return new Promise((resolve, reject) => {
		let upgraded = false;
		let over = false;
		let whenLooked = false;
		let rest: Buffer | undefined;
		const socket = connect({
			host: '127.0.0.1',
			port,
			noDelay: true,
			onread: {
				buffer: readInto,
				callback(length, into) {
					if (!over) read(length, into as Buffer);
					return !whenLooked;
				},
			},
		});
		const fail = (why: string) => {
			if (over) return;
			over = true;
			if (upgraded) gone(why);
			else reject(new Error(`${path}: ${why}`));
			socket.destroy();
		};
		socket.on('error', (error) => fail(error.message));
		socket.on('close', () => fail('the connection was closed'));
		socket.on('end', () => fail('the connection was ended'));
		const fields = Object.entries({
			host: `127.0.0.1:${port}`,
			connection: 'Upgrade',
			upgrade: 'websocket',
			'sec-websocket-version': '13',
			'sec-websocket-key': randomBytes(16).toString('base64'),
			...headers,
		}).map(([name, value]) => `${name}: ${value}\r\n`);
		socket.write(`GET ${path} HTTP/1.1\r\n${fields.join('')}\r\n`);

		function read(length: number, into: Buffer) {
			let bytes = into;
			let end = length;
			if (rest) {
				bytes = Buffer.concat([rest, into.subarray(0, length)]);
				end = bytes.length;
				rest = undefined;
			}
			const at = upgraded ? messages(bytes, 0, end) : answer(bytes, end);
			if (at < end && !over) rest = Buffer.from(bytes.subarray(at, end));
		}

		/** Gives back how far was read. */
		function answer(bytes: Buffer, end: number): number {
			const headEnd = bytes.subarray(0, end).indexOf('\r\n\r\n');
			if (headEnd < 0) return 0;
			const head = bytes.toString('latin1', 0, headEnd);
			if (!head.startsWith('HTTP/1.1 101 ')) {
				fail(`the upgrade was refused: ${head.split('\r\n', 1)[0]}`);
				return end;
			}
			upgraded = true;
			resolve({
				send: (text) => socket.write(masked(text)),
				write: (message) => socket.write(message),
				readWhenLooked() {
					whenLooked = true;
					socket.pause();
				},
				look: () => socket.resume(),
				destroy() {
					over = true;
					socket.destroy();
				},
			});
			return messages(bytes, headEnd + 4, end);
		}

		function messages(bytes: Buffer, from: number, end: number): number {
			let at = from;
			while (at + 2 <= end) {
				let size = (bytes[at + 1] as number) & 0x7f;
				let head = 2;
				if (size === 127) {
					fail('a message longer than 64 KiB');
					return end;
				}
				if (size === 126) {
					if (at + 4 > end) break;
					size = bytes.readUInt16BE(at + 2);
					head = 4;
				}
				if (at + head + size > end) break;
				const opcode = (bytes[at] as number) & 0x0f;
				if (opcode === opcodes.close) {
					fail(`closed with ${size >= 2 ? bytes.readUInt16BE(at + head) : 'no code'}`);
					return end;
				}
				heard(opcode, bytes, at + head, size);
				at += head + size;
			}
			return at;
		}
	});
}

/** A text of Latin letters, or bytes, as one client message. */
export function masked(content: string | Buffer): Buffer {
	const size = content.length;
	const head = size < 126 ? 6 : 8;
	const message = Buffer.allocUnsafe(head + size);
	message[0] = 0x80 | (typeof content === 'string' ? opcodes.text : opcodes.binary);
	if (size < 126) message[1] = 0x80 | size;
	else {
		message[1] = 0x80 | 126;
		message.writeUInt16BE(size, 2);
	}
	for (let index = 0; index < 4; index++) message[head - 4 + index] = mask[index] as number;
	if (typeof content === 'string') message.write(content, head, 'latin1');
	else content.copy(message, head);
	for (let index = 0; index < size; index++)
		message[head + index] = (message[head + index] as number) ^ (mask[index & 3] as number);
	return message;
}
