import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Malformed } from '#server/telephony/media-streams/dialect.ts';
import { streamPlace } from '#server/telephony/media-streams/place.ts';
import { seedFor } from '#tests/support/seed.ts';

const none = new Uint8Array();
const piece = (timestampMs: number, chunk: number | undefined, track: 'inbound' | 'outbound' = 'inbound') => ({
	track,
	timestampMs,
	chunk,
	payload: none,
});

describe('the place of a piece of sound', () => {
	test('is its timestamp’s where that counts from the stream’s start', () => {
		const place = streamPlace({ placedBy: 'start' }, 8000);
		expect(place(piece(65, 7), 400)).toBe(520);
		expect(place(piece(5, 1), 7)).toBe(40);
	});

	test('by number: jitter of the stamps moves nothing, in whatever order pieces come, and any loss keeps its place', () => {
		const seed = seedFor('pieces by number');
		const pieces = fc.array(
			fc.record({ isLost: fc.boolean(), jitterMs: fc.integer({ min: -12, max: 12 }), late: fc.nat({ max: 3 }) }),
			{ minLength: 1, maxLength: 200 },
		);
		fc.assert(
			fc.property(pieces, fc.constantFrom(8000, 16_000), (all, rate) => {
				const place = streamPlace({ placedBy: 'chunk-since-1970' }, rate);
				const samples = rate / 50;
				// The first one says where the line begins.
				const whole = [{ isLost: false, jitterMs: 0, late: 0 }, ...all];
				const coming = whole
					.map((one, index) => ({ ...one, index }))
					.filter(({ isLost }) => !isLost)
					.sort((a, b) => a.index + a.late - (b.index + b.late) || a.index - b.index);
				const [first, ...rest] = [coming[0], ...coming.slice(1)];
				expect(first?.index).toBe(0);
				place(piece(1e12, 1), samples);
				for (const { index, jitterMs } of rest)
					expect(place(piece(1e12 + index * 20 + jitterMs, index + 1), samples)).toBe(index * samples);
			}),
			{ seed, numRuns: 500 },
		);
	});

	test('by number: follows the stamps over a gap in which nothing was numbered, and stays within 40 ms of them', () => {
		const place = streamPlace({ placedBy: 'chunk' }, 8000);
		expect([0, 1, 2].map((index) => place(piece(index * 20, index + 1), 160))).toEqual([0, 160, 320]);
		expect(place(piece(5000, 4), 160)).toBe(40_000);
		expect(place(piece(5023, 5), 160)).toBe(40_160);
		const seed = seedFor('stamps that drift');
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 100 }), (steps) => {
				const drifting = streamPlace({ placedBy: 'chunk' }, 8000);
				let ms = 0;
				for (const [index, step] of steps.entries()) {
					ms += step;
					expect(Math.abs(drifting(piece(ms, index + 1), 160) - ms * 8)).toBeLessThanOrEqual(40 * 8);
				}
			}),
			{ seed, numRuns: 300 },
		);
	});

	test('is on one line for both tracks, whichever comes first', () => {
		const place = streamPlace({ placedBy: 'chunk-since-1970' }, 8000);
		expect(place(piece(1e12, 1, 'outbound'), 160)).toBe(0);
		expect(place(piece(1e12 + 400, 1, 'inbound'), 160)).toBe(3200);
		expect(place(piece(1e12 + 22, 2, 'outbound'), 160)).toBe(160);
	});

	test('is impossible two days away from the first', () => {
		const place = streamPlace({ placedBy: 'chunk-since-1970' }, 8000);
		place(piece(1e12, 1), 160);
		expect(() => place(piece(1e12 + 172_800_001, 2), 160)).toThrow(Malformed);
		expect(() => place(piece(5, 2), 160)).toThrow(Malformed);
	});

	test('goes by the stamps alone where pieces have no number', () => {
		const place = streamPlace({ placedBy: 'chunk' }, 8000);
		expect([place(piece(0, undefined), 160), place(piece(23, undefined), 160)]).toEqual([0, 184]);
	});
});
