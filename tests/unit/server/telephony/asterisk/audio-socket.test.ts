import { expect, test } from 'vitest';
import { audioSocketMessage, audioSocketMessages } from '#server/telephony/asterisk/audio-socket.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

/** What is read from these pieces, each payload as it was when it was told. */
function readFrom(pieces: readonly Buffer[]) {
	const told: [number, string][] = [];
	const read = audioSocketMessages(({ kind, payload }) => told.push([kind, payload.toString('latin1')]));
	for (const piece of pieces) read(piece);
	return told;
}

test('any cut of the bytes gives the same messages [G1]', () => {
	const random = randomNumbers(seedFor('cuts of AudioSocket'));
	for (let turn = 0; turn < 200; turn++) {
		const messages = Array.from({ length: 1 + random(12) }, () => {
			const size = [0, 1, 16, 320, 640, random(2000), random(65_536)][random(turn % 20 === 0 ? 7 : 6)] as number;
			return [random(256), Buffer.from(Array.from({ length: size }, () => random(256)))] as const;
		});
		const bytes = Buffer.concat(messages.map(([kind, payload]) => audioSocketMessage(kind, payload)));
		const pieces: Buffer[] = [];
		for (let from = 0; from < bytes.length; ) {
			const size = random(3) === 0 ? random(5) : random(1500);
			// Its own memory, which is another's as soon as it was read.
			pieces.push(Buffer.from(bytes.subarray(from, from + size)));
			from += size;
		}
		const told: [number, string][] = [];
		const read = audioSocketMessages(({ kind, payload }) => told.push([kind, payload.toString('latin1')]));
		for (const piece of pieces) {
			read(piece);
			piece.fill(0);
		}
		expect(told).toEqual(messages.map(([kind, payload]) => [kind, payload.toString('latin1')]));
	}
});

test('a message that never ends is never told, and the largest there can be is', () => {
	const largest = audioSocketMessage(0x10, new Uint8Array(65_535).fill(7));
	expect(readFrom([largest.subarray(0, -1)])).toEqual([]);
	expect(readFrom(Array.from(largest, (byte) => Buffer.of(byte)))).toEqual([[0x10, '\x07'.repeat(65_535)]]);
});
