import { describe, expect, test } from 'vitest';
import { unframed } from '#server/audio/framed.ts';
import { type Ear, soundHub } from '#server/audio/hub.ts';
import { type Codec, decodeSound, frameBytes, type Leg, type SoundMessage } from '#shared/audio.ts';
import { encodeUlaw, ulawTable } from '#shared/g711.ts';

const frame = (mark: number) => new Uint8Array(160).fill(mark);

function ear() {
	const heard: SoundMessage[] = [];
	let cleared = 0;
	const it: Ear = {
		send(message) {
			const sound = decodeSound(unframed(message));
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
	const hub = soundHub({ now: () => 5000 });
	const call = hub.open('test-1', 'pcmu');
	const listener = ear();
	const { stop, choose } = hub.listen('test-1', listener.it);
	const play = (leg: Leg, index: number) => call.frame(leg, index, frame(index + (leg === 'agent' ? 100 : 0)));
	return { hub, call, play, stop, choose, ...listener };
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
		const hub = soundHub({ now: () => nowMs });
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
		hub.listen('test-unknown', other.it).stop();
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

/** A hub in which a message has as many frames as the test says, and each leg sounds in a way of its own. */
function loaded(codec: Codec = 'pcmu') {
	const load = { frames: 1, nowMs: 0 };
	const hub = soundHub({ now: () => load.nowMs, frames: () => load.frames });
	const call = hub.open('test-1', codec);
	const listener = ear();
	const hearing = hub.listen('test-1', listener.it);
	const say = (leg: Leg, index: number, byte: number) =>
		call.frame(leg, index, new Uint8Array(frameBytes(codec)).fill(byte));
	return { load, hub, call, listener, hearing, say };
}
const loud = encodeUlaw(8000);
const quiet = 0xff;
/** What a message says: from where, how many frames, and of which parts. */
const shape = ({ mediaMs, frames, parts }: SoundMessage) => `${mediaMs}×${frames} ${Object.keys(parts).join('+')}`;

describe('[A11] under load', () => {
	test('puts two or three frames of each leg into a message, and one again when it has eased, without a hole', () => {
		const { load, listener, say } = loaded();
		const widths = [1, 1, 2, 2, 2, 2, 3, 3, 3, 1, 1, 2, 2, 1];
		widths.forEach((frames, index) => {
			load.frames = frames;
			// The agent first: their leg is known from the beginning, and waited for.
			if (index > 0) say('agent', index, index + 101);
			say('customer', index, index + 1);
		});
		let next = 0;
		for (const { mediaMs, frames, parts } of listener.heard) {
			expect(mediaMs).toBe(next);
			next += frames * 20;
			for (let frame = 0; frame < frames; frame++) {
				expect(parts.customer?.[frame * 160]).toBe(mediaMs / 20 + frame + 1);
				if (mediaMs > 0) expect(parts.agent?.[frame * 160 + 159]).toBe(mediaMs / 20 + frame + 101);
			}
		}
		expect(next).toBe(widths.length * 20);
		expect(new Set(listener.heard.map(({ frames }) => frames))).toEqual(new Set([1, 2, 3]));
	});
	test('a leg that misses a frame in the middle of a message is silent there, and the other is whole', () => {
		const { load, listener, say } = loaded();
		say('customer', 0, 1);
		say('agent', 1, 1);
		load.frames = 3;
		for (let index = 1; index < 10; index++) {
			say('customer', index, loud);
			if (index !== 3 && index > 1) say('agent', index, loud);
		}
		const message = listener.heard.find(({ mediaMs, frames }) => mediaMs <= 60 && mediaMs + frames * 20 > 60);
		const at = ((60 - (message?.mediaMs ?? 0)) / 20) * 160;
		expect(message?.parts.agent?.[at]).toBe(quiet);
		expect(message?.parts.customer?.[at]).toBe(loud);
	});
});

describe('[A10] who chooses', () => {
	test('one mixed leg gets the sum of all legs, which never wraps around', () => {
		const { listener, hearing, say } = loaded();
		hearing.choose('mixed');
		for (const byte of [encodeUlaw(3000), encodeUlaw(30_000)]) {
			listener.heard.length = 0;
			const index = byte === encodeUlaw(3000) ? 0 : 1;
			say('agent', index, byte);
			say('customer', index, byte);
			const [message] = listener.heard.slice(-1);
			if (index === 0) continue;
			expect(shape(message as SoundMessage)).toBe('20×1 mixed');
			expect(ulawTable[message?.parts.mixed?.[7] as number]).toBe(32_124);
		}
	});
	test('low data gets 60 ms a message, without the legs in which nobody talks', () => {
		const { listener, hearing, say } = loaded();
		hearing.choose('low');
		for (let index = 0; index < 90; index++) {
			say('customer', index, index < 30 ? loud : quiet);
			say('agent', index, index >= 30 && index < 60 ? loud : quiet);
		}
		const parts = new Set(listener.heard.map((one) => Object.keys(one.parts).join('+')));
		expect(parts).toContain('customer');
		expect(listener.heard.slice(5).every(({ frames }) => frames === 3)).toBe(true);
		expect(shape(listener.heard.at(-1) as SoundMessage).slice(-3)).toBe('×3 ');
		expect(listener.heard.at(-1)?.silenceLeftOut).toBe(true);
		const times = listener.heard.map(({ mediaMs, frames }) => [mediaMs, mediaMs + frames * 20] as const);
		for (const [place, [from]] of times.entries()) if (place > 0) expect(from).toBe(times[place - 1]?.[1]);
	});
	test('another form gets it from there on, and nobody beside notices', () => {
		const { hub, listener, hearing, say } = loaded();
		const other = ear();
		hub.listen('test-1', other.it);
		for (let index = 0; index < 30; index++) {
			if (index === 10) hearing.choose('mixed');
			if (index === 20) hearing.choose('both');
			say('customer', index, loud);
			say('agent', index, loud);
		}
		expect(new Set(listener.heard.map((one) => Object.keys(one.parts).join('+')))).toEqual(
			new Set(['customer', 'customer+agent', 'mixed', 'agent'].filter((form) => form !== 'agent')),
		);
		expect(other.heard.map(({ mediaMs }) => mediaMs)).toEqual(listener.heard.map(({ mediaMs }) => mediaMs));
		expect(other.heard.some(({ parts }) => parts.mixed)).toBe(false);
		expect(hub.listeners).toBe(2);
		hearing.stop();
		hearing.choose('low');
		expect(hub.listeners).toBe(1);
	});
});

describe('[A12] who talks', () => {
	test('stands in the header, and is nobody once nothing comes or the call is protected [P1]', () => {
		const { load, hub, listener, say } = loaded();
		for (let index = 0; index < 20; index++) {
			say('customer', index, index % 2 ? loud : encodeUlaw(-8000));
			say('agent', index, quiet);
		}
		expect(listener.heard.at(-1)?.levels).toMatchObject({ customer: { talks: true }, agent: { talks: false } });
		expect(hub.talking('test-1')).toEqual({ bits: 1, overtalk: false });
		for (let index = 20; index < 40; index++) {
			say('customer', index, index % 2 ? loud : encodeUlaw(-8000));
			say('agent', index, index % 2 ? loud : encodeUlaw(-8000));
		}
		expect(listener.heard.at(-1)?.overtalk).toBe(true);
		expect(hub.talking('test-1')).toEqual({ bits: 3, overtalk: true });
		hub.protect('test-1', true);
		expect(hub.talking('test-1')).toEqual({ bits: 0, overtalk: false });
		hub.protect('test-1', false);
		load.nowMs = 1000;
		expect(hub.talking('test-1')).toEqual({ bits: 0, overtalk: false });
		expect(hub.talking('test-unknown')).toEqual({ bits: 0, overtalk: false });
	});
});

test('a wideband call keeps its rate', () => {
	const { listener, say } = loaded('pcmu16');
	say('customer', 0, loud);
	expect(listener.heard[0]).toMatchObject({ codec: 'pcmu16', frames: 1 });
	expect(listener.heard[0]?.parts.customer).toHaveLength(320);
});
