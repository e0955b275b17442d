import type { Clock } from '#shared/clock.ts';

/** Without any packet for so long, and no hold, the sound is lost. */
export const silentAfterMs = 10_000;
/** While it is, the recorder is asked whether the call lives on, this often; and a call nobody hears is given up after: */
const askEveryMs = 30_000;
/** Nor is one on hold waited for without any sign of its recorder: it is asked then, too, and given up where it cannot be. [B1] */
export const askHeldAfterMs = 60_000;
export const heldForMs = 4 * 3_600_000;
export const lostForMs = 10 * 60_000;
const lookEveryMs = 1000;

export interface LookoutNeeds {
	clock: Clock;
	/** While it is not, nobody is looked for: the session has not begun, or is over. */
	isOn(): boolean;
	isHeld(): boolean;
	/** When sound came last, on any leg; undefined before the first. */
	heardAtMs(): number | undefined;
	/** Asks the recorder whether it is there. */
	ask(told: (status: number) => void): void;
	/** Its sound is gone. */
	lost(): void;
	/** It is given up. */
	over(): void;
}

/** Whether a recorder is still there, by what comes from it and what it answers. */
export interface Lookout {
	/** A sign of it: a request. */
	sign(): void;
	/** It says again within so many seconds that it lives, or the session is over; undefined: it need not. */
	refreshedWithin(seconds: number | undefined): void;
	/** Its sound is gone, and not back. */
	readonly isLost: boolean;
	/** Its sound is back. */
	found(): void;
	stop(): void;
}

/** A recorder may go without a word: sound, holds, answers and the session's own timer tell whether it did. */
export function lookout({ clock, isOn, isHeld, heardAtMs, ask, lost, over }: LookoutNeeds): Lookout {
	const startedAtMs = clock.now();
	let lostAtMs: number | undefined;
	/** When a hold was on last: sound is missed from then on only. */
	let heldAtMs = 0;
	/** When the recorder last gave any sign: a request, an answer, sound. */
	let signAtMs = startedAtMs;
	let askedAtMs = Number.NEGATIVE_INFINITY;
	let isUnanswered = false;
	let refreshByMs = Number.POSITIVE_INFINITY;

	function look() {
		if (!isOn()) return;
		const now = clock.now();
		if (now > refreshByMs) return over();
		if (isHeld()) heldAtMs = now;
		const heardMs = Math.max(startedAtMs, heardAtMs() ?? 0);
		if (lostAtMs === undefined && now - Math.max(heardMs, heldAtMs) >= silentAfterMs) {
			lostAtMs = now;
			lost();
		}
		if (lostAtMs !== undefined && now - lostAtMs >= lostForMs) return over();
		signAtMs = Math.max(signAtMs, heardMs);
		if (now - signAtMs >= heldForMs) return over();
		if (lostAtMs !== undefined || now - signAtMs >= askHeldAfterMs) askWhetherThere(now);
	}

	function askWhetherThere(now: number) {
		if (isUnanswered || now - askedAtMs < askEveryMs) return;
		isUnanswered = true;
		askedAtMs = now;
		ask((status) => {
			isUnanswered = false;
			// Any other answer, also that it does not know the method, is one of somebody who is there.
			if (status === 408 || status === 481) over();
			// Without a way there nothing is known.
			else if (status !== 503) signAtMs = clock.now();
		});
	}

	const stop = clock.every(lookEveryMs, look);
	return {
		sign() {
			signAtMs = clock.now();
		},
		refreshedWithin(seconds) {
			refreshByMs = seconds === undefined ? Number.POSITIVE_INFINITY : clock.now() + seconds * 1000;
		},
		get isLost() {
			return lostAtMs !== undefined;
		},
		found() {
			lostAtMs = undefined;
		},
		stop,
	};
}
