import { callClock, type Placed } from '#server/telephony/call-clock.ts';
import type { GatewayEnd, LiveCall } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';

/** How long after the customer was let go Genesys may take until an agent has them and the next monitor session is there. */
export const backWithinMs = 30_000;

/** Where one conversation's sound comes from: its monitor session, and while an executive is on the line the connector's. */
export interface Conversation {
	/** The call as its monitor session holds it; `live` is the call as the intake gave it, or gave it back. */
	begin(live: LiveCall): LiveCall;
	/** True while the call is on without its monitor session, which may come back. */
	readonly isMissed: boolean;
	/** The call for a monitor session that came back: it goes on where the call is. */
	goOn(): LiveCall;
	/** The customer is about to be handed over: the monitor session may pause, or not live through that. */
	handing(): void;
	/** The customer's sound comes from the connector from now on, until `over`. */
	survey(): { heard(payload: Uint8Array, at: number): void; over(): void };
	/** The customer stays with the agent, or is on the way back to one. */
	back(): void;
	readonly isOver: boolean;
	/** When the sound was lost for good, ms since 1970; undefined while it is there. */
	readonly lostAtMs: number | undefined;
	/** The server goes away. */
	close(): void;
}

/**
 * A monitor session is said to last as long as its call, and to pause where a queue or a flow switches it off
 * (help.mypurecloud.com, Audio Monitoring action). Neither is counted on: from the take until the customer is back its end does
 * not end the call, and its pause is kept until then.
 */
export function conversation({ clock, ended }: { clock: Clock; ended: () => void }): Conversation {
	const places = callClock(clock);
	let live: LiveCall | undefined;
	let listening: LiveCall | undefined;
	let isAway = false;
	let isSurvey = false;
	let isPaused = false;
	let lostAtMs: number | undefined;
	let isOver = false;
	let stopWaiting = () => {};

	/** Nothing is told of the call after its end. */
	function end(reason: GatewayEnd) {
		stopWaiting();
		live?.ended(reason);
		live = undefined;
		isOver = true;
		ended();
	}
	function lose() {
		stopWaiting();
		if (!live || lostAtMs !== undefined) return;
		lostAtMs = clock.now();
		live.lost();
	}

	function listen(call: LiveCall, place: Placed): LiveCall {
		stopWaiting();
		isPaused = false;
		const isOurs = () => listening === own;
		const own: LiveCall = {
			callId: call.callId,
			sound(leg, data, at) {
				// While an executive has the line, what the customer hears is the executive, not an agent.
				if (isOurs() && at !== undefined && !isSurvey) call.sound(leg, data, place(at));
			},
			held: () => call.held(),
			resumed: () => call.resumed(),
			paused() {
				if (!isOurs()) return;
				isPaused = true;
				if (!isAway) call.paused();
			},
			unpaused() {
				if (!isOurs()) return;
				isPaused = false;
				if (!isAway) call.unpaused();
			},
			lost() {
				if (!isOurs()) return;
				listening = undefined;
				if (!isAway) lose();
			},
			ended(reason) {
				if (!isOurs()) return;
				listening = undefined;
				if (!isAway) end(reason);
			},
		};
		listening = own;
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
		handing() {
			isAway = true;
			stopWaiting();
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
		back() {
			if (!isAway) return;
			isAway = false;
			if (listening && isPaused) live?.paused();
			if (!listening && live) stopWaiting = clock.after(backWithinMs, lose);
		},
		get isOver() {
			return isOver;
		},
		get lostAtMs() {
			return lostAtMs;
		},
		close() {
			isAway = false;
			stopWaiting();
			if (!listening) lose();
		},
	};
}
