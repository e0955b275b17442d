import type { Clock } from '#shared/clock.ts';

/** A clock that stands still until the test moves it. */
export interface HandClock extends Clock {
	/** Moves on by `ms`, ringing what falls due on the way, in order, each at its own time. */
	advance(ms: number): void;
	/** How many alarms are set. */
	readonly alarms: number;
}

/** A hand-driven clock that starts at `startMs`, ms since 1970. Code under test gets it where it takes a `Clock`. */
export function handClock(startMs = 1_767_225_600_000): HandClock {
	let now = startMs;
	let order = 0;
	const alarms = new Map<number, { dueMs: number; order: number; ring: () => void; everyMs?: number }>();
	const set = (ms: number, ring: () => void, everyMs?: number) => {
		const id = order++;
		alarms.set(id, { dueMs: now + Math.max(0, ms), order: id, ring, ...(everyMs === undefined ? {} : { everyMs }) });
		return () => {
			alarms.delete(id);
		};
	};
	const next = (untilMs: number) => {
		let first: [number, { dueMs: number; order: number; ring: () => void; everyMs?: number }] | undefined;
		for (const entry of alarms) {
			if (entry[1].dueMs > untilMs) continue;
			if (
				!first ||
				entry[1].dueMs < first[1].dueMs ||
				(entry[1].dueMs === first[1].dueMs && entry[1].order < first[1].order)
			)
				first = entry;
		}
		return first;
	};
	return {
		now: () => now,
		after: (ms, ring) => set(ms, ring),
		every: (ms, ring) => set(ms, ring, ms),
		advance(ms) {
			const untilMs = now + ms;
			for (let due = next(untilMs); due; due = next(untilMs)) {
				const [id, alarm] = due;
				now = alarm.dueMs;
				if (alarm.everyMs === undefined) alarms.delete(id);
				else alarm.dueMs += Math.max(1, alarm.everyMs);
				alarm.ring();
			}
			now = untilMs;
		},
		get alarms() {
			return alarms.size;
		},
	};
}
