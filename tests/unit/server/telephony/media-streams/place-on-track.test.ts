import fc from 'fast-check';
import { expect, test } from 'vitest';
import { legTrack } from '#server/calls/leg-track.ts';
import { streamPlace } from '#server/telephony/media-streams/place.ts';
import { seedFor } from '#tests/support/seed.ts';

const frame = 160;
/** Samples that tell which piece they are of. */
const spoken = (index: number) => new Uint8Array(frame).fill(1 + (index % 250));

test.each([
	['start', 0],
	['chunk', 0],
	['chunk-since-1970', 12],
] as const)('[G2] placed by %s: any loss and disorder keeps every piece where it was spoken', (placedBy, jitterMs) => {
	const seed = seedFor(`pieces placed by ${placedBy}`);
	const piece = fc.record({
		isLost: fc.boolean(),
		// What the network holds back comes at most two pieces late: longer nobody waits. [G2]
		delayMs: fc.constantFrom(0, 0, 0, 5, 21, 40),
		jitterMs: fc.integer({ min: -jitterMs, max: jitterMs }),
	});
	fc.assert(
		fc.property(fc.array(piece, { minLength: 1, maxLength: 300 }), (pieces) => {
			let nowMs = 0;
			const heard: [number, number][] = [];
			const track = legTrack({
				codec: 'pcmu',
				startedAtMs: 0,
				now: () => nowMs,
				frame(index, bytes) {
					// Never ahead of the wall clock.
					expect(nowMs - index * 20).toBeGreaterThanOrEqual(0);
					heard.push([index, bytes[0] as number]);
					return 0;
				},
			});
			const place = streamPlace({ placedBy }, 8000);
			const firstMs = placedBy === 'chunk-since-1970' ? 1e12 : 0;
			const whole = [{ isLost: false, delayMs: 0, jitterMs: 0 }, ...pieces];
			const coming = whole
				.map((one, index) => ({ ...one, index, atMs: index * 20 + one.delayMs }))
				.filter(({ isLost }) => !isLost)
				.sort((a, b) => a.atMs - b.atMs);
			for (const { index, atMs, jitterMs: off } of coming) {
				nowMs = atMs;
				const message = {
					track: 'inbound' as const,
					timestampMs: firstMs + index * 20 + off,
					chunk: index + 1,
					payload: spoken(index),
				};
				track.sound(message.payload, place(message, frame));
			}
			const order = heard.map(([index]) => index);
			expect(order).toEqual([...order].sort((a, b) => a - b));
			for (const [index, byte] of heard) expect([index, byte]).toEqual([index, spoken(index)[0] as number]);
		}),
		{ seed, numRuns: 300 },
	);
});
