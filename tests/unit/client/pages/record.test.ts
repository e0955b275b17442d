import { describe, expect, test } from 'vitest';
import { threadsOf } from '#client/pages/record/threads.ts';
import { pinsOf, spanMs, timelineOf } from '#client/pages/record/timeline-layout.ts';
import type { CallView } from '#shared/call.ts';
import type { NoteView } from '#shared/note.ts';
import type { TimelineSpan } from '#shared/rest.ts';

const call = { startedAtMs: 1_000_000, endedAtMs: 1_100_000 } as CallView;
const lineOf = (timeline: TimelineSpan[], one: CallView = call, exportedAtMs = 2_000_000) =>
	timelineOf({ call: one, timeline, exportedAtMs });

describe('the timeline of a record', () => {
	test('a span stands where it was on the call’s clock, and takes as much of the line as of the call', () => {
		const { call: bars, lengthMs } = lineOf([{ what: 'held', fromMs: 20_000, untilMs: 50_000 }]);
		expect(lengthMs).toBe(100_000);
		expect(bars).toMatchObject([{ what: 'held', from: 0.2, part: 0.3 }]);
	});

	test('what goes on reaches to the end, and the line of a call that goes on to when the record was made', () => {
		const { endedAtMs: _, ...goesOn } = call;
		const line = lineOf([{ what: 'protected', fromMs: 50_000 }], goesOn as CallView, 1_200_000);
		expect(line.lengthMs).toBe(200_000);
		expect(line.call[0]).toMatchObject({ from: 0.25, part: 0.75 });
		expect(spanMs({ what: 'protected', fromMs: 50_000 }, line.lengthMs)).toBe(150_000);
	});

	test('a moment is never too short to be seen, and nothing sticks out at either end', () => {
		const spans: TimelineSpan[] = [
			{ what: 'held', fromMs: 10, untilMs: 11 },
			{ what: 'lost', fromMs: 99_999, untilMs: 100_000 },
			{ what: 'held', fromMs: 90_000, untilMs: 300_000 },
			{ what: 'lost', fromMs: 200_000, untilMs: 200_001 },
		];
		for (const { from, part } of lineOf(spans).call) {
			expect(part).toBeGreaterThan(0.005);
			expect(from).toBeGreaterThanOrEqual(0);
			expect(from + part).toBeLessThanOrEqual(1 + 1e-9);
		}
	});

	test('[P1] protection lies over hold and loss', () => {
		const line = lineOf([
			{ what: 'protected', fromMs: 10_000, untilMs: 90_000 },
			{ what: 'held', fromMs: 20_000, untilMs: 50_000 },
			{ what: 'lost', fromMs: 30_000, untilMs: 40_000 },
		]);
		expect(line.call.map(({ what }) => what)).toEqual(['held', 'lost', 'protected']);
	});

	test('[L1] who came twice has one row with both, in the order in which people came', () => {
		const line = lineOf([
			{ what: 'listening', fromMs: 60_000, untilMs: 70_000, personName: 'Eve' },
			{ what: 'listening', fromMs: 5_000, untilMs: 25_000, personName: 'Eve' },
			{ what: 'listening', fromMs: 4_000, untilMs: 8_000, personName: 'Sue' },
		]);
		expect(line.people.map(({ name, bars, heardMs }) => [name, bars.length, heardMs])).toEqual([
			['Sue', 1, 4_000],
			['Eve', 2, 30_000],
		]);
		expect(line.call).toEqual([]);
	});

	test.each([0, 1_000, 7_000, 462_000, 3_600_000, 86_400_000])(
		'the clock under a call of %i ms has few, even marks',
		(ms) => {
			const { ticks, lengthMs } = lineOf([], { ...call, endedAtMs: call.startedAtMs + ms });
			expect(ticks.length).toBeGreaterThan(0);
			expect(ticks.length).toBeLessThanOrEqual(7);
			const step = (ticks[1]?.atMs ?? 0) - (ticks[0]?.atMs ?? 0);
			for (const [index, { atMs, part }] of ticks.entries()) {
				expect(atMs).toBe(index * step);
				expect(part).toBeLessThan(0.97);
			}
			expect(lengthMs).toBeGreaterThanOrEqual(1_000);
		},
	);

	test('pins that would touch become one, and every note is in one of them', () => {
		const at = (...seconds: number[]) => seconds.map((one) => ({ anchorMs: one * 1000 }));
		const pins = pinsOf(at(50, 0, 2, 1, 51, 500, 99), 100_000, 0.05);
		expect(pins.map(({ part, notes }) => [part, notes.length])).toEqual([
			[0, 3],
			[0.5, 2],
			[0.99, 2],
		]);
		expect(pinsOf([], 100_000, 0.05)).toEqual([]);
	});
});

const note = (noteId: string, place: number, anchorMs: number, more: Partial<NoteView> = {}) =>
	({ noteId, place, anchorMs, ...more }) as NoteView;
const shape = (notes: NoteView[]) =>
	threadsOf(notes).map((thread) => [thread.note.noteId, ...thread.answers.map((answer) => answer.noteId)]);

describe('the notes of a record', () => {
	test('stand by the call’s clock, those of one moment in the order all share [N2]', () => {
		expect(shape([note('late', 1, 9_000), note('b', 3, 2_000), note('a', 2, 2_000), note('first', 4, 0)])).toEqual([
			['first'],
			['a'],
			['b'],
			['late'],
		]);
	});

	test('answers stand under what they answer, in the order they came, whatever their clock', () => {
		const notes = [
			note('q', 1, 5_000),
			note('a2', 5, 1_000, { replyTo: 'q' }),
			note('a1', 4, 90_000, { replyTo: 'q' }),
			note('other', 2, 6_000),
		];
		expect(shape(notes)).toEqual([['q', 'a1', 'a2'], ['other']]);
	});

	test('an answer to what this person may not see stands by itself [N4]', () => {
		expect(shape([note('a', 2, 1_000, { replyTo: 'hidden' })])).toEqual([['a']]);
	});

	test('what was deleted is left out, unless somebody answered it', () => {
		const notes = [
			note('gone', 1, 1_000, { deletedAtMs: 5 }),
			note('kept', 2, 2_000, { deletedAtMs: 5 }),
			note('answer', 3, 3_000, { replyTo: 'kept' }),
			note('gone answer', 4, 3_000, { replyTo: 'kept', deletedAtMs: 5 }),
		];
		expect(shape(notes)).toEqual([['kept', 'answer']]);
	});
});
