import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linearSamples } from '#server/telephony/l16/samples.ts';
import { interleaved } from '#tests/support/l16-peer.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const seed = seedFor('samples of L16');
/** µ-law has a zero of each sign, and the linear sample only one: what comes back is the positive one. */
const codes = fc
	.uint8Array({ minLength: 1, maxLength: 400 })
	.map((bytes) => bytes.map((code) => (code === 0x7f ? 0xff : code)));

test('any split of the bytes gives the same samples, each on its own channel', () => {
	fc.assert(
		fc.property(codes, fc.boolean(), fc.nat(), fc.constantFrom(1, 3, 7, 700), (first, isStereo, cutSeed, largest) => {
			const channels = isStereo ? [first, first.toReversed()] : [first];
			const bytes = interleaved(channels);
			const random = randomNumbers(cutSeed);
			const samples = linearSamples(isStereo ? 2 : 1);
			const came: number[][] = channels.map(() => []);
			for (let at = 0; at < bytes.length; ) {
				const size = 1 + random(largest);
				for (const [place, piece] of samples(bytes.subarray(at, at + size)).entries()) came[place]?.push(...piece);
				at += size;
			}
			expect(came).toEqual(channels.map((channel) => [...channel]));
		}),
		{ seed, numRuns: 300 },
	);
});

test('full scale of either sign stays full scale', () => {
	const bytes = Buffer.alloc(4);
	bytes.writeInt16LE(32_767, 0);
	bytes.writeInt16LE(-32_768, 2);
	expect([...(linearSamples(1)(bytes)[0] as Uint8Array)]).toEqual([0x80, 0x00]);
});
