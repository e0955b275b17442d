import { describe, expect, test } from 'vitest';
import type { Control } from '#server/telephony/control.ts';
import { type Recording, recordingOf } from '#server/telephony/rehearsal/recording.ts';
import { type RehearsalNeeds, rehearsal } from '#server/telephony/rehearsal/rehearsal.ts';
import { syntheticCustomer } from '#server/telephony/rehearsal/synthetic-customer.ts';
import type { Clock } from '#shared/clock.ts';
import { handClock } from '#tests/support/clock.ts';
import { type RecordedCall, recordingIntake } from '#tests/support/recording-intake.ts';
import { tone } from '#tests/support/tone.ts';

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

/** A clock whose alarms ring when the test lets time pass, however much of it at once. */
function stalling() {
	let now = handClock().now();
	const alarms: (() => void)[] = [];
	const clock: Clock = {
		now: () => now,
		after(_ms, ring) {
			alarms.push(ring);
			return () => {};
		},
		every: () => () => {},
	};
	const pass = (ms: number) => {
		now += ms;
		alarms.shift()?.();
	};
	return { clock, pass };
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
		const { clock, pass } = stalling();
		const { said } = playing(numbered(200), { clock });
		pass(20);
		pass(2000);
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

describe('a rehearsal with an executive on the line', () => {
	const taken = async (recording: Recording, more: Partial<RehearsalNeeds> = {}) => {
		const heard: [byte: number | undefined, atMs: number][] = [];
		const ear = { hears: (frame: Uint8Array, nowMs: number) => heard.push([frame[0], nowMs]), says: () => undefined };
		const played = playing(recording, { customer: () => ear, ...more });
		const control = played.call.incoming.control as Required<Pick<Control, 'take' | 'release'>>;
		let lost = 0;
		const take = () => control.take({ agent: 'muted', shownAs: 'a leader' }, () => lost++);
		return { ...played, control, take, heard, lost: () => lost };
	};
	const agentSays = (call: RecordedCall) => call.pieces.filter(({ leg }) => leg === 'agent').map(({ data }) => data[0]);

	test('stands still in its scene, the agent silent, and goes on where it stood', async () => {
		const { clock, said, call, take, control } = await taken(numbered(100));
		clock.advance(40);
		await take();
		clock.advance(60);
		expect(said().slice(3)).toEqual([
			[3, 0xff],
			[4, 0xff],
			[5, 0xff],
		]);
		expect(agentSays(call).slice(3)).toEqual([0xff, 0xff, 0xff]);
		await expect(control.release('announcement')).resolves.toBe('agent');
		clock.advance(40);
		expect(said().slice(6)).toEqual([
			[6, 3],
			[7, 4],
		]);
	});

	test('begins the sentence again in which it was cut off, the earlier of two that overlap', async () => {
		const turns = [
			{ startMs: 40, endMs: 210 },
			{ startMs: 160, endMs: 300 },
		];
		const scenes = [{ name: 'a', startMs: 0, endMs: 2000, turns }];
		const { clock, said, take, control } = await taken(numbered(100, scenes));
		clock.advance(160);
		await take();
		clock.advance(40);
		await control.release('announcement');
		await control.release('announcement');
		clock.advance(40);
		expect(said().slice(8)).toEqual([
			[8, 8],
			[9, 0xff],
			[10, 0xff],
			[11, 2],
			[12, 3],
		]);
		clock.advance(100);
		await take();
		await control.release('announcement');
		expect(said().at(-1)).toEqual([17, 8]);
	});

	test('lets the customer hear what is said, when it is said, and only then', async () => {
		const { clock, take, control, heard } = await taken(numbered(100));
		const voice = await take();
		clock.advance(20);
		voice.say(new Uint8Array(160).fill(7));
		expect(heard).toEqual([[7, clock.now()]]);
		await control.release('announcement');
		voice.say(new Uint8Array(160).fill(8));
		await take();
		voice.say(new Uint8Array(160).fill(9));
		expect(heard).toHaveLength(1);
	});

	test('plays what the customer answers, in its place, and the next time from the first answer on', async () => {
		const replies = [new Uint8Array(320).fill(0x31)];
		const { clock, said, take, control } = await taken({ ...numbered(500), replies }, { customer: syntheticCustomer });
		for (let turn = 0; turn < 2; turn++) {
			const before = said().length;
			const voice = await take();
			for (let ms = 0; ms < 400; ms += 20) {
				voice.say(tone(200, 20));
				clock.advance(20);
			}
			clock.advance(1000);
			expect(
				said()
					.slice(before)
					.filter(([, byte]) => byte !== 0xff),
			).toHaveLength(2);
			await control.release('announcement');
		}
		expect(said().map(([at]) => at)).toEqual(said().map((_, index) => index));
	});

	test('is off hold while the executive has the line, and on hold again after it', async () => {
		const held = [{ startMs: 40, endMs: 200 }];
		const { clock, call, said, take, control } = await taken(
			numbered(20, [{ name: 'a', startMs: 0, endMs: 400, held }]),
		);
		clock.advance(60);
		await take();
		clock.advance(40);
		expect([call.told, said().length]).toEqual([['held', 'resumed'], 4]);
		await control.release('announcement');
		clock.advance(200);
		expect(call.told).toEqual(['held', 'resumed', 'held', 'resumed']);
	});

	test('stays on the wall clock through a stall, and in its scene', async () => {
		const { clock, pass } = stalling();
		const { said, take, control } = await taken(numbered(200), { clock });
		await take();
		pass(2000);
		await control.release('announcement');
		pass(20);
		expect(said().at(-1)).toEqual([101, 1]);
	});

	test('tells whoever has the line when it is closed, once, and nobody after a release', async () => {
		const one = await taken(numbered(100));
		await one.take();
		await one.gateway.close();
		await one.gateway.close();
		expect(one.lost()).toBe(1);
		await expect(one.control.release('announcement')).resolves.toBe('hung-up');
		await expect(one.take()).rejects.toMatchObject({ code: 'survey.cannot' });
		const other = await taken(numbered(100));
		await other.take();
		await other.control.release('announcement');
		await other.gateway.close();
		expect(other.lost()).toBe(0);
	});
});
