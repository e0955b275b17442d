import type { Recording } from '#server/telephony/rehearsal/recording.ts';
import type { Gateway, Intake, LiveCall } from '#server/telephony/telephony.ts';
import { frameMs, frameSamples } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { Refusal } from '#shared/refusals.ts';

/** Frames that are made up for after a stall: 100 ms. Older ones are skipped, so that the call stays on the wall clock. */
const maxCatchUp = 5;

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
}

/** A call that is being played. */
export interface Rehearsal extends Gateway {
	readonly callId: string;
}

/**
 * Plays a recorded call as a live one, scene after scene, both legs in each 20 ms. Frame n is due at the start and n
 * frames, whatever the timers do. In held stretches the call is on hold and no sound comes. `close` hangs up.
 */
export function rehearsal(needs: RehearsalNeeds): Rehearsal {
	const { intake, recording, clock, loop } = needs;
	const { order, held } = playList(recording);
	let over = false;
	let next = 0;
	let onHold = false;
	let stopTimer = () => {};

	const finish = () => {
		over = true;
		stopTimer();
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
		},
		(refusal) => {
			finish();
			needs.onRefused?.(refusal);
		},
	);
	const startMs = clock.now();

	function tick() {
		const begun = Math.floor((clock.now() - startMs) / frameMs) + 1;
		next = Math.max(next, begun - maxCatchUp);
		for (; next < begun && !over; next++) {
			if (next >= order.length && (!loop || order.length === 0)) return hangUp();
			play(call, next);
		}
		if (over) return;
		// Set anew for each frame, by the start: an interval would run late a little more each time.
		stopTimer = clock.after(Math.max(1, startMs + next * frameMs - clock.now()), tick);
	}

	function play(call: LiveCall, frame: number) {
		const source = order[frame % order.length] as number;
		const holds = held[source] === 1;
		if (holds !== onHold) {
			onHold = holds;
			if (holds) call.held();
			else call.resumed();
		}
		if (holds) return;
		const from = source * frameSamples;
		const at = frame * frameSamples;
		call.sound('customer', recording.customer.subarray(from, from + frameSamples), at);
		call.sound('agent', recording.agent.subarray(from, from + frameSamples), at);
	}

	function hangUp() {
		finish();
		call.ended('hung-up');
		needs.onEnd?.();
	}

	if (!over) tick();
	return {
		name: 'rehearsal',
		callId: call.callId,
		async close() {
			if (over) return;
			finish();
			call.ended('hung-up');
		},
	};
}

/** The recording's frames in the order they are played, and which of them lie in a hold. */
function playList({ frames, scenes }: Recording): { order: Uint32Array; held: Uint8Array } {
	const order: number[] = [];
	const held = new Uint8Array(frames);
	for (const scene of scenes) {
		for (let frame = scene.startMs / frameMs; frame < scene.endMs / frameMs; frame++) order.push(frame);
		for (const { startMs, endMs } of scene.held ?? []) held.fill(1, startMs / frameMs, endMs / frameMs);
	}
	return { order: Uint32Array.from(order), held };
}
