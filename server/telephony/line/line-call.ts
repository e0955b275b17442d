import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import { lineControl } from '#server/telephony/line/line-control.ts';
import { type End, type LineEnd, lineEnd } from '#server/telephony/line/line-end.ts';
import type { GatewayEnd, Intake, LiveCall } from '#server/telephony/telephony.ts';
import { lineCodec, rateOf } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import type { LineTold } from '#shared/line.ts';
import { type Refusal, refusals } from '#shared/refusals.ts';

/** A line that nobody has talked on is forgotten after two hours. */
export const unusedAfterMs = 2 * 3_600_000;
/** How long an end may be away from a call that has begun before the call is over. */
export const comeBackMs = 30_000;

const samplesPerMs = rateOf[lineCodec] / 1000;
const otherOf = { customer: 'agent', agent: 'customer' } as const;

export interface LineCallNeeds {
	intake: Intake;
	clock: Clock;
	callId: string;
	platformId: string;
	agentId: string;
	label: string;
	/** The line is over: its links lead nowhere any more. */
	over: () => void;
	/** An error of ours, not of a peer. */
	failed: (error: unknown) => void;
}

/** One line: two ends, and the call between them once both are there. */
export interface LineCall {
	/** Takes this end's place. Whoever was there before is told they were replaced. */
	join(end: End, socket: WebSocket, connection?: Socket): void;
	isTaken(end: End): boolean;
	/** Who opened the line is not signed in any more: they are hung up on, and the call is over. */
	signedOut(): void;
	/** The server goes away: the call's sound is lost, and both ends may come back. */
	close(): void;
}

/**
 * The newest connection of an end wins: the link is the credential, someone whose network changed must be able to come
 * back at once, and a dead connection cannot be told from a live one in time. The page warns before it joins an end that
 * is taken; the tab that is replaced does not come back by itself, so two tabs never fight over an end.
 */
export function lineCall(needs: LineCallNeeds): LineCall {
	const { intake, clock, callId } = needs;
	const ends = new Map<End, LineEnd>();
	/** The call while both ends are there, or as it was lost. */
	let call: LiveCall | undefined;
	let isLive = false;
	let startedAtMs: number | undefined;
	let onHold = false;
	let over = false;
	let endsAtMs: number | undefined;
	let stopWaiting = () => {};
	const waitForUse = () => {
		stopWaiting = clock.after(unusedAfterMs, () => finish('unknown'));
	};
	const waitForReturn = () => {
		endsAtMs = clock.now() + comeBackMs;
		stopWaiting = clock.after(comeBackMs, () => finish('callEnded', 'lost'));
	};

	const state = (): LineTold['state'] => (over ? 'ended' : !isLive ? 'waiting' : onHold ? 'held' : 'talking');
	const told = (end: End): LineTold => ({
		type: 'line',
		state: state(),
		callId,
		...(startedAtMs === undefined ? {} : { startedAtMs: Math.round(startedAtMs) }),
		with: executive.taking ? 'executive' : 'agent',
		...(executive.taking ? { shownAs: executive.taking.shownAs } : {}),
		...(end === 'agent' && executive.taking?.agent === 'muted' ? { muted: true } : {}),
		...(state() === 'waiting' && endsAtMs !== undefined ? { endsAtMs: Math.round(endsAtMs) } : {}),
	});
	const tellAll = () => {
		for (const [end, one] of ends) one.tell(told(end));
	};
	const hushAll = () => {
		for (const end of ends.values()) end.hush();
	};

	const executive = lineControl({
		callMs: () => (!over && isLive && startedAtMs !== undefined ? clock.now() - startedAtMs : undefined),
		begins() {
			setHold(false);
			tellAll();
		},
		hear(frame, callMs) {
			if (onHold) return;
			for (const [end, one] of ends) one.hearVoice(frame, callMs, ends.get(otherOf[end])?.leadMs ?? 0);
		},
		over() {
			hushAll();
			tellAll();
		},
		/** A line has no queue: whoever waits for an agent who is lost is told so by their page, until the call ends by itself. */
		goBack(fallback) {
			if (!over && ends.has('agent')) return 'agent';
			if (!over && fallback !== 'hang-up') return 'announcement';
			finish('callEnded', 'hung-up');
			return 'hung-up';
		},
	});

	/** Both ends are there: the call begins, or its sound is back. */
	function begin() {
		const isBack = startedAtMs !== undefined;
		let refused = false;
		const live = intake.started(
			{
				gateway: 'line',
				platformId: needs.platformId,
				agentId: needs.agentId,
				label: needs.label,
				codec: lineCodec,
				legs: ['customer', 'agent'],
				// The customer's page says that others may listen before it asks for the microphone. [C1]
				disclosure: 'notice',
				rehearsal: false,
				control: executive.control,
			},
			(refusal) => {
				refused = true;
				turnAway(refusal, isBack);
			},
		);
		if (refused) return;
		stopWaiting();
		call = live;
		isLive = true;
		endsAtMs = undefined;
		startedAtMs ??= clock.now();
		// A hold outlives a lost connection: nobody hears what they were not meant to because a network came back.
		if (onHold) call.held();
	}

	function turnAway(refusal: Refusal, isBack: boolean) {
		if (over) return;
		// A call that is not let in again is one that Ycord has given up meanwhile.
		if (!refusals[refusal.code].retry) return finish(isBack ? 'callEnded' : closeReasonOf(refusal));
		isLive = false;
		executive.lose();
		stopWaiting();
		if (isBack) waitForReturn();
		else {
			startedAtMs = undefined;
			waitForUse();
		}
		dismiss(closeReasonOf(refusal));
	}

	function dismiss(reason: CloseReason) {
		for (const end of ends.values()) end.leave(reason);
		ends.clear();
	}

	function finish(reason: CloseReason, how?: GatewayEnd) {
		if (over) return;
		over = true;
		stopWaiting();
		if (how) call?.ended(how);
		executive.lose();
		tellAll();
		dismiss(reason);
		needs.over();
	}

	function lose() {
		if (!isLive) return;
		isLive = false;
		call?.lost();
		waitForReturn();
		// An agent who is lost cannot take the customer back: the executive's turn is over too.
		executive.lose();
	}

	function setHold(held: boolean) {
		if (startedAtMs === undefined || onHold === held) return;
		onHold = held;
		if (isLive && held) call?.held();
		if (isLive && !held) call?.resumed();
		hushAll();
		tellAll();
	}

	waitForUse();
	return {
		join(end, socket, connection) {
			ends.get(end)?.leave('replaced');
			const own: LineEnd = lineEnd(socket, connection, end, clock, {
				sound(samples, mediaMs) {
					if (!isLive || onHold || startedAtMs === undefined) return;
					// What a muted agent says, to a colleague perhaps, is nobody's to hear: not the customer's, not a listener's.
					if (end === 'agent' && executive.taking?.agent === 'muted') return;
					const lengthMs = samples.length / samplesPerMs;
					const callMs = own.place(mediaMs, lengthMs, clock.now() - startedAtMs);
					call?.sound(end, samples, callMs * samplesPerMs);
					ends.get(otherOf[end])?.hear(end, samples, callMs);
				},
				said({ type }) {
					if (type === 'hang-up') return finish('callEnded', 'hung-up');
					if (type === 'withdraw') return executive.withdraw();
					setHold(type === 'hold');
				},
				left() {
					if (ends.get(end) !== own) return;
					ends.delete(end);
					lose();
					tellAll();
				},
				failed: needs.failed,
			});
			ends.set(end, own);
			if (!isLive && ends.size === 2) begin();
			tellAll();
		},
		isTaken: (end) => ends.has(end),
		signedOut() {
			ends.get('agent')?.leave('signInNeeded');
			ends.delete('agent');
			finish('callEnded', 'hung-up');
		},
		close() {
			lose();
			over = true;
			stopWaiting();
			dismiss('draining');
		},
	};
}
