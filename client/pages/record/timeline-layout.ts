import type { CallView } from '#shared/call.ts';
import type { SessionRecord, TimelineSpan } from '#shared/rest.ts';

/** A span of time on the line: where it begins and how much it takes, as parts of the whole (0 to 1). */
export interface Bar {
	what: TimelineSpan['what'];
	from: number;
	part: number;
	span: TimelineSpan;
}

/** One listener's bars. */
export interface PersonTrack {
	name: string;
	bars: Bar[];
	heardMs: number;
}

export interface Timeline {
	lengthMs: number;
	/** What happened to the call; what nobody may miss lies on top. */
	call: Bar[];
	/** In the order in which they came. */
	people: PersonTrack[];
	/** Where the clock is written under the line. */
	ticks: { atMs: number; part: number }[];
}

/** The least that is drawn of a span: a second of an hour can still be seen. */
const leastPart = 0.006;
const layers = ['held', 'lost', 'survey', 'protected', 'listening'] as const;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
	...[1, 2, 5, 10, 15, 30].map((count) => count * second),
	...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
	...[1, 2, 4, 6, 12].map((count) => count * hour),
];
const mostTicks = 6;

/** How long a call has lasted by its clock; of one that goes on, when the record was made. Never zero. */
export const lengthOf = ({ startedAtMs, endedAtMs }: CallView, exportedAtMs: number) =>
	Math.max(second, (endedAtMs ?? exportedAtMs) - startedAtMs);

/** The timeline of a record, ready to be drawn at any width. */
export function timelineOf({
	call,
	timeline,
	exportedAtMs,
}: Pick<SessionRecord, 'call' | 'timeline' | 'exportedAtMs'>): Timeline {
	const lengthMs = lengthOf(call, exportedAtMs);
	const barOf = (span: TimelineSpan): Bar => {
		const until = partOf(span.untilMs ?? lengthMs, lengthMs);
		const part = Math.max(leastPart, until - partOf(span.fromMs, lengthMs));
		return { what: span.what, from: Math.min(partOf(span.fromMs, lengthMs), 1 - part), part, span };
	};
	const bars = timeline.map(barOf);
	const people = new Map<string, PersonTrack>();
	for (const bar of bars.filter(({ what }) => what === 'listening').toSorted((a, b) => a.from - b.from)) {
		const name = bar.span.personName || 'Somebody';
		const track = people.get(name) ?? { name, bars: [], heardMs: 0 };
		track.bars.push(bar);
		track.heardMs += spanMs(bar.span, lengthMs);
		people.set(name, track);
	}
	return {
		lengthMs,
		call: bars
			.filter(({ what }) => what !== 'listening')
			.toSorted((a, b) => layers.indexOf(a.what) - layers.indexOf(b.what)),
		people: [...people.values()],
		ticks: ticksOf(lengthMs),
	};
}

/** A moment as a part of the whole; what is outside stands at the edge. */
export const partOf = (atMs: number, lengthMs: number) => Math.min(1, Math.max(0, atMs / lengthMs));

/** How long a span lasted, or has lasted so far. */
export const spanMs = ({ fromMs, untilMs }: TimelineSpan, lengthMs: number) =>
	Math.max(0, Math.min(untilMs ?? lengthMs, lengthMs) - fromMs);

function ticksOf(lengthMs: number) {
	const step = steps.find((one) => lengthMs / one <= mostTicks) ?? 24 * hour;
	const ticks = [];
	// The last one keeps clear of the edge: its words would stick out.
	for (let atMs = 0; atMs <= lengthMs * 0.96; atMs += step) ticks.push({ atMs, part: atMs / lengthMs });
	return ticks;
}

/** A pin on the line: a note, or several that stand too close together. */
export interface Pin<Noted> {
	atMs: number;
	part: number;
	notes: Noted[];
}

/** The pins of notes, left to right, none nearer to the one before than `gap` (a part of the whole). */
export function pinsOf<Noted extends { anchorMs: number }>(
	notes: readonly Noted[],
	lengthMs: number,
	gap: number,
): Pin<Noted>[] {
	const pins: Pin<Noted>[] = [];
	for (const note of notes.toSorted((a, b) => a.anchorMs - b.anchorMs)) {
		const part = partOf(note.anchorMs, lengthMs);
		const last = pins.at(-1);
		if (last && part - last.part < gap) last.notes.push(note);
		else pins.push({ atMs: note.anchorMs, part, notes: [note] });
	}
	return pins;
}
