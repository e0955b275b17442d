import { describe, expect, test } from 'vitest';
import {
	parts as allParts,
	codecs,
	decodeSound,
	encodeSound,
	frameBytes,
	frameSamples,
	headerBytes,
	type SoundHeader,
	type SoundMessage,
	silent,
} from '#shared/audio.ts';
import { randomNumbers } from '#tests/support/seed.ts';

const header: SoundHeader = { codec: 'pcmu', frames: 1, sequence: 7, mediaMs: 140, serverMs: 99 };
const part = (value: number, frames = 1) => new Uint8Array(frames * frameSamples).fill(value);
const message = () => encodeSound(header, { customer: part(1), agent: part(2) });

describe('a sound message', () => {
	test('comes back as it was sent, for every codec, length and set of parts', () => {
		for (const codec of codecs)
			for (const frames of [1, 2, 3])
				for (let bits = 1; bits <= 8; bits++) {
					const present = allParts.filter((_, index) => bits & (1 << index));
					const bytes = (value: number) => new Uint8Array(frames * frameBytes(codec)).fill(value);
					const parts = Object.fromEntries(
						present.map((one, index) => [one, bytes(index + 1)]),
					) as SoundMessage['parts'];
					const sent = {
						codec,
						frames,
						sequence: 2 ** 32 - 1,
						mediaMs: 4_000_000_000,
						serverMs: 1,
						levels: { customer: { talks: true, below: 12 }, agent: { talks: false, below: 90 }, executive: silent },
						overtalk: bits % 2 === 0,
						silenceLeftOut: bits % 3 === 0,
					};
					expect(decodeSound(encodeSound(sent, parts))).toEqual({ ...sent, parts });
				}
	});

	test('stands on the wire as PROTOCOL.md says [A1] [A12]', () => {
		const bytes = encodeSound(
			{
				codec: 'pcma',
				frames: 2,
				sequence: 0x01020304,
				mediaMs: 0x05060708,
				serverMs: 0x090a0b0c,
				levels: { agent: { talks: true, below: 20 }, executive: { talks: false, below: 60 } },
				overtalk: true,
			},
			{ agent: part(9, 2), executive: part(8, 2) },
		);
		expect([...bytes.subarray(0, headerBytes)]).toEqual([
			...[2, 6, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
			...[127, 0x80 + 20, 60, 1],
		]);
		expect(bytes.length).toBe(headerBytes + 4 * frameSamples);
		expect([bytes[headerBytes], bytes.at(-1)]).toEqual([9, 8]);
	});

	test('without a leg is one in which all were silent, and nothing else [A10]', () => {
		const nothing = encodeSound({ ...header, frames: 3, silenceLeftOut: true }, {});
		expect(decodeSound(nothing)).toMatchObject({ frames: 3, mediaMs: 140, silenceLeftOut: true, parts: {} });
		expect(decodeSound(encodeSound(header, {}))).toBe('legs');
	});

	test('is read where it stands inside a larger buffer', () => {
		const inside = new Uint8Array(message().length + 11);
		inside.set(message(), 11);
		expect(decodeSound(inside.subarray(11))).toMatchObject({ sequence: 7, parts: { agent: part(2) } });
	});

	test.each([
		['short', (bytes: Uint8Array) => bytes.subarray(0, headerBytes - 1)],
		['short', () => new Uint8Array(0)],
		['version', (bytes: Uint8Array) => bytes.fill(1, 0, 1)],
		['codec', (bytes: Uint8Array) => bytes.fill(3, 2, 3)],
		['length', (bytes: Uint8Array) => bytes.fill(2, 2, 3)],
		['legs', (bytes: Uint8Array) => bytes.fill(0, 1, 2)],
		['legs', (bytes: Uint8Array) => bytes.fill(9, 1, 2)],
		['length', (bytes: Uint8Array) => bytes.fill(0, 3, 4)],
		['length', (bytes: Uint8Array) => bytes.fill(4, 3, 4)],
		['length', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
		['length', (bytes: Uint8Array) => bytes.fill(7, 1, 2)],
	])('that is malformed is named: %s', (word, break_) => {
		expect(decodeSound(break_(message()))).toBe(word);
	});

	test('of random bytes is either read whole or named, never thrown over (seed 5)', () => {
		const draw = randomNumbers(5);
		for (let n = 0; n < 2000; n++) {
			const most = draw(2) === 0 ? 4 : 256;
			const bytes = Uint8Array.from({ length: draw(400) }, () => draw(most));
			const read = decodeSound(bytes);
			if (typeof read !== 'string')
				for (const leg of Object.values(read.parts)) expect(leg.length).toBe(read.frames * frameBytes(read.codec));
		}
	});
});
