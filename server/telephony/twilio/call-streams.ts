import { callClock, type Placed } from '#server/telephony/call-clock.ts';
import type { GatewayEnd, LiveCall } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';

/** How long after a call was moved its listening stream may still stop because of that. */
export const settlesWithinMs = 2000;
/** How long a listening stream may take to come back after it was asked for. */
export const againWithinMs = 10_000;
/** How often a lost one is asked for until the call is left to be over as lost, and after how long a life of it as often again. */
export const maxTries = 3;
export const forgivenAfterMs = 60_000;
/** How long a call whose sound is lost is waited for, where its stream can be asked for. */
export const lostForMs = (maxTries + 1) * againWithinMs;

/** Where one call's sound comes from: its listening stream, and while an executive is on the line the survey stream. */
export interface CallStreams {
	/** The call as its listening stream holds it; `live` is the call as the intake gave it, or gave it back. */
	begin(live: LiveCall): LiveCall;
	/** True while the call is on without its listening stream, which may come back. */
	readonly isMissed: boolean;
	/** The call for a listening stream that came back: it goes on where the call is. */
	goOn(): LiveCall;
	/** Twilio is about to be told, or was told, to do something else with the call: its listening stream may not live through that. */
	moving(): void;
	/** The customer's sound comes from the survey stream from now on, until the function given back with it is called. */
	survey(): { heard(payload: Uint8Array, at: number): void; over(): void };
	/** The call is where it stays. If its listening stream is gone, in a moment, it is asked for again; then it shows if the call is over. */
	settled(): void;
	readonly isOver: boolean;
	/** When the sound was lost for good, ms since 1970; undefined while it is there. */
	readonly lostAtMs: number | undefined;
	/** Twilio says that the telephone call is over, whatever becomes of its streams. */
	callOver(): void;
	/** Nobody wants the call here: nothing is asked for any more. */
	giveUp(): void;
	/** The server goes away. */
	close(): void;
}

export interface CallStreamsNeeds {
	clock: Clock;
	/** Asks for another listening stream. `over` says that the call is. Without it none can be asked for. */
	again?: (() => Promise<'asked' | 'over' | 'refused'>) | undefined;
	/** The call has ended. */
	ended: () => void;
}

/**
 * Whether a listening stream lives through new TwiML for its call is not documented, so neither is counted on: while the
 * call is being moved and while the survey stream is open, its `stop` and its loss do not end the call.
 */
export function callStreams({ clock, again, ended }: CallStreamsNeeds): CallStreams {
	const places = callClock(clock);
	let live: LiveCall | undefined;
	let listening: LiveCall | undefined;
	let isMoving = false;
	let isSurvey = false;
	let lostAtMs: number | undefined;
	let isOver = false;
	let isGivenUp = false;
	let triesLeft = maxTries;
	let beganMs = 0;
	let stopWaiting = () => {};
	let stopSettling = () => {};

	const rest = () => {
		stopWaiting();
		stopSettling();
	};
	/** Nothing is told of the call after its end. */
	function end(reason: GatewayEnd) {
		rest();
		live?.ended(reason);
		live = undefined;
		isOver = true;
		ended();
	}
	function lose() {
		rest();
		if (!live || lostAtMs !== undefined) return;
		lostAtMs = clock.now();
		if (again) live.lost(lostForMs);
		else live.lost();
		if (lostAtMs - beganMs >= forgivenAfterMs) triesLeft = maxTries;
		tryAgain();
	}
	/** One that comes goes its own way: the intake is told of it as of the first. */
	function tryAgain() {
		if (!again || isGivenUp || lostAtMs === undefined || triesLeft === 0) return;
		triesLeft--;
		stopWaiting = clock.after(againWithinMs, tryAgain);
		void again().then((answer) => {
			if (answer === 'over' && live && lostAtMs !== undefined) end('hung-up');
		});
	}

	function listen(call: LiveCall, place: Placed): LiveCall {
		stopWaiting();
		const own: LiveCall = {
			callId: call.callId,
			sound(leg, data, at) {
				if (listening !== own) return;
				const placed = at === undefined ? undefined : place(at);
				// While an executive has the line, what is played to the customer is the executive, not the agent.
				if (!isSurvey) call.sound(leg, data, placed);
			},
			held: () => call.held(),
			resumed: () => call.resumed(),
			paused: () => call.paused(),
			unpaused: () => call.unpaused(),
			lost() {
				if (listening !== own) return;
				listening = undefined;
				if (!isMoving) lose();
			},
			ended(reason) {
				if (listening !== own) return;
				listening = undefined;
				if (!isMoving) end(reason);
			},
		};
		listening = own;
		beganMs = clock.now();
		return own;
	}

	return {
		begin(call) {
			live = call;
			lostAtMs = undefined;
			return listen(call, places.first());
		},
		get isMissed() {
			return live !== undefined && listening === undefined && lostAtMs === undefined;
		},
		goOn() {
			if (!live) throw new Error('there is no call to go on with');
			return listen(live, places.another());
		},
		moving() {
			isMoving = true;
			rest();
		},
		survey() {
			const place = places.another();
			isSurvey = true;
			return {
				heard: (payload, at) => live?.sound('customer', payload, place(at)),
				over() {
					isSurvey = false;
				},
			};
		},
		settled() {
			rest();
			stopSettling = clock.after(settlesWithinMs, () => {
				isMoving = false;
				if (lostAtMs !== undefined) return tryAgain();
				if (!live || listening) return;
				if (!again) return lose();
				stopWaiting = clock.after(againWithinMs, lose);
				void again().then((answer) => {
					if (answer === 'over' && live) end('hung-up');
					// It may have come, or the call been moved again, before the answer did.
					if (answer === 'refused' && !listening && !isMoving) lose();
				});
			});
		},
		get isOver() {
			return isOver;
		},
		get lostAtMs() {
			return lostAtMs;
		},
		callOver() {
			listening = undefined;
			if (live) end('hung-up');
		},
		giveUp() {
			isGivenUp = true;
			rest();
		},
		close() {
			isGivenUp = true;
			isMoving = false;
			rest();
			if (!listening) lose();
		},
	};
}
