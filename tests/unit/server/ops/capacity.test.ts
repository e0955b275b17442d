import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capacity } from '#server/ops/capacity.ts';
import { writeCost } from '#server/ops/write-cost.ts';

/** A node on which a message costs `costUs` of the loop, and other work takes a share of it. */
function node(costUs: number, otherWork = 0) {
	const room = capacity();
	let nowMs = 0;
	let delivered = 0;
	return {
		room,
		/** So many listeners hear calls for so long. */
		run(listeners: number, seconds: number) {
			for (let n = 0; n < seconds * 2; n++) {
				nowMs += 500;
				delivered += listeners * 25;
				const utilisation = Math.min(1, otherWork + (listeners * 50 * costUs) / 1e6);
				room.seen({ delayMs: 0, utilisation }, delivered, nowMs);
			}
		},
	};
}

describe('[B2] what a node can carry', () => {
	test('its first listeners are let in whatever is known', () => {
		const { room, run } = node(100_000);
		expect(room.hasRoom(0)).toBe(true);
		run(40, 60);
		expect(room.hasRoom(40)).toBe(true);
		expect(room.hasRoom(50)).toBe(false);
	});

	test('newcomers come in until three quarters of the loop are used, and no further', () => {
		const { room, run } = node(10);
		room.measured(0.004);
		let listeners = 100;
		for (let minute = 0; minute < 60; minute++) {
			run(listeners, 20);
			let joined = 0;
			while (joined < 200 && room.hasRoom(listeners + joined)) {
				room.letIn();
				joined++;
			}
			listeners += joined;
		}
		// 1,500 listeners are 75,000 messages of 10 µs a second: three quarters of a second.
		expect(listeners).toBeGreaterThan(1450);
		expect(listeners).toBeLessThanOrEqual(1510);
		expect(room.messagesPerSecond).toBeGreaterThan(95_000);
		expect(room.messagesPerSecond).toBeLessThan(105_000);
		expect(room.headroom(listeners)).toBeLessThan(20);
	});

	test('a rush within one window is reckoned with before it is measured', () => {
		const { room, run } = node(10);
		room.measured(0.005);
		run(1400, 120);
		let joined = 0;
		while (room.hasRoom(1400 + joined)) {
			room.letIn();
			joined++;
		}
		expect(joined).toBeGreaterThan(80);
		expect(joined).toBeLessThan(120);
	});

	test('a rush of other work, as when many come back at once, shuts nobody out', () => {
		const { room, run } = node(10);
		room.measured(0.005);
		run(100, 30);
		const rush = node(10, 0.85);
		rush.room.measured(0.005);
		rush.run(100, 5);
		expect(rush.room.hasRoom(100)).toBe(true);
		expect(room.hasRoom(100)).toBe(true);
	});

	test('other work takes its share, and when it is over there is room again', () => {
		const busy = node(10, 0.75);
		busy.room.measured(0.005);
		busy.run(100, 120);
		expect(busy.room.hasRoom(100)).toBe(false);
		const calm = node(10);
		calm.run(100, 30);
		expect(calm.room.hasRoom(100)).toBe(true);
	});

	test('whatever the loop says, the answers are numbers and the first fifty are let in', () => {
		fc.assert(
			fc.property(
				fc.array(fc.record({ utilisation: fc.double({ min: 0, max: 1, noNaN: true }), messages: fc.nat(100_000) })),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(windows, writeMs) => {
					const room = capacity();
					room.measured(writeMs);
					let delivered = 0;
					windows.forEach(({ utilisation, messages }, n) => {
						delivered += messages;
						room.seen({ delayMs: 0, utilisation }, delivered, n * 500);
						expect(room.headroom(0)).toBeGreaterThanOrEqual(50);
						expect(Number.isFinite(room.messagesPerSecond)).toBe(true);
						expect(room.hasRoom(49)).toBe(true);
					});
				},
			),
		);
	});
});

test('a write costs something, and is measured', async () => {
	expect(await writeCost()).toBeGreaterThan(0);
});
