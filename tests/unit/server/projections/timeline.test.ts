import { describe, expect, test } from 'vitest';
import type { Recorded } from '#server/journal/journal.ts';
import { timeline } from '#server/projections/timeline.ts';
import { callStarted } from '#tests/support/given.ts';

const listener = { id: 'eve', name: 'Eve Executive', role: 'executive' as const };
const stopped = { type: 'listening-stopped', reason: 'left', audibleMs: 0, lostMs: 0 } as const;

/** What was recorded at which second of the call; the call began at an odd time of day. */
const recordsOf = (...told: [second: number, event: Recorded['event']][]): Recorded[] =>
	[[0, callStarted] as (typeof told)[number], ...told].map(([second, event], at) => ({
		seq: at + 1,
		stream: 'test-1',
		version: at + 1,
		by: 'test',
		atMs: 1_767_225_600_123 + second * 1000,
		event,
	}));

describe('the timeline', () => {
	test('[V4] tells by the call’s clock what went on, from when until when, and who listened', () => {
		expect(
			timeline(
				recordsOf(
					[2, { type: 'joined', listeningId: 'l', listener }],
					[3, { type: 'listening-started', listeningId: 'l', disclosure: 'notice' }],
					[10, { type: 'call-held' }],
					[15, { type: 'call-protected' }],
					[20, { type: 'call-resumed' }],
					[25, { type: 'call-unprotected' }],
					[30, { ...stopped, listeningId: 'l' }],
					[40, { type: 'listening-started', listeningId: 'l', disclosure: 'notice' }],
				),
			),
		).toEqual([
			{ what: 'listening', fromMs: 3000, untilMs: 30_000, personName: 'Eve Executive' },
			{ what: 'held', fromMs: 10_000, untilMs: 20_000 },
			{ what: 'protected', fromMs: 15_000, untilMs: 25_000 },
			{ what: 'listening', fromMs: 40_000, personName: 'Eve Executive' },
		]);
	});

	test('[V4] a call that is lost is not on hold any more, and its end ends everything', () => {
		expect(
			timeline(
				recordsOf(
					[1, { type: 'joined', listeningId: 'l', listener }],
					[1, { type: 'listening-started', listeningId: 'l', disclosure: 'notice' }],
					[2, { type: 'call-held' }],
					[3, { type: 'call-lost' }],
					[4, { type: 'call-protected' }],
					[9, { type: 'call-ended', reason: 'lost' }],
					[11, { ...stopped, listeningId: 'l' }],
				),
			),
		).toEqual([
			{ what: 'listening', fromMs: 1000, untilMs: 9000, personName: 'Eve Executive' },
			{ what: 'held', fromMs: 2000, untilMs: 3000 },
			{ what: 'lost', fromMs: 3000, untilMs: 9000 },
			{ what: 'protected', fromMs: 4000, untilMs: 9000 },
		]);
	});

	test('[V4] nothing ends before it began, whatever the clock did', () => {
		expect(timeline(recordsOf([5, { type: 'call-held' }], [4, { type: 'call-resumed' }]))).toEqual([
			{ what: 'held', fromMs: 5000, untilMs: 5000 },
		]);
	});
});
