import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { rtpPacket } from '#tests/support/rtp-packet.ts';

/** How sound is put into packets. */
export interface RtpPacketing {
	/** 0 PCMU, 8 PCMA. */
	payloadType?: number;
	ssrc?: number;
	/** The first ones; both wrap. */
	sequence?: number;
	timestamp?: number;
	/** Of one packet; 160 are 20 ms. */
	samples?: number;
	/** Which packets never arrive. */
	lost?: (packet: number) => boolean;
	/** When each is sent, counted in packets: any order, and the same one twice if it has two. */
	turns?: (packet: number) => readonly number[];
}

/** Sound as the datagrams of one sender, in the order in which they are sent. */
export function rtpPackets(sound: Uint8Array, how: RtpPacketing = {}): Buffer[] {
	const { payloadType = 0, ssrc = 0x1234_5678, sequence = 1, timestamp = 0, samples = 160 } = how;
	const { lost = () => false, turns = (packet) => [packet] } = how;
	const sent: { turn: number; bytes: Buffer }[] = [];
	for (let packet = 0, from = 0; from < sound.length; packet++, from += samples) {
		if (lost(packet)) continue;
		const bytes = rtpPacket({
			sequence: sequence + packet,
			timestamp: timestamp + from,
			payload: sound.subarray(from, from + samples),
			payloadType,
			ssrc,
			marker: packet === 0,
		});
		for (const turn of turns(packet)) sent.push({ turn, bytes });
	}
	return sent.sort((one, other) => one.turn - other.turn).map(({ bytes }) => bytes);
}

/** A phone's RTP socket: what it says, and what it hears. */
export interface RtpSender {
	readonly port: number;
	/** The payloads that came, in order of coming. */
	readonly heard: Uint8Array[];
	/** What came on the port beside it, where reports of reception go. */
	readonly reports: Uint8Array[];
	/** Resolves once so many payloads have come. */
	hears(count: number): Promise<void>;
	/** The same sender goes on where it stopped, or with a jump by `how`; gives back how many packets were sent. */
	say(sound: Uint8Array, how?: RtpPacketing): number;
	/** One datagram as it is. */
	raw(bytes: Uint8Array): void;
	/** Where it sends to from now on. */
	to(port: number): void;
	close(): void;
}

export async function rtpSender(host = '127.0.0.1', ssrc = 1): Promise<RtpSender> {
	const { from } = await freeRtpRange(1);
	const socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 262_144 }).bind(from, host);
	const beside = createSocket('udp4').bind(from + 1, host);
	await Promise.all([once(socket, 'listening'), once(beside, 'listening')]);
	const heard: Uint8Array[] = [];
	const reports: Uint8Array[] = [];
	beside.on('message', (bytes) => reports.push(bytes));
	let came = () => {};
	socket.on('message', (bytes) => {
		heard.push(bytes.subarray(12));
		came();
	});
	let target = 0;
	let [sequence, timestamp] = [65_530, 2 ** 32 - 800];
	return {
		port: socket.address().port,
		heard,
		reports,
		async hears(count) {
			while (heard.length < count)
				await new Promise<void>((resolve) => {
					came = resolve;
				});
		},
		say(sound, how = {}) {
			const packets = Math.ceil(sound.length / (how.samples ?? 160));
			const sent = rtpPackets(sound, { ssrc, sequence, timestamp, ...how });
			for (const bytes of sent) socket.send(bytes, target, host);
			sequence = ((how.sequence ?? sequence) + packets) % 65_536;
			timestamp = ((how.timestamp ?? timestamp) + sound.length) % 2 ** 32;
			return sent.length;
		},
		raw: (bytes) => socket.send(bytes, target, host),
		to(port) {
			target = port;
		},
		close() {
			socket.close();
			beside.close();
		},
	};
}
