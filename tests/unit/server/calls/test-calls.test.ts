import { expect, test } from 'vitest';
import { soundHub } from '#server/audio/hub.ts';
import { signalFrames } from '#server/calls/known-signal.ts';
import { testCalls, testWithinMs } from '#server/calls/test-calls.ts';
import type { GatewayEntry, TestSignal } from '#server/telephony/desk.ts';
import type { Intake, LiveCall } from '#server/telephony/telephony.ts';
import { frameMs } from '#shared/audio.ts';
import { Refusal } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';

const entryOf = (testCall: NonNullable<GatewayEntry['testCall']>): GatewayEntry => ({
	name: 'test',
	title: 'A platform',
	on: true,
	addresses: () => [],
	settings: [],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'test.md',
	testCall,
});

/** Test calls before an intake, and a gateway without a wire: what is played comes straight to the port. */
function world() {
	const clock = handClock();
	const hub = soundHub({ now: clock.now });
	const intake = recordingIntake();
	let ids = 0;
	const told: string[] = [];
	const calls = testCalls({
		intake,
		hub,
		clock,
		here: () => 'http://127.0.0.1:1',
		newId: () => `id-${++ids}`,
		testing(name) {
			told.push(`testing ${name}`);
			return () => told.push(`over ${name}`);
		},
	});
	/** Begins a call as this gateway would, with other names where they are given. */
	const begin = (given: Intake, signal: TestSignal, other: Partial<{ agentId: string; platformId: string }> = {}) =>
		given.started(
			{
				gateway: 'test',
				platformId: signal.platformId,
				agentId: signal.agent,
				label: '',
				codec: 'pcmu',
				legs: ['customer', 'agent'],
				disclosure: 'notice',
				rehearsal: false,
				...other,
			},
			(refusal) => told.push(`refused ${refusal.code}`),
		);
	const playing = (signal: TestSignal, call: LiveCall) => ({
		play(from: number, samples: number) {
			call.sound('customer', signal.customer.subarray(from, from + samples), from);
			call.sound('agent', signal.agentVoice.subarray(from, from + samples), from);
		},
		async hangUp() {
			told.push('hung up');
			call.ended('hung-up');
		},
	});
	/** Lets time go on until this is settled, and gives back what it came to. */
	async function settled<T>(work: Promise<T>): Promise<T> {
		let isOver = false;
		work.then(
			() => {
				isOver = true;
			},
			() => {
				isOver = true;
			},
		);
		for (let turn = 0; turn < 2000 && !isOver; turn++) {
			clock.advance(frameMs);
			await Promise.resolve();
			await Promise.resolve();
			await new Promise((resolve) => setImmediate(resolve));
		}
		return work;
	}
	return { clock, hub, intake, calls, told, begin, playing, settled };
}

test('a known signal goes through the port and is heard at the hub; the intake behind never hears of it', async () => {
	const { calls, begin, playing, settled, intake, hub, told } = world();
	const entry = entryOf(async (signal) => playing(signal, begin(calls, signal)));
	expect(await settled(calls.test(entry))).toMatchObject({
		passed: true,
		order: 'right',
		sentMs: signalFrames * frameMs,
		heardMs: signalFrames * frameMs,
	});
	expect([intake.calls.length, hub.calls, hub.listeners]).toEqual([0, 0, 0]);
	expect(told).toEqual(['testing test', 'hung up', 'over test']);
});

test.each([['agentId'], ['platformId']])('is known where the platform has its own %s', async (own) => {
	const { calls, begin, playing, settled } = world();
	const entry = entryOf(async (signal) => playing(signal, begin(calls, signal, { [own]: 'its-own' })));
	expect(await settled(calls.test(entry))).toMatchObject({ passed: true });
});

test('a real call of the same gateway meanwhile goes to the intake, and so does one that only looks like a test', async () => {
	const { calls, begin, playing, settled, intake } = world();
	const entry = entryOf(async (signal) => {
		begin(calls, signal, { agentId: 'ann', platformId: 'real' });
		return playing(signal, begin(calls, signal));
	});
	expect(await settled(calls.test(entry))).toMatchObject({ passed: true });
	begin(calls, { platformId: 'id-1', agent: 'ycordtestid2' } as TestSignal);
	expect(intake.calls.map(({ callId }) => callId)).toEqual(['test-real', 'test-id-1']);
});

test('comes in once: the same once more is refused, and the first goes on', async () => {
	const { calls, begin, playing, settled, told } = world();
	const entry = entryOf(async (signal) => {
		const call = begin(calls, signal);
		begin(calls, signal);
		return playing(signal, call);
	});
	expect(await settled(calls.test(entry))).toMatchObject({ passed: true });
	expect(told).toContain('refused call.exists');
});

test('says in words why it failed: a door that does not open, one that hangs up, one that brings nothing', async () => {
	const { calls, begin, playing, settled } = world();
	const failing = entryOf(() => Promise.reject(new Error('The door stayed shut.')));
	expect(await settled(calls.test(failing))).toMatchObject({ passed: false, why: 'The door stayed shut.' });
	const hungUp = entryOf(async (signal) => ({ ...playing(signal, begin(calls, signal)), refusal: 'Hung up on.' }));
	expect(await settled(calls.test(hungUp))).toMatchObject({ passed: false, why: 'Hung up on.' });
	const nothing = entryOf(async () => ({ play() {}, async hangUp() {} }));
	expect(await settled(calls.test(nothing))).toMatchObject({ passed: false, why: /brought nothing/ });
});

test('is bounded: what hangs is given up after ten seconds, and what it opened then is ended', async () => {
	const { calls, begin, playing, settled, told, hub, clock } = world();
	const opened = Promise.withResolvers<void>();
	let signalled: TestSignal | undefined;
	const entry = entryOf(async (signal) => {
		signalled = signal;
		await opened.promise;
		return playing(signal, begin(calls, signal));
	});
	const beganMs = clock.now();
	expect(await settled(calls.test(entry))).toMatchObject({ passed: false, tookMs: testWithinMs });
	expect(clock.now() - beganMs).toBeLessThanOrEqual(testWithinMs + frameMs);
	expect(signalled).toBeDefined();
	opened.resolve();
	await new Promise((resolve) => setImmediate(resolve));
	expect(told.at(-1)).toBe('hung up');
	expect(hub.calls).toBe(0);
});

test('one at a time for a gateway; none for one that is off or has none; the server’s end ends it', async () => {
	const { calls, begin, playing, settled } = world();
	const entry = entryOf(async (signal) => playing(signal, begin(calls, signal)));
	const first = calls.test(entry);
	await expect(calls.test(entry)).rejects.toEqual(new Refusal('gateway.testing'));
	await expect(calls.test({ ...entry, name: 'off', on: false })).rejects.toThrow('A platform is not set up');
	calls.close();
	expect(await settled(first)).toMatchObject({ passed: false });
	expect(await settled(calls.test(entry))).toMatchObject({ passed: true });
});
