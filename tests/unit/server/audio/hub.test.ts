import { describe, expect, test } from 'vitest';
import { type Ear, soundHub } from '#server/audio/hub.ts';
import { decodeSound, type Leg, type SoundMessage } from '#shared/audio.ts';

const frame = (mark: number) => new Uint8Array(160).fill(mark);

function ear() {
	const heard: SoundMessage[] = [];
	let cleared = 0;
	const it: Ear = {
		send(message) {
			const sound = decodeSound(message);
			if (typeof sound === 'string') throw new Error(sound);
			heard.push(sound);
		},
		clear() {
			cleared++;
		},
	};
	return { it, heard, cleared: () => cleared };
}

/** What was heard, in short: `customer5+agent6@40` is both legs' marks at media time 40 ms. */
const told = (heard: SoundMessage[]) =>
	heard.map(
		({ parts, mediaMs }) =>
			`${Object.entries(parts)
				.map(([leg, bytes]) => `${leg}${bytes[0]}`)
				.join('+')}@${mediaMs}`,
	);

function oneCall() {
	const hub = soundHub(() => 5000);
	const call = hub.open('test-1', 'pcmu');
	const listener = ear();
	const stop = hub.listen('test-1', listener.it);
	const play = (leg: Leg, index: number) => call.frame(leg, index, frame(index + (leg === 'agent' ? 100 : 0)));
	return { hub, call, play, stop, ...listener };
}

describe('the hub', () => {
	test('puts both legs of the same 20 ms into one message [A2]', () => {
		const { play, heard } = oneCall();
		play('agent', 0);
		for (let index = 1; index < 4; index++) {
			play('customer', index);
			play('agent', index);
		}
		expect(told(heard)).toEqual([
			'agent100@0',
			'customer1+agent101@20',
			'customer2+agent102@40',
			'customer3+agent103@60',
		]);
	});
	test('does not wait for a leg that is not there', () => {
		const { play, heard } = oneCall();
		for (let index = 0; index < 3; index++) play('customer', index);
		expect(told(heard)).toEqual(['customer0@0', 'customer1@20', 'customer2@40']);
	});
	test('waits 40 ms for a leg that is a little behind, no longer', () => {
		const { play, heard } = oneCall();
		play('customer', 0);
		play('agent', 1);
		play('customer', 1);
		heard.length = 0;
		play('customer', 2);
		play('customer', 3);
		expect(told(heard)).toEqual([]);
		play('customer', 4);
		expect(told(heard)).toEqual(['customer2@40']);
		expect(play('agent', 2)).toBe(1);
		expect(play('agent', 3)).toBe(0);
		expect(told(heard)).toEqual(['customer2@40', 'customer3+agent103@60']);
	});
	test('stops waiting for a leg that has gone quiet', () => {
		const { play, heard } = oneCall();
		play('customer', 0);
		play('agent', 1);
		play('customer', 1);
		for (let index = 2; index < 12; index++) play('customer', index);
		expect(told(heard).at(-1)).toBe('customer11@220');
	});
	test('[A3] media time never goes back, and the sequence counts without a hole', () => {
		const { play, heard } = oneCall();
		for (let index = 0; index < 50; index++) {
			play('customer', index);
			if (index % 3) play('agent', index - 1);
		}
		const times = heard.map(({ mediaMs }) => mediaMs);
		expect(times).toEqual([...times].sort((a, b) => a - b));
		const first = heard[0]?.sequence ?? 0;
		expect(heard.map(({ sequence }) => sequence)).toEqual(heard.map((_, place) => first + place));
	});
	test('[P1] lets nothing out while protected, drops what was queued, and goes on at the live moment after', () => {
		const { hub, play, heard, cleared } = oneCall();
		play('customer', 0);
		hub.protect('test-1', true);
		expect(cleared()).toBe(1);
		play('customer', 1);
		play('customer', 2);
		hub.protect('test-1', false);
		play('customer', 3);
		expect(told(heard)).toEqual(['customer0@0', 'customer3@60']);
	});
	test('[P1] what was said while protected never leaves: not what arrives late, not what waited for the other leg', () => {
		let nowMs = 0;
		const hub = soundHub(() => nowMs);
		const call = hub.open('test-1', 'pcmu');
		const { it, heard } = ear();
		hub.listen('test-1', it);
		call.frame('customer', 0, frame(1));
		call.frame('agent', 0, frame(2));
		hub.protect('test-1', true);
		call.frame('customer', 1, frame(77));
		nowMs = 1000;
		hub.protect('test-1', false);
		for (let index = 2; index < 50; index++) expect(call.frame('customer', index, frame(77))).toBe(0);
		for (let index = 50; index < 60; index++) call.frame('customer', index, frame(3));
		expect(heard.some(({ parts }) => parts.customer?.[0] === 77)).toBe(false);
		expect(heard.at(-1)?.mediaMs).toBe(1180);
		// A pause of the call, not lost sound. [A3]
		expect(heard.map(({ sequence }) => sequence)).toEqual(heard.map((_, place) => 1 + place));
	});
	test('one listener leaving, or listening twice to nothing, disturbs nobody', () => {
		const { hub, call, play, stop, heard } = oneCall();
		const other = ear();
		hub.listen('test-1', other.it);
		hub.listen('test-unknown', other.it)();
		expect(hub.listeners).toBe(2);
		stop();
		stop();
		expect(hub.listeners).toBe(1);
		play('customer', 0);
		expect(heard).toEqual([]);
		expect(told(other.heard)).toEqual(['customer0@0']);
		call.close();
		expect([hub.calls, hub.listeners]).toEqual([0, 0]);
	});
	test.each([
		['bytes', frame(7)],
		['a Buffer', Buffer.alloc(160, 7)],
	])('the gateway may use its buffer again at once: %s', (_, bytes) => {
		const { call, play, heard } = oneCall();
		play('agent', 0);
		play('agent', 1);
		call.frame('customer', 1, bytes);
		call.frame('customer', 2, bytes);
		bytes.fill(9);
		play('agent', 2);
		expect(told(heard).at(-1)).toBe('customer7+agent102@40');
	});
});
