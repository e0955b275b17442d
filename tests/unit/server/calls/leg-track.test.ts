import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { soundHub } from '#server/audio/hub.ts';
import { type LegTrack, legTrack, type SharedPlace } from '#server/calls/leg-track.ts';

/** A track whose frames are laid on one long strip, so that a test can look at what is where. */
function strip(late: (index: number) => number = () => 0) {
	let nowMs = 0;
	const frames = new Map<number, Uint8Array>();
	const order: number[] = [];
	const track = legTrack({
		codec: 'pcmu',
		startedAtMs: 0,
		now: () => nowMs,
		frame(index, bytes) {
			const by = late(index);
			if (by > 0) return by;
			frames.set(index, bytes.slice());
			order.push(index);
			return 0;
		},
	});
	return {
		track,
		frames,
		order,
		at(ms: number) {
			nowMs = ms;
		},
		/** The samples of `count` frames from `first`; missing frames are zeros. */
		samples(first: number, count: number) {
			const all = new Uint8Array(count * 160);
			for (let n = 0; n < count; n++) all.set(frames.get(first + n) ?? new Uint8Array(160), n * 160);
			return all;
		},
	};
}
/** Samples that tell their own position: 1, 2, … 250, 1, … */
const ramp = (from: number, length: number) => Uint8Array.from({ length }, (_, n) => ((from + n) % 250) + 1);

describe('[G2] one leg on the call’s time line', () => {
	test('what waits for its turn stays as it came, though a gateway uses its bytes again', () => {
		const { track, samples } = strip();
		track.sound(ramp(0, 160), 0);
		for (const bytes of [Buffer.from(ramp(320, 160)), ramp(320, 160)]) {
			track.sound(bytes, 320);
			bytes.fill(0);
		}
		track.sound(ramp(160, 160), 160);
		expect(samples(0, 3)).toEqual(ramp(0, 480));
	});

	test('any cutting of the bytes gives the same frames', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 }), (lengths) => {
				const { track, samples } = strip();
				let at = 0;
				for (const length of lengths) {
					track.sound(ramp(at, length), at);
					at += length;
				}
				const whole = Math.floor(at / 160);
				expect(samples(0, whole)).toEqual(ramp(0, whole * 160));
			}),
		);
	});
	test('frames out of order within 60 ms are put in order, twice is once, missing stays missing', () => {
		fc.assert(
			fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), (dice) => {
				const { track, frames, order, samples } = strip();
				const roll = () => dice.next().value as number;
				const sent: number[] = [0];
				let swapped = 0;
				for (let n = 1; n < 60; n++) {
					const luck = n < 55 ? roll() : 5;
					if (luck === 0) continue;
					sent.push(n);
					if (luck === 1) sent.push(n);
					const before = sent.at(-2) ?? n;
					if (luck !== 2 || before <= swapped || n - (sent.at(-3) ?? 0) > 3) continue;
					sent.push(...sent.splice(-2, 2).reverse());
					swapped = n;
				}
				for (const n of sent) track.sound(ramp(n * 160, 160), n * 160);
				// The last may still be waiting for one that is missing before it.
				for (let n = 60; n < 66; n++) track.sound(ramp(n * 160, 160), n * 160);
				expect(order).toEqual([...order].sort((a, b) => a - b));
				for (let n = 0; n < 60; n++) {
					expect(frames.has(n)).toBe(sent.includes(n));
					if (sent.includes(n)) expect(samples(n, 1)).toEqual(ramp(n * 160, 160));
				}
			}),
		);
	});
	test('stamps that jitter by up to 14 ms lose and repeat nothing', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 20, maxLength: 20 }), (jitter) => {
				const { track, samples } = strip();
				for (const [n, ms] of jitter.entries()) track.sound(ramp(n * 160, 160), n * 160 + (n === 0 ? 0 : (ms - 7) * 8));
				expect(samples(0, 20)).toEqual(ramp(0, 3200));
			}),
		);
	});
	test('a gap of half a second stays half a second', () => {
		const { track, samples, frames } = strip();
		track.sound(ramp(0, 160), 0);
		track.sound(ramp(4160, 160), 4160);
		expect([...frames.keys()]).toEqual([0, 26]);
		expect(samples(26, 1)).toEqual(ramp(4160, 160));
	});
	test('a piece that ends inside a gap is filled up with silence', () => {
		const { track, frames } = strip();
		track.sound(ramp(0, 200), 0);
		track.sound(ramp(4160, 160), 4160);
		expect(frames.get(1)?.subarray(0, 40)).toEqual(ramp(160, 40));
		expect(new Set(frames.get(1)?.subarray(40))).toEqual(new Set([0xff]));
	});
	test('a leg begins where it arrives, and a clock that jumps is put where the wall clock says', () => {
		const { track, order, at } = strip();
		at(1000);
		track.sound(ramp(0, 160), 40);
		at(1020);
		track.sound(ramp(0, 160), 5_000_000);
		track.sound(ramp(0, 160), 5_000_160);
		expect(order).toEqual([50, 51, 52]);
	});
	test('without a clock on the wire, a pause is filled by the wall clock and a burst is not', () => {
		const { track, order, at } = strip();
		track.sound(ramp(0, 160), undefined);
		at(1000);
		track.sound(ramp(0, 160), undefined);
		track.sound(ramp(0, 160), undefined);
		expect(order[0]).toBe(0);
		expect(order[1]).toBeGreaterThanOrEqual(47);
		expect(order[1]).toBeLessThanOrEqual(49);
		expect(order[2]).toBe((order[1] ?? 0) + 1);
	});
	test('a leg that stays too late for the other is moved to where it is heard', () => {
		const { track, order } = strip((index) => (Math.max(0, 5 - index) > 0 && index < 5 ? 5 : 0));
		for (let n = 0; n < 40; n++) track.sound(ramp(n * 160, 160), n * 160);
		expect(order.length).toBeGreaterThanOrEqual(30);
		const always = strip((index) => (index < 1000 ? 1000 - index : 0));
		for (let n = 0; n < 40; n++) always.track.sound(ramp(n * 160, 160), n * 160);
		expect(always.order.length).toBe(30);
	});
	test('whatever is thrown at it, frames come in order and never twice', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.record({
						length: fc.integer({ min: 0, max: 2000 }),
						at: fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined }),
						waitMs: fc.integer({ min: 0, max: 300 }),
						restart: fc.integer({ min: 0, max: 20 }),
					}),
					{ maxLength: 80 },
				),
				(pieces) => {
					const { track, order, at } = strip();
					let nowMs = 0;
					for (const piece of pieces) {
						nowMs += piece.waitMs;
						at(nowMs);
						if (piece.restart === 0) track.restart();
						track.sound(ramp(0, piece.length), piece.at);
					}
					for (let n = 1; n < order.length; n++) expect(order[n]).toBeGreaterThan(order[n - 1] as number);
				},
			),
		);
	});

	test.each([
		['within the same 20 ms', 1001, 1019, 50, 50],
		['on both sides of a 20 ms border', 1019, 1021, 50, 50],
		['40 ms apart', 1000, 1041, 50, 50],
		['further apart than is waited for', 1000, 1100, 50, 55],
	])(
		'two legs of one clock, of which the first samples come %s, stand side by side if that can be',
		(_, firstMs, secondMs, first, second) => {
			let nowMs = 0;
			const place = {};
			const begun: number[] = [];
			const leg = () =>
				legTrack({
					codec: 'pcmu',
					startedAtMs: 0,
					now: () => nowMs,
					place,
					frame(index) {
						begun.push(index);
						return 0;
					},
				});
			nowMs = firstMs;
			leg().sound(ramp(0, 160), 8000);
			nowMs = secondMs;
			leg().sound(ramp(0, 160), 8000);
			expect(begun).toEqual([first, second]);
		},
	);
});

describe('[G2] both legs of one wire, on their way through the hub', () => {
	/** Each leg's sound in packets of 20 ms, every 20 ms, the first leg's a little before the second's. */
	function bothLegs(order: readonly ['customer' | 'agent', 'customer' | 'agent']) {
		let nowMs = 0;
		const hub = soundHub({ now: () => nowMs });
		const call = hub.open('c', 'pcmu');
		const place: SharedPlace = {};
		const heard = { customer: [] as number[], agent: [] as number[] };
		const track = (leg: 'customer' | 'agent') =>
			legTrack({
				codec: 'pcmu',
				startedAtMs: 0,
				now: () => nowMs,
				place,
				frame(index, bytes) {
					const late = call.frame(leg, index, bytes);
					if (late === 0) heard[leg].push(index);
					return late;
				},
			});
		const tracks: Record<'customer' | 'agent', LegTrack> = { customer: track('customer'), agent: track('agent') };
		const send = (leg: 'customer' | 'agent', n: number) => tracks[leg].sound(ramp(n * 160, 160), n * 160);
		return {
			heard,
			send,
			upTo(count: number, isSent: (leg: 'customer' | 'agent', n: number) => boolean) {
				for (let n = 0; n < count; n++)
					for (const leg of order) {
						nowMs = 20 * n + 2 * order.indexOf(leg);
						if (isSent(leg, n)) send(leg, n);
					}
			},
		};
	}
	const orders = [
		['customer', 'agent'],
		['agent', 'customer'],
	] as const;

	test.each(orders)('a packet that is lost takes no other with it: %s first', (...order) => {
		const { heard, upTo } = bothLegs(order);
		upTo(30, (leg, n) => leg === 'agent' || n !== 10);
		const wanted = Array.from({ length: 30 }, (_, n) => n).filter((n) => n > 0 && n !== 10);
		expect(heard.customer.filter((n) => n > 0)).toEqual(wanted);
	});
	test.each(orders)('two that change places are both there: %s first', (...order) => {
		const { heard, upTo, send } = bothLegs(order);
		upTo(30, (leg, n) => {
			const isSwapped = leg === 'customer' && (n === 10 || n === 11);
			if (isSwapped) send(leg, 21 - n);
			return !isSwapped;
		});
		expect(heard.customer).toEqual(expect.arrayContaining([9, 10, 11, 12]));
	});
	test.each(orders)(
		'what waits for a lost packet goes when the other leg goes on, though nothing follows it: %s first',
		(...order) => {
			const { heard, upTo } = bothLegs(order);
			upTo(16, (leg, n) => leg === 'agent' || (n !== 10 && n < 12));
			expect(heard.customer.at(-1)).toBe(11);
		},
	);
});
