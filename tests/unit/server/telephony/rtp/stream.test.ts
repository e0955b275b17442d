import { describe, expect, test } from 'vitest';
import { legTrack } from '#server/calls/leg-track.ts';
import { readPacket } from '#server/telephony/rtp/packet.ts';
import { type RtpPayload, rtpStream } from '#server/telephony/rtp/stream.ts';
import { tableOf } from '#shared/g711.ts';
import { rtpPacket } from '#tests/support/rtp-packet.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';

const payloads = new Map<number, RtpPayload>([
	[0, 'pcmu'],
	[8, 'pcma'],
	[101, 'event'],
]);

/** A stream whose sound is laid on one strip by the port's own track, with time in the test's hand. */
function heard() {
	let nowMs = 0;
	const pieces: { at: number; data: Uint8Array }[] = [];
	const strip = new Map<number, Uint8Array>();
	const track = legTrack({
		codec: 'pcmu',
		startedAtMs: 0,
		now: () => nowMs,
		frame(index, bytes) {
			strip.set(index, bytes.slice());
			return 0;
		},
	});
	let digits = 0;
	const stream = rtpStream({
		payloads,
		codec: 'pcmu',
		nowMs: () => nowMs,
		sound(data, at) {
			pieces.push({ at, data: data.slice() });
			track.sound(data, at);
		},
		digit() {
			digits++;
		},
	});
	return {
		stream,
		pieces,
		strip,
		digits: () => digits,
		at(ms: number) {
			nowMs = ms;
		},
		samples(first: number, count: number) {
			const all = new Uint8Array(count * 160);
			for (let n = 0; n < count; n++) all.set(strip.get(first + n) ?? new Uint8Array(160), n * 160);
			return all;
		},
	};
}

const ramp = (from: number, length: number) => Uint8Array.from({ length }, (_, n) => ((from + n) % 250) + 1);

describe('a packet (RFC 3550, 5.1)', () => {
	test('has its payload behind contributing sources, an extension, and before padding', () => {
		const payload = ramp(0, 160);
		for (const more of [{}, { csrcs: 15 }, { extensionWords: 0 }, { csrcs: 2, extensionWords: 3, padding: 7 }])
			expect(
				readPacket(rtpPacket({ sequence: 65_535, timestamp: 2 ** 32 - 1, payload, marker: true, ...more })),
			).toMatchObject({
				payloadType: 0,
				marker: true,
				sequence: 65_535,
				timestamp: 2 ** 32 - 1,
				ssrc: 0x1234_5678,
				payload: Buffer.from(payload),
			});
	});
	test('that is cut anywhere, or of another version, or padded beyond itself, is none', () => {
		const whole = rtpPacket({ sequence: 1, timestamp: 1, payload: new Uint8Array(0), csrcs: 3, extensionWords: 2 });
		for (let length = 0; length < whole.length; length++) expect(readPacket(whole.subarray(0, length))).toBeUndefined();
		expect(readPacket(whole)).toBeDefined();
		expect(readPacket(Buffer.from(whole).fill(0x40, 0, 1))).toBeUndefined();
		const padded = rtpPacket({ sequence: 1, timestamp: 1, payload: new Uint8Array(4), padding: 3 });
		padded[padded.length - 1] = 200;
		expect(readPacket(padded)).toBeUndefined();
		padded[padded.length - 1] = 0;
		expect(readPacket(padded)).toBeUndefined();
	});
	test('of random bytes is read or left, and never throws', () => {
		const random = randomNumbers(seedFor('random datagrams'));
		const { stream } = heard();
		for (let turn = 0; turn < 20_000; turn++) {
			const bytes = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
			if (bytes.length > 1 && random(2)) bytes[0] = 0x80 | random(64);
			if (bytes.length > 1 && random(2)) bytes[1] = [0, 8, 101, 128][random(4)] as number;
			expect(['sound', 'digit', 'left-out', 'malformed']).toContain(stream.packet(bytes));
		}
	});
});

describe('[G2] one leg by RTP', () => {
	test('any packet length, any starting numbers, across both wraps: the same samples', () => {
		const random = randomNumbers(seedFor('rtp packet lengths'));
		for (let run = 0; run < 50; run++) {
			const one = heard();
			let [sequence, timestamp, from] = [65_536 - random(40), 2 ** 32 - random(4000), 0];
			while (from < 8000) {
				const length = 80 * (1 + random(6));
				one.at(from / 8);
				one.stream.packet(rtpPacket({ sequence: sequence++, timestamp, payload: ramp(from, length) }));
				timestamp += length;
				from += length;
			}
			expect(one.samples(0, 50)).toEqual(ramp(0, 8000));
		}
	});

	test('any order within five packets, and any of them twice: the same samples', () => {
		const random = randomNumbers(seedFor('rtp order'));
		for (let run = 0; run < 50; run++) {
			const one = heard();
			const sent: [key: number, n: number][] = [];
			for (let n = 0; n < 100; n++) {
				sent.push([n === 0 ? 0 : n + random(4), n]);
				if (random(5) === 0 && n > 0) sent.push([n + random(4), n]);
			}
			sent.sort(([a], [b]) => a - b);
			for (const [when, n] of sent) {
				one.at(when * 20);
				one.stream.packet(rtpPacket({ sequence: 65_500 + n, timestamp: n * 160, payload: ramp(n * 160, 160) }));
			}
			expect(one.samples(0, 100)).toEqual(ramp(0, 16_000));
		}
	});

	test('any loss: what arrives stays within 60 ms of when it was sent, and never goes back', () => {
		const random = randomNumbers(seedFor('rtp loss'));
		for (let run = 0; run < 50; run++) {
			const one = heard();
			const start = random(2 ** 32);
			let dropping = 0;
			for (let n = 0; n < 500; n++) {
				if (dropping === 0 && random(10) === 0) dropping = random(120);
				if (dropping > 0 && dropping--) continue;
				one.at(n * 20 + random(20));
				one.stream.packet(rtpPacket({ sequence: n, timestamp: start + n * 160, payload: ramp(n * 160, 160) }));
				expect(Math.abs((one.pieces.at(-1)?.at ?? 0) - n * 160)).toBeLessThanOrEqual(480);
			}
			const places = one.pieces.map(({ at }) => at);
			expect(places).toEqual([...places].sort((a, b) => a - b));
		}
	});

	test('another sender in mid-call begins where it arrives, and not before what has been', () => {
		const one = heard();
		for (let n = 0; n < 50; n++) {
			one.at(n * 20);
			one.stream.packet(
				rtpPacket({ sequence: n, timestamp: 9_999_999 + n * 160, payload: ramp(n * 160, 160), ssrc: 1 }),
			);
		}
		for (let n = 0; n < 50; n++) {
			one.at(1500 + n * 20);
			one.stream.packet(rtpPacket({ sequence: 7 + n, timestamp: n * 160, payload: ramp(n * 160, 160), ssrc: 2 }));
		}
		expect(one.samples(0, 50)).toEqual(ramp(0, 8000));
		expect(one.pieces[50]?.at).toBe(1500 * 8);
		expect(one.samples(75, 50)).toEqual(ramp(0, 8000));
	});

	test('after a hold it is where the time is, though the sender’s clock stood still meanwhile', () => {
		const one = heard();
		const packet = (n: number) => rtpPacket({ sequence: n, timestamp: n * 160, payload: ramp(n * 160, 160) });
		for (let n = 0; n < 10; n++) {
			one.at(n * 20);
			one.stream.packet(packet(n));
		}
		one.at(30_000);
		one.stream.packet(packet(10));
		expect(one.pieces.at(-1)?.at).toBe(30_000 * 8);
	});

	test('a clock that jumps by hours, either way, is another clock: nothing is filled up', () => {
		for (const jump of [2 ** 31 - 1, 2 ** 31 + 5, 80_001, 2 ** 32 - 80_001]) {
			const one = heard();
			for (let n = 0; n < 20; n++) {
				one.at(n * 20);
				const timestamp = n * 160 + (n >= 10 ? jump : 0);
				one.stream.packet(rtpPacket({ sequence: n, timestamp, payload: ramp(n * 160, 160) }));
			}
			expect(one.pieces.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, n) => n * 160));
		}
	});

	test('what is in A-law comes in the call’s µ-law, and sounds the same', () => {
		const one = heard();
		const spoken = tone(440, 20);
		const alaw = Uint8Array.from(spoken, (byte) => {
			const wanted = tableOf.pcmu[byte] as number;
			return tableOf.pcma.reduce((best, sample, code) => {
				const known = tableOf.pcma[best] as number;
				return Math.abs(sample - wanted) < Math.abs(known - wanted) ? code : best;
			}, 0);
		});
		one.stream.packet(rtpPacket({ sequence: 1, timestamp: 1, payload: alaw, payloadType: 8 }));
		const came = one.pieces[0]?.data ?? new Uint8Array(0);
		for (const [place, byte] of came.entries()) {
			const [is, was] = [tableOf.pcmu[byte] as number, tableOf.pcmu[spoken[place] as number] as number];
			expect(Math.abs(is - was)).toBeLessThanOrEqual(16 + Math.abs(was) / 16);
		}
	});

	test('a key that was pressed is told once, by three ends, and never which (RFC 4733)', () => {
		const one = heard();
		const press = (digit: number, timestamp: number) => {
			for (const [n, end] of [0, 0, 0x80, 0x80, 0x80].entries())
				one.stream.packet(
					rtpPacket({ sequence: 100 + n, timestamp, payloadType: 101, payload: Uint8Array.of(digit, end | 10, 1, 64) }),
				);
		};
		press(5, 1000);
		press(5, 3000);
		expect(one.digits()).toBe(2);
		expect(one.pieces).toEqual([]);
		expect(
			one.stream.packet(rtpPacket({ sequence: 105, timestamp: 5, payloadType: 101, payload: Uint8Array.of(1) })),
		).toBe('malformed');
	});

	test('a key pressed before anything was said does not shift what is said then', () => {
		const one = heard();
		for (const [n, end] of [0, 0x80, 0x80, 0x80].entries())
			one.stream.packet(
				rtpPacket({ sequence: n, timestamp: 7, payloadType: 101, payload: Uint8Array.of(5, end, 0x3e, 0x80) }),
			);
		one.at(2000);
		one.stream.packet(rtpPacket({ sequence: 4, timestamp: 7 + 16_000, payload: ramp(0, 160) }));
		expect(one.pieces.map(({ at }) => at)).toEqual([16_000]);
	});

	test('a stray of long ago, or with an impossible time, moves nothing', () => {
		const one = heard();
		const packet = (n: number, timestamp = n * 160) =>
			rtpPacket({ sequence: n, timestamp, payload: ramp(n * 160, 160) });
		for (let n = 1; n <= 300; n++) {
			one.at(n * 20);
			expect(one.stream.packet(packet(n))).toBe('sound');
			if (n % 50 === 0) {
				expect(one.stream.packet(packet(n - 150))).toBe('left-out');
				expect(one.stream.packet(packet(n - 3, 2 ** 31))).toBe('left-out');
				expect(one.stream.packet(packet(n - 3, n * 160 + 8000))).toBe('left-out');
			}
		}
		expect(one.pieces.map(({ at }) => at)).toEqual(Array.from({ length: 300 }, (_, n) => 160 + n * 160));
	});

	test('a sender that counts anew under its old name is heard from its second packet on, where it arrives', () => {
		const one = heard();
		for (const [run, first] of [5000, 9, 40_000].entries())
			for (let n = 0; n < 50; n++) {
				one.at((run * 50 + n) * 20);
				one.stream.packet(
					rtpPacket({ sequence: first + n, timestamp: run * 7_777_777 + n * 160, payload: ramp(n, 160) }),
				);
			}
		const missing = new Set([50, 100]);
		const all = Array.from({ length: 150 }, (_, n) => n).filter((n) => !missing.has(n));
		expect(one.pieces.map(({ at }) => at / 160)).toEqual(all);
	});

	test('two senders on one port do not push each other into the future', () => {
		const random = randomNumbers(seedFor('two senders'));
		const one = heard();
		for (let n = 0; n < 1000; n++) {
			one.at(n * 20);
			for (const ssrc of [1, 2])
				one.stream.packet(rtpPacket({ sequence: n, timestamp: ssrc * 1000 + n * 160, payload: ramp(0, 160), ssrc }));
			if (random(50) === 0) one.stream.packet(rtpPacket({ sequence: 1, timestamp: 1, payload: ramp(0, 160), ssrc: 3 }));
			const { at = 0 } = one.pieces.at(-1) ?? {};
			expect(Math.abs(at - n * 160)).toBeLessThanOrEqual(500 * 8 + 320);
		}
	});

	test('any loss, repetition, key, noise, pause and wild jump: nothing is half a second off for longer than a second', () => {
		const random = randomNumbers(seedFor('rtp anything'));
		for (let run = 0; run < 30; run++) {
			const one = heard();
			let [sequence, timestamp, ssrc] = [random(65_536), random(2 ** 32), 1];
			let offInARow = 0;
			for (let ms = 0; ms < 20_000; ms += 20) {
				const kind = random(400);
				if (kind === 0) timestamp += random(2 ** 32);
				if (kind === 1) sequence += random(65_536);
				if (kind === 2) ssrc++;
				if (kind === 3) ms += random(15_000);
				const fields = { sequence: sequence++, timestamp, ssrc, payload: ramp(0, 160) };
				timestamp += 160;
				if (kind >= 4 && kind < 20) continue;
				one.at(ms + random(30));
				const payloadType = kind < 30 ? ([13, 101, 77][random(3)] as number) : 0;
				const before = one.pieces.length;
				one.stream.packet(rtpPacket({ ...fields, payloadType }));
				if (random(30) === 0) one.stream.packet(rtpPacket(fields));
				for (const { at } of one.pieces.slice(before)) {
					offInARow = Math.abs(at - ms * 8) <= 540 * 8 ? 0 : offInARow + 1;
					expect(offInARow).toBeLessThanOrEqual(60);
				}
			}
		}
	});

	test('a report says that keys and noise have arrived too: nothing is lost', () => {
		const one = heard();
		for (let n = 0; n < 100; n++)
			one.stream.packet(
				rtpPacket({
					sequence: 65_500 + n,
					timestamp: n * 160,
					payload: ramp(0, 160),
					payloadType: [0, 101, 13][n % 3] as number,
				}),
			);
		expect(one.stream.reception()).toMatchObject({ highest: 65_599, expected: 100, received: 100 });
	});

	test('comfort noise and payload types nobody agreed on are left out', () => {
		const one = heard();
		for (const payloadType of [13, 18, 96])
			expect(one.stream.packet(rtpPacket({ sequence: 1, timestamp: 1, payloadType, payload: ramp(0, 20) }))).toBe(
				'left-out',
			);
		expect(one.pieces).toEqual([]);
	});
});
