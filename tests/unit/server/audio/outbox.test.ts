import { describe, expect, test } from 'vitest';
import { maxInFlight, maxQueuedMs, outbox } from '#server/audio/outbox.ts';

/** A socket that takes messages only when the test says so. */
function slowSocket() {
	const taken: number[] = [];
	const waiting: (() => void)[] = [];
	return {
		taken,
		socket: {
			write(message: Uint8Array, written = () => {}) {
				taken.push(message[0] as number);
				waiting.push(written);
			},
			get waiting() {
				return waiting.length;
			},
		},
		drain(count: number) {
			for (let n = 0; n < count; n++) waiting.shift()?.();
		},
	};
}
const maxQueued = maxQueuedMs / 20;
const message = (mark: number) => Uint8Array.of(mark);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('[B1] one listener’s outbox', () => {
	test('a slow socket loses its own oldest sound, in order and counted [A5]', () => {
		const { socket, taken, drain } = slowSocket();
		const told: number[][] = [];
		const out = outbox(socket, (...lost) => told.push(lost));
		const sent = maxInFlight + maxQueued + 10;
		for (const mark of numbers(0, sent)) out.send(message(mark), 20);
		expect(taken).toEqual(numbers(0, maxInFlight));
		expect([out.lostMessages, out.lostMs]).toEqual([10, 200]);
		drain(sent);
		expect(taken).toEqual([...numbers(0, maxInFlight), ...numbers(maxInFlight + 10, sent)]);
		expect(told).toEqual([[10, 200]]);
		expect(out.sentMs + out.lostMs).toBe(sent * 20);
	});
	test('[P1] what is cleared never leaves', () => {
		const { socket, taken, drain } = slowSocket();
		const out = outbox(socket);
		for (const mark of numbers(0, maxInFlight + 5)) out.send(message(mark), 20);
		out.clear();
		drain(100);
		expect(taken).toEqual(numbers(0, maxInFlight));
	});
});
