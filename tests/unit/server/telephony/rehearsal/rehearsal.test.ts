import { describe, expect, test } from 'vitest';
import { type Recording, recordingOf } from '#server/telephony/rehearsal/recording.ts';
import { type RehearsalNeeds, rehearsal } from '#server/telephony/rehearsal/rehearsal.ts';
import type { Clock } from '#shared/clock.ts';
import { handClock } from '#tests/support/clock.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';

/** A recording in which each frame is made of its own number. */
const numbered = (frames: number, scenes?: Recording['scenes']) => {
	const sound = Uint8Array.from({ length: frames * 160 }, (_, at) => Math.floor(at / 160));
	return recordingOf('numbers', { customer: sound, agent: sound }, scenes);
};

function playing(recording: Recording, more: Partial<RehearsalNeeds> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const gateway = rehearsal({
		intake,
		recording,
		agentId: 'ann',
		label: 'A call',
		platformId: 'one',
		clock,
		loop: false,
		...more,
	});
	const [call] = intake.calls;
	if (!call) throw new Error('no call was announced');
	/** What the customer said so far: place on the call's time line and number of the frame. */
	const said = () =>
		call.pieces.filter(({ leg }) => leg === 'customer').map(({ at = -1, data }) => [at / 160, data[0]]);
	return { clock, gateway, call, said };
}

describe('a rehearsal', () => {
	test('plays each frame of both legs when it is due, at its place', () => {
		const { clock, said, call } = playing(numbered(100));
		expect(said()).toEqual([[0, 0]]);
		clock.advance(19);
		expect(said()).toHaveLength(1);
		for (let frame = 1; frame < 10; frame++) {
			clock.advance(frame === 1 ? 1 : 20);
			expect(said().at(-1)).toEqual([frame, frame]);
		}
		expect(call.pieces.filter(({ leg }) => leg === 'agent')).toHaveLength(10);
	});

	test('keeps to the wall clock though its timers are always late', () => {
		const hand = handClock();
		const late: Clock = { ...hand, now: hand.now, after: (ms, ring) => hand.after(ms + 7, ring), every: hand.every };
		const { call } = playing(numbered(200), { clock: late });
		hand.advance(3000);
		const frames = call.pieces.filter(({ leg }) => leg === 'customer').length;
		expect(frames).toBeGreaterThanOrEqual(150);
		expect(frames).toBeLessThanOrEqual(151);
	});

	test('after a stall makes up for 100 ms and skips the rest, so that places stay true', () => {
		const hand = handClock();
		let now = hand.now();
		const alarms: (() => void)[] = [];
		const stalling: Clock = {
			now: () => now,
			after(_ms, ring) {
				alarms.push(ring);
				return () => {};
			},
			every: () => () => {},
		};
		const { said } = playing(numbered(200), { clock: stalling });
		now += 20;
		alarms.shift()?.();
		now += 2000;
		alarms.shift()?.();
		expect(said()).toEqual([
			[0, 0],
			[1, 1],
			[97, 97],
			[98, 98],
			[99, 99],
			[100, 100],
			[101, 101],
		]);
	});

	test('is on hold where the scene says so, sends no sound then, and goes on in its place', () => {
		const held = [{ startMs: 40, endMs: 100 }];
		const { clock, said, call } = playing(numbered(10, [{ name: 'a', startMs: 0, endMs: 200, held }]));
		clock.advance(60);
		expect(call.told).toEqual(['held']);
		clock.advance(120);
		expect(call.told).toEqual(['held', 'resumed']);
		expect(said().map(([at]) => at)).toEqual([0, 1, 5, 6, 7, 8, 9]);
	});

	test('hangs up after its last scene', () => {
		let ended = 0;
		const { clock, call, gateway } = playing(numbered(5), { onEnd: () => ended++ });
		clock.advance(80);
		expect(call.told).toEqual([]);
		clock.advance(20);
		expect(call.told).toEqual(['ended hung-up']);
		expect([ended, clock.alarms]).toEqual([1, 0]);
		void gateway.close();
		clock.advance(1000);
		expect(call.told).toEqual(['ended hung-up']);
	});

	test('plays its scenes again and again, places going on', () => {
		const scenes = [
			{ name: 'a', startMs: 0, endMs: 40 },
			{ name: 'b', startMs: 80, endMs: 120 },
		];
		const { clock, said } = playing(numbered(6, scenes), { loop: true });
		clock.advance(20 * 8);
		expect(said()).toEqual([
			[0, 0],
			[1, 1],
			[2, 4],
			[3, 5],
			[4, 0],
			[5, 1],
			[6, 4],
			[7, 5],
			[8, 0],
		]);
	});

	test('hangs up when it is closed, and leaves no timer behind', async () => {
		const { clock, call, gateway } = playing(numbered(5), { loop: true });
		await gateway.close();
		await gateway.close();
		expect(call.told).toEqual(['ended hung-up']);
		expect(clock.alarms).toBe(0);
	});

	test.each([true, false])('of nothing is over at once (loop: %s)', (loop) => {
		const { call } = playing(recordingOf('nothing', { customer: new Uint8Array(), agent: new Uint8Array() }), { loop });
		expect(call.told).toEqual(['ended hung-up']);
	});

	test('that is refused plays nothing', () => {
		const intake = recordingIntake();
		intake.refuse('call.unknown-agent');
		const clock = handClock();
		let code = '';
		const onRefused = (refusal: { code: string }) => {
			code = refusal.code;
		};
		const recording = numbered(5);
		rehearsal({ intake, recording, agentId: 'x', label: 'x', platformId: 'x', clock, loop: true, onRefused });
		clock.advance(100);
		expect([code, intake.calls[0]?.pieces, clock.alarms]).toEqual(['call.unknown-agent', [], 0]);
	});
});
