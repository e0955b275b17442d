import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Store } from '#client/live/store.ts';
import { useStore } from '#client/live/use-store.ts';
import type { Thread } from '#client/pages/record/threads.ts';
import { type Bar, partOf, pinsOf, spanMs, type Timeline } from '#client/pages/record/timeline-layout.ts';
import { kindWord } from '#client/session/note-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import { clockText, durationWords } from '#client/ui/times.ts';
import type { NoteView } from '#shared/note.ts';
import type { TimelineSpan } from '#shared/rest.ts';

const spanWords: Record<TimelineSpan['what'], string> = {
	held: 'On hold',
	lost: 'Sound lost',
	protected: 'Protected',
	listening: 'Listening',
	survey: 'Survey',
};
/** The order of the legend. */
const kindsOfSpan = ['held', 'lost', 'protected', 'survey', 'listening'] as const;

const percent = (part: number) => `${Math.round(part * 10_000) / 100}%`;

interface TimelineNeeds {
	line: Timeline;
	threads: readonly Thread[];
	goesOn: boolean;
	/** What is drawn over the whole line. */
	children: ReactNode;
}

/** A call by its clock: what happened to it, who listened from when to when, and each note at its moment; and all that as a table. */
export function TimelineFigure({ line, threads, goesOn, children }: TimelineNeeds) {
	const fills = useId();
	const here = new Set([...line.call, ...line.people.flatMap((track) => track.bars)].map((bar) => bar.what));
	return (
		<figure className="card padded timeline" id="timeline" tabIndex={-1} aria-labelledby="timeline-title">
			<h2 id="timeline-title">Timeline</h2>
			<Fills id={fills} />
			<div className="line">
				<Pins threads={threads} lengthMs={line.lengthMs} />
				<Track
					name="Call"
					aside={goesOn ? 'goes on' : clockText(line.lengthMs)}
					isCall
					bars={line.call}
					fills={fills}
				/>
				{line.people.map((track) => (
					<Track
						key={track.name}
						name={track.name}
						aside={`listened ${clockText(track.heardMs)}`}
						bars={track.bars}
						fills={fills}
					/>
				))}
				<div className="ticks numerals faint" aria-hidden="true">
					{line.ticks.map(({ atMs, part }) => (
						<span key={atMs} style={{ insetInlineStart: percent(part) }}>
							{clockText(atMs)}
						</span>
					))}
				</div>
				{children}
			</div>
			<ul className="legend faint" aria-label="What the bars mean">
				<LegendEntry what="call" word="On the line" fills={fills} />
				{kindsOfSpan.map(
					(what) => here.has(what) && <LegendEntry key={what} what={what} word={spanWords[what]} fills={fills} />,
				)}
			</ul>
			<details className="line-table">
				<summary>As a table</summary>
				<SpanTable line={line} />
			</details>
		</figure>
	);
}

const fillOf = (fills: string, what: Bar['what'] | 'call') =>
	what === 'held' || what === 'lost' ? `url(#${fills}${what})` : undefined;

/** Hatching for what colour alone must not say, on screen and on paper. */
const Fills = ({ id }: { id: string }) => (
	<svg width="0" height="0" aria-hidden="true" className="fills">
		<defs>
			<pattern id={`${id}held`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
				<rect width="6" height="6" className="held-ground" />
				<rect width="2.5" height="6" className="held-line" />
			</pattern>
			<pattern id={`${id}lost`} width="5" height="5" patternUnits="userSpaceOnUse">
				<rect width="5" height="5" className="lost-ground" />
				<circle cx="2.5" cy="2.5" r="1.1" className="lost-line" />
			</pattern>
		</defs>
	</svg>
);

interface TrackNeeds {
	name: string;
	aside: string;
	bars: readonly Bar[];
	fills: string;
	isCall?: boolean;
}

const Track = ({ name, aside, bars, fills, isCall }: TrackNeeds) => (
	<div className={isCall ? 'track of-call' : 'track'}>
		<p className="track-name">
			<span>{name}</span>
			<span className="faint numerals">{aside}</span>
		</p>
		<svg className="track-bars" aria-hidden="true">
			<rect className={isCall ? 'bar call' : 'bar nothing'} width="100%" height="100%" rx="3" />
			{bars.map(({ what, from, part, span }) => (
				<rect
					key={`${what}-${span.fromMs}`}
					className={`bar ${what}`}
					fill={fillOf(fills, what)}
					x={percent(from)}
					width={percent(part)}
					height="100%"
					rx="3"
				>
					<title>{`${spanNamed(span)}, ${fromTo(span)}`}</title>
				</rect>
			))}
		</svg>
	</div>
);

const LegendEntry = ({ what, word, fills }: { what: Bar['what'] | 'call'; word: string; fills: string }) => (
	<li>
		<svg className="legend-bar" aria-hidden="true">
			<rect className={`bar ${what}`} fill={fillOf(fills, what)} width="100%" height="100%" rx="3" />
		</svg>
		{word}
	</li>
);

/** What a span is, with who it was. */
function spanNamed({ what, personName }: TimelineSpan): string {
	if (what === 'listening') return `${personName || 'Somebody'} listened`;
	if (what === 'survey') return `${personName || 'An executive'} had the line`;
	return spanWords[what];
}

const fromTo = ({ fromMs, untilMs }: TimelineSpan) =>
	`${clockText(fromMs)} – ${untilMs === undefined ? 'still' : clockText(untilMs)}`;

const SpanTable = ({ line }: { line: Timeline }) => {
	const spans = [...line.call, ...line.people.flatMap((track) => track.bars)]
		.map((bar) => bar.span)
		.toSorted((a, b) => a.fromMs - b.fromMs);
	if (spans.length === 0) return <p className="soft">The call went through without a break, and nobody listened.</p>;
	return (
		<table>
			<caption className="unseen">What happened, by the clock of the call</caption>
			<thead>
				<tr>
					<th scope="col">What</th>
					<th scope="col">From</th>
					<th scope="col">Until</th>
					<th scope="col">For</th>
				</tr>
			</thead>
			<tbody className="numerals">
				{spans.map((span) => (
					<tr key={`${span.what}-${span.personName}-${span.fromMs}`}>
						<th scope="row">{spanNamed(span)}</th>
						<td>
							<a className="span-from" href={`#at-${span.fromMs}`}>
								{clockText(span.fromMs)}
							</a>
						</td>
						<td>{span.untilMs === undefined ? 'still' : clockText(span.untilMs)}</td>
						<td>{durationWords(spanMs(span, line.lengthMs))}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
};

/** How wide a pin is, with room for a finger beside it. */
const pinPx = 28;

/** The notes at their moments: one stop of the Tab key, arrows go from pin to pin, Enter goes to the note. */
function Pins({ threads, lengthMs }: { threads: readonly Thread[]; lengthMs: number }) {
	const place = useRef<HTMLUListElement>(null);
	const widthPx = useWidth(place);
	const [active, setActive] = useState(0);
	const pins = useMemo(() => {
		const notes = threads.flatMap(({ note, answers }) => [note, ...answers]);
		return pinsOf(notes, lengthMs, pinPx / widthPx);
	}, [threads, lengthMs, widthPx]);
	if (pins.length === 0) return null;
	const stop = Math.min(active, pins.length - 1);
	const keyed = (event: KeyboardEvent) => {
		const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: pins.length - 1 }[event.key];
		if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		const next = Math.min(pins.length - 1, Math.max(0, to));
		setActive(next);
		place.current?.querySelectorAll('a')[next]?.focus();
	};
	return (
		<ul ref={place} className="pins" aria-label="Notes by the clock" onKeyDown={keyed}>
			{pins.map(({ part, atMs, notes }, index) => {
				const [first] = notes;
				if (!first) return null;
				return (
					<li key={first.noteId} style={{ insetInlineStart: percent(part) }}>
						<a
							className="pin"
							href={`#${first.noteId}`}
							tabIndex={index === stop ? 0 : -1}
							data-at={atMs}
							title={first.text.slice(0, 120)}
							onFocus={() => setActive(index)}
						>
							<span className="unseen">{pinWords(notes)}</span>
							{notes.length > 1 ? (
								<span className="numerals" aria-hidden="true">
									{notes.length > 99 ? '99+' : notes.length}
								</span>
							) : (
								<Icon name={first.kind} />
							)}
						</a>
					</li>
				);
			})}
		</ul>
	);
}

function pinWords(notes: readonly NoteView[]): string {
	const [first] = notes;
	if (!first) return '';
	const at = clockText(first.anchorMs);
	return notes.length > 1
		? `${at}, ${notes.length} notes`
		: `${at}, ${kindWord(first.kind).toLowerCase()} by ${first.authorName}`;
}

/** How wide an element is, as long as it is there. */
function useWidth(place: React.RefObject<HTMLElement | null>): number {
	const [widthPx, setWidthPx] = useState(480);
	useEffect(() => {
		if (!place.current) return;
		const observer = new ResizeObserver(([entry]) => {
			const now = entry?.contentRect.width ?? 0;
			if (now > 0) setWidthPx(now);
		});
		observer.observe(place.current);
		return () => observer.disconnect();
	}, [place]);
	return widthPx;
}

/** The moment that is looked at, as a thread across the whole line. */
export function Moment({ moment, lengthMs }: { moment: Store<number | undefined>; lengthMs: number }) {
	const atMs = useStore(moment);
	if (atMs === undefined) return null;
	const part = partOf(atMs, lengthMs);
	return (
		<div className="moment" aria-hidden="true" style={{ insetInlineStart: percent(part) }}>
			<span className={part > 0.85 ? 'numerals at-end' : 'numerals'}>{clockText(atMs)}</span>
		</div>
	);
}
