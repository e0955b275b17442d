import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { legTrack } from '#server/calls/leg-track.ts';
import { seedFor } from '#tests/support/seed.ts';

const seed = seedFor('the clock of a leg');
const samplesOf = (ms: number) => ms * 8;

/** Where each sample came to be on the call's time line, in order. What is silent there is none of ours: it never has these codes. */
function line() {
	let nowMs = 0;
	const frames = new Map<number, Uint8Array>();
	const track = legTrack({
		codec: 'pcmu',
		startedAtMs: 0,
		now: () => nowMs,
		frame(index, bytes) {
			expect(frames.has(index)).toBe(false);
			frames.set(index, bytes.slice());
			return 0;
		},
	});
	return {
		track,
		at(ms: number) {
			nowMs = ms;
		},
		places() {
			const found: { at: number; code: number }[] = [];
			for (const [index, bytes] of frames)
				for (const [within, code] of bytes.entries())
					if (code > 0 && code < 255) found.push({ at: index * 160 + within, code });
			return found;
		},
	};
}
/** Samples that tell their own position. */
const ramp = (from: number, length: number) => Uint8Array.from({ length }, (_, n) => ((from + n) % 250) + 1);
const codeAt = (position: number) => (position % 250) + 1;

describe('[G2] one clock rule for all', () => {
	test('without a clock on the wire: nothing is lost or sped up, the leg is never 60 ms behind, is filled to 20 ms and no closer, and a burst fills nothing', () => {
		const arrivals = fc.array(
			fc.record({
				waitMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 })),
				length: fc.integer({ min: 1, max: 4000 }),
			}),
			{ minLength: 1, maxLength: 60 },
		);
		fc.assert(
			fc.property(arrivals, fc.integer({ min: 0, max: 5000 }), (pieces, beginMs) => {
				const { track, at, places } = line();
				let nowMs = beginMs;
				let sent = 0;
				const wallAt: number[] = [];
				for (const { waitMs, length } of pieces) {
					nowMs += waitMs;
					at(nowMs);
					track.sound(ramp(sent, length), undefined);
					sent += length;
					wallAt.push(samplesOf(nowMs));
				}
				// What fills the last frame up comes at the same moment: a burst, which moves nothing.
				track.sound(ramp(sent, 160), undefined);
				const placed = places();
				expect(placed.length).toBeGreaterThanOrEqual(sent);
				let first = 0;
				let end = placed[0]?.at ?? 0;
				expect((wallAt[0] as number) - end).toBeGreaterThanOrEqual(0);
				expect((wallAt[0] as number) - end).toBeLessThan(160);
				for (const [index, { length }] of pieces.entries()) {
					const [begin, last] = [placed[first], placed[first + length - 1]];
					expect([begin?.code, last?.code]).toEqual([codeAt(first), codeAt(first + length - 1)]);
					expect((last?.at ?? 0) - (begin?.at ?? 0)).toBe(length - 1);
					const wall = wallAt[index] as number;
					const behind = wall - (end + length);
					// The rule, from outside: where it would be without being filled, and where it is.
					if (behind > samplesOf(60)) expect((last?.at ?? 0) + 1).toBe(wall - samplesOf(20));
					else expect(begin?.at).toBe(end);
					first += length;
					end = (last?.at ?? 0) + 1;
				}
			}),
			{ seed, numRuns: 100 },
		);
	});

	test('with a clock on the wire: whatever is lost, comes twice, overlaps or is cut, each sample is at its stamp, once, and gaps stay gaps', () => {
		const pieces = fc.array(
			fc.record({
				// Up to three seconds lost before it, or up to 30 ms of it heard already.
				skip: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -240, max: 24_000 })),
				length: fc.integer({ min: 1, max: 1000 }),
				twice: fc.boolean(),
				lateMs: fc.integer({ min: 0, max: 30 }),
			}),
			{ minLength: 1, maxLength: 60 },
		);
		fc.assert(
			fc.property(pieces, fc.integer({ min: 0, max: 80_000 }), (all, firstAt) => {
				const { track, at, places } = line();
				let next = firstAt;
				const said = new Set<number>();
				let lastGapEnd = firstAt;
				for (const { skip, length, twice, lateMs } of all) {
					// Less than 15 ms is jitter of a stamp, not lost sound; and a gap that is filled later may have been given up.
					const begun = next + skip;
					const isHeard = skip > 0 || (begun >= firstAt && said.has(begun) && begun >= lastGapEnd);
					const from = next > firstAt && Math.abs(skip) >= 120 && isHeard ? begun : next;
					if (from > next) lastGapEnd = from;
					at((from + length) / 8 + lateMs);
					track.sound(ramp(from, length), from);
					if (twice) track.sound(ramp(from, length), from);
					for (let sample = from; sample < from + length; sample++) said.add(sample);
					next = Math.max(next, from + length);
				}
				// Two seconds of it more, so that nothing is waited for any longer.
				for (let more = 0; more < 100; more++, next += 160) track.sound(ramp(next, 160), next);
				const placed = places();
				const offset = (placed[0]?.at ?? 0) - firstAt;
				// One `expect` for each of a hundred thousand samples would take minutes.
				expect(placed.findIndex(({ at: place, code }) => code !== codeAt(place - offset))).toBe(-1);
				expect(placed.findIndex(({ at: place }, n) => n > 0 && place <= (placed[n - 1]?.at ?? 0))).toBe(-1);
				const there = new Set(placed.map(({ at: place }) => place - offset));
				expect([...said].filter((sample) => !there.has(sample))).toEqual([]);
				expect([...there].filter((sample) => !said.has(sample) && sample < next - 16_000)).toEqual([]);
			}),
			{ seed, numRuns: 60 },
		);
	});

	test('with a clock on the wire: a jump of more than ten seconds is another clock, and placed by the wall clock again, never back', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 81_601, max: 8_000_000 }),
				fc.boolean(),
				fc.integer({ min: 0, max: 20_000 }),
				(jump, back, waitMs) => {
					const { track, at, places } = line();
					at(1000);
					track.sound(ramp(0, 1600), 10_000_000);
					at(1200 + waitMs);
					track.sound(ramp(1600, 160), 10_000_000 + (back ? -jump : jump));
					const moved = places()[1600]?.at ?? 0;
					expect(moved).toBeGreaterThanOrEqual(samplesOf(1200));
					// To a frame where it comes; up to two frames off where its clock agrees so far.
					const frames = Math.abs(moved / 160 - Math.max(60, Math.floor((1200 + waitMs) / 20)));
					expect([0, 1, 2]).toContain(frames);
				},
			),
			{ seed, numRuns: 200 },
		);
	});
});
