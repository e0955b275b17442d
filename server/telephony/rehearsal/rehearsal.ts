import type { Control } from '#server/telephony/control.ts';
import type { Recording } from '#server/telephony/rehearsal/recording.ts';
import { type SyntheticCustomer, syntheticCustomer } from '#server/telephony/rehearsal/synthetic-customer.ts';
import type { Gateway, Intake, LiveCall } from '#server/telephony/telephony.ts';
import { frameMs, frameSamples, silenceByte } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** Frames that are made up for after a stall: 100 ms. Older ones are skipped, so that the call stays on the wall clock. */
const maxCatchUp = 5;
const silence = new Uint8Array(frameSamples).fill(silenceByte.pcmu);

export interface RehearsalNeeds {
	intake: Intake;
	recording: Recording;
	agentId: string;
	/** How the call is shown. */
	label: string;
	/** What the call is named within this gateway: letters, digits, `_ . -`. */
	platformId: string;
	clock: Clock;
	/** Play the scenes again and again; else hang up after the last. */
	loop: boolean;
	/** The call was not let in: nothing is played. */
	onRefused?: (refusal: Refusal) => void;
	/** Hung up after the last scene. */
	onEnd?: () => void;
	/** Who listens to an executive, and answers; a test's ear fits too. */
	customer?: (replies: readonly Uint8Array[]) => SyntheticCustomer;
}

/** A call that is being played. */
export interface Rehearsal extends Gateway {
	readonly callId: string;
}

/**
 * Plays a recorded call as a live one, scene after scene, both legs in each 20 ms. Frame n is due at the start and n
 * frames, whatever the timers do. In held stretches the call is on hold and no sound comes. While an executive has the
 * line the scenes stand still, the agent is silent, and the customer answers. `close` hangs up.
 */
export function rehearsal(needs: RehearsalNeeds): Rehearsal {
	const { intake, recording, clock, loop, customer = syntheticCustomer } = needs;
	const { order, held, begun } = playList(recording);
	let over = false;
	let next = 0;
	let onHold = false;
	let stopTimer = () => {};
	/** Frames of the call in which the scenes stood still. */
	let stood = 0;
	let turn: { customer: SyntheticCustomer; lost: () => void } | undefined;

	const finish = () => {
		over = true;
		stopTimer();
	};
	/** The call is over by itself: whoever has the line is told. */
	const end = () => {
		finish();
		const { lost } = turn ?? {};
		turn = undefined;
		call.ended('hung-up');
		lost?.();
	};

	const control: Control = {
		abilities: ['survey', 'returnToAgent', 'hangUp'],
		async take(_taking, lost) {
			if (over) throw new Refusal('survey.cannot', 'the rehearsal is over');
			const own = { customer: customer(recording.replies), lost };
			turn = own;
			setHold(false);
			return {
				say(frame) {
					if (turn === own) own.customer.hears(frame, clock.now());
				},
			};
		},
		async release() {
			// Whoever was cut off says it again from the beginning.
			if (turn && order.length > 0) stood += begun[order[(next - stood) % order.length] as number] as number;
			turn = undefined;
			// The agent of a rehearsal is always there.
			return over ? 'hung-up' : 'agent';
		},
	};
	const call = intake.started(
		{
			gateway: 'rehearsal',
			platformId: needs.platformId,
			agentId: needs.agentId,
			label: needs.label,
			codec: 'pcmu',
			legs: ['customer', 'agent'],
			disclosure: 'notice',
			rehearsal: true,
			control,
		},
		(refusal) => {
			finish();
			needs.onRefused?.(refusal);
		},
	);
	const startMs = clock.now();

	function tick() {
		const due = Math.floor((clock.now() - startMs) / frameMs) + 1;
		const skipped = Math.max(0, due - maxCatchUp - next);
		next += skipped;
		if (turn) stood += skipped;
		for (; next < due && !over; next++) {
			if (turn) answer(turn.customer);
			else if (next - stood >= order.length && (!loop || order.length === 0)) return hangUp();
			else play(call, next);
		}
		if (over) return;
		// Set anew for each frame, by the start: an interval would run late a little more each time.
		stopTimer = clock.after(Math.max(1, startMs + next * frameMs - clock.now()), tick);
	}

	function setHold(holds: boolean) {
		if (holds === onHold) return;
		onHold = holds;
		if (holds) call.held();
		else call.resumed();
	}

	/** The scenes wait: the customer answers the executive, the agent says nothing. */
	function answer(customer: SyntheticCustomer) {
		stood++;
		const at = next * frameSamples;
		call.sound('customer', customer.says(clock.now()) ?? silence, at);
		call.sound('agent', silence, at);
	}

	function play(call: LiveCall, frame: number) {
		const source = order[(frame - stood) % order.length] as number;
		const holds = held[source] === 1;
		setHold(holds);
		if (holds) return;
		const from = source * frameSamples;
		const at = frame * frameSamples;
		call.sound('customer', recording.customer.subarray(from, from + frameSamples), at);
		call.sound('agent', recording.agent.subarray(from, from + frameSamples), at);
	}

	function hangUp() {
		end();
		needs.onEnd?.();
	}

	if (!over) tick();
	return {
		name: 'rehearsal',
		callId: call.callId,
		async close() {
			if (!over) end();
		},
	};
}

/** The recording's frames in the order they are played, which lie in a hold, and how many of somebody's turn came before each. */
function playList({ frames, scenes }: Recording): { order: Uint32Array; held: Uint8Array; begun: Uint32Array } {
	const order: number[] = [];
	const held = new Uint8Array(frames);
	const begun = new Uint32Array(frames);
	for (const scene of scenes) {
		for (let frame = scene.startMs / frameMs; frame < scene.endMs / frameMs; frame++) order.push(frame);
		for (const { startMs, endMs } of scene.held ?? []) held.fill(1, startMs / frameMs, endMs / frameMs);
		for (const { startMs, endMs } of scene.turns ?? [])
			for (let frame = startMs / frameMs; frame < Math.min(frames, endMs / frameMs); frame++)
				begun[frame] = Math.max(begun[frame] ?? 0, frame - startMs / frameMs);
	}
	return { order: Uint32Array.from(order), held, begun };
}
