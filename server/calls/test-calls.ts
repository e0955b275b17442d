import { unframed } from '#server/audio/framed.ts';
import type { Hearing, Hub } from '#server/audio/hub.ts';
import { knownVoice, signalFrames } from '#server/calls/known-signal.ts';
import { type LegTrack, legTrack, type SharedPlace } from '#server/calls/leg-track.ts';
import { type HeardFrames, measured, takeDown } from '#server/calls/measured.ts';
import type { GatewayEntry, TestCall } from '#server/telephony/desk.ts';
import type { IncomingCall, Intake, LiveCall } from '#server/telephony/telephony.ts';
import { decodeSound, frameMs, frameSamples, type Leg } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { TestCallResult } from '#shared/gateways.ts';
import { Refusal } from '#shared/refusals.ts';

/** A test call is over by then, whatever happens. */
export const testWithinMs = 10_000;
/** How long sound may be on its way after the last of it was sent. */
const tailMs = 500;

export interface TestCallsNeeds {
	intake: Intake;
	hub: Hub;
	clock: Clock;
	/** Our own door, from this machine: http:// and host and port. */
	here: () => string;
	newId: () => string;
	/** Tells the desk that who comes is ourselves; gives back what says that it is over. */
	testing: (gateway: string) => () => void;
}

/** Test calls, and the intake that knows them. */
export interface TestCalls extends Intake {
	/**
	 * Runs a known signal through the whole path of a gateway: its platform is played against our own door, and the call is
	 * heard at the hub as a listener would hear it. What goes wrong is in the result, in words. Refuses with
	 * `gateway.no-test`, and with `gateway.testing` while one is on.
	 */
	test(entry: GatewayEntry): Promise<TestCallResult>;
	/** Lets go of what is on. */
	close(): void;
}

/** A test call that was announced to the intake, and what it was heard as. One for each gateway at most. [B1] */
interface Expected {
	gateway: string;
	platformId: string;
	agent: string;
	heard: HeardFrames;
	call: { incoming: IncomingCall; end: () => void } | undefined;
}

/**
 * Stands before the intake. A test call goes the way of every other, door, clock and hub, except that it is on no record: so
 * it is on no board, in no count, nobody can be invited to it, and it takes no real call's place.
 */
export function testCalls(needs: TestCallsNeeds): TestCalls {
	const { intake, hub, clock } = needs;
	const expected = new Map<string, Expected>();
	const stops = new Set<() => void>();

	const expectedOf = ({ gateway, agentId, platformId }: IncomingCall) => {
		const one = expected.get(gateway);
		// A platform may have a name of its own for the call, or for the agent, never for both.
		return one && (one.agent === agentId || one.platformId === platformId) ? one : undefined;
	};

	function open(one: Expected, incoming: IncomingCall, refused: (refusal: Refusal) => void): LiveCall {
		const callId = `${incoming.gateway}-${incoming.platformId}`;
		if (one.call) {
			refused(new Refusal('call.exists'));
			return silent(callId);
		}
		const sound = hub.open(callId, incoming.codec);
		const hearing: Hearing = hub.listen(callId, {
			send(framed) {
				const message = decodeSound(unframed(framed));
				if (typeof message !== 'string') takeDown(one.heard, clock.now(), message);
			},
			clear() {},
		});
		const startedAtMs = clock.now();
		const place: SharedPlace = {};
		const tracks = new Map<Leg, LegTrack>(
			incoming.legs.map((leg) => {
				const frame = (index: number, bytes: Uint8Array) => sound.frame(leg, index, bytes);
				return [leg, legTrack({ codec: incoming.codec, startedAtMs, now: clock.now, place, frame })];
			}),
		);
		let isOn = true;
		const end = () => {
			isOn = false;
			hearing.stop();
			sound.close();
		};
		one.call = { incoming, end };
		return {
			...silent(callId),
			sound(leg, data, at) {
				if (isOn) tracks.get(leg)?.sound(data, at);
			},
			lost: end,
			ended: end,
		};
	}

	/** Sends a frame every 20 ms, whatever the timers do, and says when each went. Ends early when our door hangs up. */
	function play(call: TestCall, until: () => boolean): Promise<number[]> {
		const sentAtMs: number[] = [];
		const beganMs = clock.now();
		return new Promise((resolve) => {
			const go = () => {
				const due = Math.min(signalFrames, Math.floor((clock.now() - beganMs) / frameMs) + 1);
				while (sentAtMs.length < due && !until()) {
					sentAtMs.push(clock.now());
					call.play((sentAtMs.length - 1) * frameSamples, frameSamples);
				}
				if (until()) return resolve(sentAtMs);
				if (sentAtMs.length === signalFrames) return void clock.after(tailMs, () => resolve(sentAtMs));
				clock.after(Math.max(1, beganMs + sentAtMs.length * frameMs - clock.now()), go);
			};
			go();
		});
	}

	async function run(
		entry: GatewayEntry,
		one: Expected,
		isLate: () => boolean,
	): Promise<Omit<TestCallResult, 'tookMs'>> {
		const call = await entry.testCall?.({
			platformId: one.platformId,
			agent: one.agent,
			here: needs.here(),
			customer: knownVoice('customer'),
			agentVoice: knownVoice('agent'),
		});
		if (!call) throw new Error('This gateway has no test call.');
		// Nobody waits any more: what was begun too late is ended all the same.
		if (isLate()) {
			await call.hangUp();
			throw new Error(tooLate);
		}
		const sentAtMs = await play(call, () => isLate() || call.refusal !== undefined);
		const { refusal } = call;
		await call.hangUp();
		if (refusal) throw new Error(refusal);
		if (!one.call) throw new Error('The call did not come in: the gateway took the connection and brought nothing.');
		return measured({ sentAtMs, frames: one.heard, isMix: one.call.incoming.hears === 'mix' });
	}

	return {
		started(call, refused) {
			const one = expectedOf(call);
			return one ? open(one, call, refused) : intake.started(call, refused);
		},
		async test(entry) {
			const { name, title } = entry;
			if (!entry.on || !entry.testCall) throw new Refusal('gateway.no-test', title);
			if (expected.has(name)) throw new Refusal('gateway.testing');
			const one: Expected = {
				gateway: name,
				platformId: needs.newId(),
				agent: `ycordtest${needs.newId().replaceAll('-', '')}`,
				heard: new Map(),
				call: undefined,
			};
			expected.set(name, one);
			const over = needs.testing(name);
			const beganMs = clock.now();
			let isLate = false;
			const late = Promise.withResolvers<never>();
			const stop = () => {
				isLate = true;
				late.reject(new Error(tooLate));
			};
			const stopWaiting = clock.after(testWithinMs, stop);
			stops.add(stop);
			try {
				const found = await Promise.race([run(entry, one, () => isLate), late.promise]);
				return { ...found, tookMs: Math.round(clock.now() - beganMs) };
			} catch (error) {
				return failedTest((error as Error).message, Math.round(clock.now() - beganMs));
			} finally {
				stopWaiting();
				stops.delete(stop);
				isLate = true;
				one.call?.end();
				expected.delete(name);
				over();
			}
		},
		close() {
			for (const stop of stops) stop();
		},
	};
}

const tooLate = `The test did not come to an end within ${testWithinMs / 1000} seconds.`;

const failedTest = (why: string, tookMs: number): TestCallResult => ({
	passed: false,
	why,
	legs: [],
	order: 'missing',
	sentMs: 0,
	heardMs: 0,
	tookMs,
});

const silent = (callId: string): LiveCall => ({
	callId,
	sound() {},
	held() {},
	resumed() {},
	paused() {},
	unpaused() {},
	lost() {},
	ended() {},
});
