import type { Clock } from '#shared/clock.ts';

/** The server's clock as seen from this tab, measured by round trips. */
export interface ServerClock {
	/** Ms since 1970 by the server's clock; until something is known, by this device's. */
	now(): number;
	/** A first guess, from a message that came one way: good to about the network's delay. */
	guess(serverMs: number): void;
	/** A round trip: sent at `sentAtMs` of this tab's clock, answered at `serverMs` of the server's, heard now. */
	answered(sentAtMs: number, serverMs: number): void;
	/** Forgets: another connection may lead to another machine. */
	forget(): void;
}

/** Round trips kept. At one each ten seconds the offset follows a clock that drifts, or is set, within minutes. */
const kept = 8;

/** The round trip that took the least time knows best: what it is wrong by is at most half of it. */
export function serverClock(clock: Clock): ServerClock {
	let trips: { tookMs: number; offsetMs: number }[] = [];
	let offsetMs = 0;
	return {
		now: () => clock.now() + offsetMs,
		guess(serverMs) {
			if (trips.length === 0) offsetMs = serverMs - clock.now();
		},
		answered(sentAtMs, serverMs) {
			const tookMs = clock.now() - sentAtMs;
			if (!Number.isFinite(serverMs) || !(tookMs >= 0)) return;
			trips = [...trips.slice(1 - kept), { tookMs, offsetMs: serverMs - sentAtMs - tookMs / 2 }];
			offsetMs = trips.reduce((best, trip) => (trip.tookMs <= best.tookMs ? trip : best)).offsetMs;
		},
		forget() {
			trips = [];
		},
	};
}
