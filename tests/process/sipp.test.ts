import { describe, expect, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { type RecordedCall, recordingIntake } from '#tests/support/recording-intake.ts';
import { type SippRun, sipp } from '#tests/support/sipp.ts';
import { siprecDoor } from '#tests/support/siprec-door.ts';
import { peakOf, tone } from '#tests/support/tone.ts';

/** sipp against a recording server of ours, to its end, and what came of it. */
async function recorded(run: Omit<SippRun, 'port'>) {
	const intake = recordingIntake();
	const gateway = await siprecDoor({ intake, clock: machineClock(), pairs: 2 * run.calls });
	const { code, said } = await sipp({ port: gateway.port, ...run });
	await intake.when(() => intake.calls.every(({ told }) => told.includes('ended hung-up')));
	expect(code, said).toBe(0);
	return intake.calls as readonly RecordedCall[];
}

describe('sipp as the recorder', () => {
	test.each(['udp', 'tcp'] as const)('20 calls at once over %s: each is brought once, and ends once', async (over) => {
		const calls = await recorded({ over, calls: 20 });
		expect(calls).toHaveLength(20);
		expect(new Set(calls.map(({ callId }) => callId)).size).toBe(20);
		for (const { told, incoming } of calls) {
			expect(told).toEqual(['ended hung-up']);
			expect(incoming).toMatchObject({ agentId: 'ann', label: 'Caller …477', legs: ['customer', 'agent'] });
		}
	});

	test('that loses a fifth of what it sends has every call all the same, and none twice', async () => {
		const calls = await recorded({ over: 'udp', calls: 10, lost: 20 });
		expect(calls).toHaveLength(10);
		for (const { told } of calls) expect(told).toEqual(['ended hung-up']);
	});

	test.each(['udp', 'tcp'] as const)('a hold by re-INVITE over %s is one, and its end', async (over) => {
		const [call] = await recorded({ over, calls: 1, holds: true });
		expect(call?.told).toEqual(['held', 'resumed', 'ended hung-up']);
	});

	test('its own RTP is heard whole, at its place', async () => {
		const says = tone(440, 1000);
		const [call] = await recorded({ over: 'udp', calls: 1, says });
		const heard = call?.heard('customer') ?? new Uint8Array(0);
		expect(heard.length).toBeGreaterThanOrEqual(says.length - 160);
		expect(Buffer.compare(heard.subarray(0, says.length - 160), says.subarray(0, says.length - 160))).toBe(0);
		expect(peakOf(heard, 440)).toBeGreaterThan(11_000);
	});
});
