import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rtpPorts } from '#server/telephony/rtp/ports.ts';
import { reportEveryMs, rtpReceiver } from '#server/telephony/rtp/receiver.ts';
import { readRtcp, writeReport } from '#server/telephony/rtp/report.ts';
import { handClock } from '#tests/support/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { rtpPacket } from '#tests/support/rtp-packet.ts';

const host = '127.0.0.1';

/** A receiver on a port of its own and a socket to send to it. */
async function hearing(source: { address: string } | 'first' = { address: host }) {
	const ports = rtpPorts({ host, ...(await freeRtpRange(4)) });
	const port = await ports.open();
	if (!port) throw new Error('no port');
	const clock = handClock();
	const heard: Uint8Array[] = [];
	let tell = () => {};
	const receiver = rtpReceiver({
		port,
		clock,
		source,
		payloads: new Map([[0, 'pcmu' as const]]),
		codec: 'pcmu',
		nowMs: () => 0,
		failed(error) {
			throw error;
		},
		sound(data) {
			heard.push(data.slice());
			tell();
		},
	});
	const [rtp, rtcp] = await pair();
	onTestFinished(() => {
		ports.close();
		rtp.close();
		rtcp.close();
	});
	return {
		ports,
		clock,
		heard,
		receiver,
		rtp,
		rtcp,
		next: () =>
			new Promise<void>((resolve) => {
				tell = resolve;
			}),
	};
}

/** Two neighbouring ports, as a sender has them. */
async function pair() {
	const { from } = await freeRtpRange(1);
	const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
	for (const [place, socket] of sockets.entries()) {
		socket.bind(from + place, host);
		await once(socket, 'listening');
	}
	return sockets;
}

describe('a leg’s port', () => {
	test('is even, its neighbour is bound too, and it is used again as late as possible', async () => {
		const ports = rtpPorts({ host, ...(await freeRtpRange(3)) });
		onTestFinished(() => ports.close());
		const [one, two] = [await ports.open(), await ports.open()];
		expect([one, two].map((port) => (port?.port ?? 1) % 2)).toEqual([0, 0]);
		one?.close();
		expect((await ports.open())?.port).not.toBe(one?.port);
	});
	test('is refused when all are taken, and free again when one is closed [B1]', async () => {
		const ports = rtpPorts({ host, ...(await freeRtpRange(2)) });
		onTestFinished(() => ports.close());
		const open = await Promise.all([ports.open(), ports.open(), ports.open()]);
		expect(open.map((port) => port !== undefined).sort()).toEqual([false, true, true]);
		expect(ports.taken).toBe(2);
		open.find((port) => port)?.close();
		expect(await ports.open()).toBeDefined();
	});
	test('that somebody else has is left to them', async () => {
		const range = await freeRtpRange(2);
		const theirs = createSocket('udp4').bind(range.from + 1, host);
		await once(theirs, 'listening');
		const ports = rtpPorts({ host, ...range });
		onTestFinished(() => {
			ports.close();
			theirs.close();
		});
		expect((await ports.open())?.port).toBe(range.from + 2);
	});
});

describe('a leg’s receiver', () => {
	test('hears its sender, and reports what arrived to the port beside the sender’s', async () => {
		const { clock, heard, receiver, rtp, rtcp, next } = await hearing();
		const came = next();
		rtp.send(rtpPacket({ sequence: 9, timestamp: 1, payload: new Uint8Array(160).fill(5) }), receiver.port, host);
		await came;
		expect(heard).toHaveLength(1);
		const reported = once(rtcp, 'message');
		clock.advance(reportEveryMs);
		const [bytes] = (await reported) as [Buffer];
		expect([bytes[1], bytes.readUInt32BE(8), bytes.readUInt32BE(16)]).toEqual([201, 0x1234_5678, 9]);
	});
	test('hears nobody else: sound of a stranger is dropped and counted', async () => {
		const { heard, receiver, rtp } = await hearing({ address: '192.0.2.1' });
		const other = await hearing();
		rtp.send(rtpPacket({ sequence: 1, timestamp: 1, payload: new Uint8Array(160) }), receiver.port, host);
		// Behind it, on another receiver's port: when that is there, the first one is too.
		const came = other.next();
		other.rtp.send(rtpPacket({ sequence: 1, timestamp: 1, payload: new Uint8Array(160) }), other.receiver.port, host);
		await came;
		expect([heard.length, receiver.strangers]).toEqual([0, 1]);
	});
});

describe('reports (RFC 3550, 6.4)', () => {
	const reception = { ssrc: 7, highest: 0x1_0010, expected: 100, received: 75, jitter: 12 };
	test('say the loss since the last one, the loss of all, and when the sender spoke', () => {
		const bytes = writeReport(1, reception, { expected: 50, received: 50 }, { ssrc: 7, middle: 99, atMs: 1000 }, 1500);
		expect(bytes.readUInt16BE(2)).toBe(7);
		expect(bytes[12]).toBe(128);
		expect(bytes.readIntBE(13, 3)).toBe(25);
		expect(bytes.readUInt32BE(16)).toBe(0x1_0010);
		expect([bytes.readUInt32BE(24), bytes.readUInt32BE(28)]).toEqual([99, 32_768]);
		expect(bytes.length % 4).toBe(0);
		expect(bytes.subarray(42, 47).toString()).toBe('ycord');
	});
	test('of a sender are read, whatever else is in the datagram, and cut ones are left', () => {
		const sender = Buffer.alloc(28);
		sender[0] = 0x80;
		sender[1] = 200;
		sender.writeUInt16BE(6, 2);
		sender.writeUInt32BE(7, 4);
		sender.writeUInt32BE(0xaabb_ccdd, 10);
		const leaves = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 7]);
		expect(readRtcp(Buffer.concat([sender, leaves]), 5)).toEqual({
			said: { ssrc: 7, middle: 0xaabb_ccdd, atMs: 5 },
			leaves: true,
		});
		for (let length = 0; length < sender.length; length++)
			expect(readRtcp(sender.subarray(0, length), 5)).toEqual({ leaves: false });
	});
});
