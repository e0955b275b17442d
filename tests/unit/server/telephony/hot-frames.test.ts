import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { hotFrames, maxHotBytes, type TakeMessage } from '#server/telephony/hot-frames.ts';
import { maskedFrame } from '#tests/support/masked-frame.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const takeAll: TakeMessage = () => true;
/** What has to happen in turns of its own has happened. */
const settled = async () => {
	for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
};

/** A `ws` socket on a connection in memory, which reads exactly the chunks it is given; with `take`, read in front of it. */
function connected(take?: TakeMessage) {
	const written: Buffer[] = [];
	const connection = new Duplex({
		read() {},
		write(chunk, _encoding, done) {
			written.push(chunk);
			done();
		},
	}) as unknown as Socket;
	const server = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false });
	const request = {
		method: 'GET',
		headers: {
			upgrade: 'websocket',
			'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
			'sec-websocket-version': '13',
		},
	};
	/** What came of it all, in order. */
	const told: unknown[] = [];
	let isInFront: boolean | undefined;
	let socket: WebSocket | undefined;
	server.handleUpgrade(request as never, connection, Buffer.alloc(0), (one) => {
		socket = one;
		written.length = 0;
		const tell = (bytes: Uint8Array, isBinary: boolean) => told.push([Buffer.from(bytes).toString('latin1'), isBinary]);
		one.on('message', (data, isBinary) => tell(data as Buffer, isBinary));
		one.on('ping', (data) => told.push(['ping', data.toString('latin1')]));
		one.on('pong', (data) => told.push(['pong', data.toString('latin1')]));
		one.on('error', (error: Error & { code?: string }) => told.push(['error', error.code]));
		one.on('close', (code, reason) => told.push(['close', code, reason.toString()]));
		if (take)
			isInFront = hotFrames(one, connection, (bytes, isBinary) => {
				const isTaken = take(bytes, isBinary);
				if (isTaken) tell(bytes, isBinary);
				return isTaken;
			});
	});
	return {
		connection,
		socket: socket as WebSocket,
		told,
		isInFront,
		/** What was sent back: pongs and close frames. */
		written: () => Buffer.concat(written).toString('hex'),
	};
}

describe('reading in front of ws', () => {
	const seed = seedFor('frames in front of ws');
	const mask = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.constant(new Uint8Array(4)));
	const sizes = fc.oneof(
		fc.nat(20),
		fc.constantFrom(0, 124, 125, 126, 127, 160, 430, maxHotBytes - 1, maxHotBytes, maxHotBytes + 1),
	);
	/** Text is ASCII, so that it may be taken without a look; see below for what is not. */
	const payload = fc.tuple(sizes, fc.nat(255)).map(([size, first]) => {
		const bytes = Buffer.alloc(size, 'abcdefg');
		if (size > 0) bytes[0] = first & 0x7f;
		return bytes;
	});
	const message = fc
		.record({
			payload,
			opcode: fc.constantFrom(1, 2),
			mask,
			lengthBytes: fc.constantFrom(...Array(20).fill(undefined), 2, 8),
		})
		.map(({ payload, lengthBytes, ...shape }) =>
			maskedFrame(payload, { ...shape, ...(lengthBytes && payload.length < 65_536 ? { lengthBytes } : {}) } as never),
		);
	const control = fc
		.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }), mask })
		.map(({ payload, ...shape }) => maskedFrame(payload, shape));
	const fragments = fc
		.record({
			opcode: fc.constantFrom(1, 2),
			pieces: fc.array(
				fc.tuple(
					payload.map((bytes) => bytes.subarray(0, 900)),
					fc.option(control),
				),
				{ minLength: 2, maxLength: 4 },
			),
			mask,
		})
		.map(({ opcode, pieces, mask }) =>
			Buffer.concat(
				pieces.map(([piece, between], index) => {
					const fin = index === pieces.length - 1;
					const frame = maskedFrame(piece, { opcode: index === 0 ? opcode : 0, fin, mask });
					return between && !fin ? Buffer.concat([frame, between]) : frame;
				}),
			),
		);
	const close = fc
		.constantFrom([], [3, 232], [3, 233, 0x79], [3, 237], [0x13, 0x88], [3])
		.map((body) => maskedFrame(Uint8Array.from(body), { opcode: 8 }));
	const wrong = fc.oneof(
		fc.constant(maskedFrame('unmasked', { mask: 'none' })),
		fc.constantFrom(4096, 4097).map((size) => maskedFrame(Buffer.alloc(size))),
		fc.constant(maskedFrame(Uint8Array.of(0xc3, 0x28, 0xff), {})),
		fc.integer({ min: 1, max: 7 }).map((reserved) => maskedFrame('reserved', { reserved })),
		fc.constantFrom(3, 7, 11, 15).map((opcode) => maskedFrame('unknown', { opcode })),
		fc.constant(maskedFrame('goes on with nothing', { opcode: 0 })),
		fc.constant(maskedFrame('ping in two', { opcode: 9, fin: false })),
		fc.constant(maskedFrame(Buffer.alloc(130), { opcode: 9 })),
		fc.constant(Buffer.concat([maskedFrame('a', { fin: false }), maskedFrame('b')])),
		fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
	);
	const stream = fc
		.array(
			fc.oneof(
				{ weight: 40, arbitrary: message },
				{ weight: 4, arbitrary: control },
				{ weight: 3, arbitrary: fragments },
				{ weight: 1, arbitrary: close },
				{ weight: 1, arbitrary: wrong },
			),
			{ minLength: 1, maxLength: 25, size: 'max' },
		)
		.map((frames) => Buffer.concat(frames));

	function chunksOf(bytes: Buffer, chunkSeed: number, largest: number): Buffer[] {
		const random = randomNumbers(chunkSeed);
		const chunks: Buffer[] = [];
		for (let at = 0; at < bytes.length; ) {
			const size = 1 + random(largest);
			chunks.push(bytes.subarray(at, at + size));
			at += size;
		}
		return chunks;
	}

	/** Everything that came of a stream; a copy of each chunk, for `ws` unmasks in place. */
	async function read(chunks: readonly Buffer[], turns: boolean, ends: 'end' | 'destroy', take?: TakeMessage) {
		const one = connected(take);
		if (take) expect(one.isInFront).toBe(true);
		for (const chunk of chunks) {
			if (!one.connection.destroyed) one.connection.push(Buffer.from(chunk));
			if (turns) await new Promise(setImmediate);
		}
		await settled();
		if (ends === 'end' && !one.connection.destroyed) one.connection.push(null);
		else one.connection.destroy();
		await settled();
		const seen = { told: one.told, written: one.written() };
		one.connection.destroy();
		one.socket.terminate();
		return seen;
	}

	test('gives the same messages in the same order, the same answers and the same close as ws alone, however they are cut', async () => {
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(
				stream,
				fc.nat(),
				fc.constantFrom(1, 3, 12, 200, 1500, 40_000),
				fc.boolean(),
				fc.constantFrom('end', 'destroy'),
				async (bytes, chunkSeed, largest, turns, ends) => {
					const chunks = chunksOf(bytes.subarray(0, 30_000), chunkSeed, largest);
					const alone = await read(chunks, turns, ends as 'end');
					// What is taken must be right: of text that is known here, as of sound in the house.
					const takeSome: TakeMessage = (message, isBinary) => {
						if ((message[0] ?? 0) % 3 === 0 || (!isBinary && message.some((byte) => byte > 0x7f))) return false;
						taken++;
						return true;
					};
					expect(await read(chunks, turns, ends as 'end', takeSome)).toEqual(alone);
				},
			),
			{ seed, numRuns: 300 },
		);
		expect(taken).toBeGreaterThan(500);
	});

	/** Hands over whole chunks, each in a turn of its own. */
	const given = async ({ connection }: ReturnType<typeof connected>, ...chunks: Buffer[]) => {
		for (const chunk of chunks) {
			connection.push(chunk);
			await settled();
		}
	};

	test('takes a message that is whole, and one that comes in pieces, without ws hearing of it', async () => {
		const one = connected(takeAll);
		const heardByWs: unknown[] = [];
		one.socket.on('message', (data) => heardByWs.push(data));
		const frame = maskedFrame('x'.repeat(400));
		await given(
			one,
			frame,
			...[...frame].map((byte) => Buffer.of(byte)),
			Buffer.concat([frame, frame, frame.subarray(0, 9)]),
		);
		await given(one, frame.subarray(9));
		expect(one.told).toEqual(Array(5).fill(['x'.repeat(400), false]));
		expect(heardByWs).toEqual([]);
	});

	test('leaves what ws reads masked as it came, though it was looked at', async () => {
		const one = connected(() => false);
		await given(one, Buffer.concat([maskedFrame('one'), maskedFrame('two', { opcode: 2 })]));
		expect(one.told).toEqual([
			['one', false],
			['two', true],
		]);
	});

	test('takes messages again after a control frame, after fragments, and after a large one', async () => {
		let taken = 0;
		const one = connected(() => ++taken > 0);
		const large = maskedFrame(Buffer.alloc(maxHotBytes + 1));
		await given(one, maskedFrame('', { opcode: 9 }), maskedFrame('a'), large.subarray(0, 900), large.subarray(900));
		await given(one, maskedFrame('b', { fin: false }), maskedFrame('c', { opcode: 0 }), maskedFrame('d'));
		expect(taken).toBe(2);
		expect(one.told).toHaveLength(5);
	});

	test('takes messages again after a ping that was cut in its head', async () => {
		let taken = 0;
		const one = connected(() => ++taken > 0);
		const ping = maskedFrame('', { opcode: 9 });
		await given(one, ping.subarray(0, 1), ping.subarray(1), maskedFrame('a'));
		expect(taken).toBe(1);
	});

	test.each([
		['an unmasked message', [maskedFrame('not masked', { mask: 'none' })]],
		['one with a reserved bit', [maskedFrame('a', { reserved: 4 })]],
		['one between fragments', [maskedFrame('a', { fin: false }), maskedFrame('b')]],
		['a continuation of nothing', [maskedFrame('a', { opcode: 0 })]],
		['text that is not UTF-8, too large to be taken', [maskedFrame(Buffer.alloc(maxHotBytes + 1, 0xff))]],
		[
			'one whose length is written too long',
			[maskedFrame('a', { lengthBytes: 2 }), maskedFrame('b', { lengthBytes: 8 })],
		],
	])('leaves %s to ws', async (_what, frames) => {
		const alone = connected();
		await given(alone, ...frames.map((frame) => Buffer.from(frame)));
		const one = connected(takeAll);
		await given(one, ...frames);
		expect(one.told).toEqual(alone.told);
		expect(one.written()).toBe(alone.written());
	});

	test('loses nothing to ws that had come before the connection broke', async () => {
		const [first, second] = [maskedFrame('one'), maskedFrame('two')];
		const one = connected(takeAll);
		await given(one, first.subarray(0, 7));
		one.socket.pause();
		await given(one, Buffer.concat([first.subarray(7), second]));
		expect(one.told).toEqual([]);
		one.connection.destroy();
		await settled();
		expect(one.told).toEqual([
			['one', false],
			['two', false],
			['close', 1006, ''],
		]);
	});

	test('answers a ping between messages, and hears the pong of its own', async () => {
		const one = connected(takeAll);
		one.socket.ping();
		await given(
			one,
			Buffer.concat([maskedFrame('a'), maskedFrame('p', { opcode: 9 }), maskedFrame('', { opcode: 10 })]),
		);
		expect(one.told).toEqual([
			['a', false],
			['ping', 'p'],
			['pong', ''],
		]);
		expect(one.written()).toBe('8900' + '8a0170');
	});

	test('takes nothing after a close frame or an error, in the same chunk or later', async () => {
		for (const last of [maskedFrame(Uint8Array.of(3, 232), { opcode: 8 }), maskedFrame('', { reserved: 4 })]) {
			const one = connected(takeAll);
			await given(one, Buffer.concat([maskedFrame('a'), last, maskedFrame('b')]), maskedFrame('c'));
			expect(one.told[0]).toEqual(['a', false]);
			expect(one.told.flat()).not.toContain('b');
			expect(one.told.flat()).not.toContain('c');
			// ws has let go of the connection, and so have we.
			expect(one.connection.listenerCount('data')).toBe(0);
		}
	});

	test('still takes what comes between our close and the peer’s, and closes as it is told', async () => {
		const one = connected(takeAll);
		one.socket.close(1000);
		await given(one, maskedFrame('a'), maskedFrame(Uint8Array.of(3, 232), { opcode: 8 }));
		one.connection.push(null);
		await settled();
		expect(one.told).toEqual([
			['a', false],
			['close', 1000, ''],
		]);
	});

	test('holds back while ws has paused the connection', async () => {
		const one = connected(takeAll);
		await settled();
		one.socket.pause();
		await given(one, maskedFrame('a'));
		expect(one.told).toEqual([]);
		one.socket.resume();
		await settled();
		expect(one.told).toEqual([['a', false]]);
	});

	test('leaves everything to ws where its reader is not what we lean on', () => {
		const { connection, socket } = connected();
		const [toWs] = connection.rawListeners('data') as (() => void)[];
		expect(hotFrames(socket, undefined, takeAll)).toBe(false);
		expect(hotFrames(Object.create(socket, { extensions: { value: 'permessage-deflate' } }), connection, takeAll)).toBe(
			false,
		);
		const listensToo = () => {};
		connection.on('data', listensToo);
		expect(hotFrames(socket, connection, takeAll)).toBe(false);
		connection.off('data', listensToo);
		expect(connection.rawListeners('data')).toEqual([toWs]);
		expect(hotFrames(socket, connection, takeAll)).toBe(true);
		// A second reader in front of the first would take from it.
		expect(hotFrames(socket, connection, takeAll)).toBe(false);
		connection.off('data', toWs as () => void);
		expect(connection.rawListeners('data')).toEqual([]);
		expect(hotFrames(socket, connection, takeAll)).toBe(false);
	});
});
