import { describe, expect, test } from 'vitest';
import { voiceBytes, voiceOut } from '#server/telephony/audiohook/voice-out.ts';
import { handClock } from '#tests/support/clock.ts';

function trial() {
	const clock = handClock();
	const sent: Uint8Array[] = [];
	const socket = { bufferedAmount: 0, send: (bytes: Uint8Array) => sent.push(bytes) };
	let behind = 0;
	const out = voiceOut(socket, clock, () => behind++);
	const say = (frames: number, byte = 1) => {
		for (let frame = 0; frame < frames; frame++) out.say(new Uint8Array(160).fill(byte));
	};
	return { clock, sent, socket, out, say, behind: () => behind };
}

describe('an executive’s voice toward Genesys', () => {
	test('goes out as 1,600 bytes every 200 ms, whole and in order', () => {
		const { sent, say } = trial();
		for (let frame = 1; frame <= 25; frame++) say(1, frame);
		expect(sent.map(({ length }) => length)).toEqual([voiceBytes, voiceBytes]);
		expect(sent.flatMap((one) => [...one].filter((_, at) => at % 160 === 0))).toEqual(
			Array.from({ length: 20 }, (_, index) => index + 1),
		);
	});

	test('waits no longer than 200 ms for the rest of a message, and then it is silence', () => {
		const { sent, say, clock } = trial();
		say(3);
		clock.advance(199);
		expect(sent).toEqual([]);
		clock.advance(1);
		expect([...(sent[0] as Uint8Array)].filter((byte) => byte === 1)).toHaveLength(480);
		expect(sent[0]?.at(-1)).toBe(0xff);
		clock.advance(10_000);
		expect(sent).toHaveLength(1);
	});

	test('is dropped, not queued, while the network does not take it; what is unplayed is forgotten once [B1]', () => {
		const { sent, say, socket, behind } = trial();
		say(10);
		socket.bufferedAmount = voiceBytes + 1;
		say(30);
		expect([sent.length, behind()]).toEqual([1, 1]);
		socket.bufferedAmount = 0;
		say(10);
		expect([sent.length, behind()]).toEqual([2, 1]);
	});

	test('is silent for as long as Genesys asks, and for five seconds at most', () => {
		const { sent, say, out, clock } = trial();
		out.slowDown(400);
		say(10);
		clock.advance(400);
		say(10);
		expect(sent).toHaveLength(1);
		out.slowDown(3_600_000);
		clock.advance(5000);
		say(10);
		expect(sent).toHaveLength(2);
	});

	test('is over at once: what was gathered goes nowhere [S2] [C2]', () => {
		const { sent, say, out, clock } = trial();
		say(9);
		out.stop();
		say(9);
		clock.advance(1000);
		expect([sent, clock.alarms]).toEqual([[], 0]);
	});
});
