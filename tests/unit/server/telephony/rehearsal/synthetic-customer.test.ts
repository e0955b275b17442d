import { expect, test } from 'vitest';
import { syntheticCustomer } from '#server/telephony/rehearsal/synthetic-customer.ts';
import { tone } from '#tests/support/tone.ts';

const reply = (byte: number, frames: number) => new Uint8Array(160 * frames).fill(byte);

/** An executive and the customer, 20 ms by 20 ms; gives back what the customer says in each, 0 while they listen. */
function conversation(...replies: Uint8Array[]) {
	const customer = syntheticCustomer(replies);
	let nowMs = 5000;
	const listen = (ms: number, peak: number) => {
		const said: number[] = [];
		for (let gone = 0; gone < ms; gone += 20) {
			if (peak > 0) customer.hears(tone(200, 20, { peak }), nowMs);
			nowMs += 20;
			said.push(customer.says(nowMs)?.[0] ?? 0);
		}
		return said;
	};
	return {
		speak: (ms: number, peak = 8000) => listen(ms, peak),
		/** Nothing comes at all, as when the executive’s frames are missing. */
		nothing: (ms: number) => listen(ms, 0),
	};
}
const when = (said: number[]) => said.findIndex((byte) => byte !== 0) * 20;

test('answers when the executive has been quiet for 0.8 s, with one reply after the other', () => {
	const { speak, nothing } = conversation(reply(1, 3), reply(2, 2));
	expect(speak(1500).every((byte) => byte === 0)).toBe(true);
	const first = nothing(2000);
	expect([when(first), first.filter(Boolean)]).toEqual([780, [1, 1, 1]]);
	speak(400);
	expect(nothing(2000).filter(Boolean)).toEqual([2, 2]);
	speak(400);
	expect(nothing(2000).filter(Boolean)).toEqual([]);
});

test('waits through the pauses inside a question', () => {
	const { speak, nothing } = conversation(reply(1, 1));
	for (let word = 0; word < 6; word++) expect([...speak(300), ...nothing(600)].filter(Boolean)).toEqual([]);
	expect(nothing(400).filter(Boolean)).toEqual([1]);
});

test('says nothing by itself, nor to a cough', () => {
	const { speak, nothing } = conversation(reply(1, 1));
	expect(nothing(10_000).filter(Boolean)).toEqual([]);
	speak(160);
	expect(nothing(10_000).filter(Boolean)).toEqual([]);
	speak(200);
	expect(nothing(1000).filter(Boolean)).toEqual([1]);
});

test('takes a quiet line and a humming room for the silence they are', () => {
	const { speak } = conversation(reply(1, 1), reply(2, 1));
	speak(500);
	expect(speak(1000, 300).filter(Boolean)).toEqual([1]);
	speak(500);
	expect(speak(1000, 900).filter(Boolean)).toEqual([2]);
});

test('does not answer its own echo', () => {
	const { speak, nothing } = conversation(reply(1, 50), reply(2, 1));
	speak(500);
	const said = [...nothing(820), ...speak(900), ...nothing(3000)];
	expect(said.filter(Boolean)).toEqual(Array(50).fill(1));
});
