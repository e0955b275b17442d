import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { store } from '#client/live/store.ts';
import { RecordHead } from '#client/pages/record/record-head.tsx';
import { RecordNotes } from '#client/pages/record/record-notes.tsx';
import { RecordSurvey } from '#client/pages/record/record-survey.tsx';
import { useRunningHead } from '#client/pages/record/running-head.ts';
import { threadsOf } from '#client/pages/record/threads.ts';
import { Moment, TimelineFigure } from '#client/pages/record/timeline.tsx';
import { timelineOf } from '#client/pages/record/timeline-layout.ts';
import { homeOf, searchPath } from '#client/rest/ways.ts';
import { SignOut } from '#client/session/sign-out.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { dayOf, timeOfDay } from '#client/ui/times.ts';
import type { Role } from '#shared/people.ts';
import type { SessionRecord } from '#shared/rest.ts';

/** How long a note that somebody came for stays marked. */
const markedMs = 3000;

interface RecordNeeds {
	record: SessionRecord;
	as: Role;
	/** Fetches it anew. */
	again: () => void;
}

/** A record that is there. An address may end in a note (`#<noteId>`) or a moment of the call (`#at-<ms>`). */
export function RecordShown({ record, as, again }: RecordNeeds) {
	const { call, exportedAtMs } = record;
	const line = useMemo(() => timelineOf(record), [record]);
	const threads = useMemo(() => threadsOf(record.notes), [record.notes]);
	const [moment] = useState(() => store<number | undefined>(undefined));
	const { isLost, goTo } = useGoTo((atMs) => moment.set(atMs));
	const erased = call.erased === true;
	useTabTitle(() => `${erased ? 'Erased call' : call.label} – record`);
	useRunningHead(`${erased ? 'Erased call' : call.label} · ${dayOf(call.startedAtMs)}, ${timeOfDay(call.startedAtMs)}`);

	/** Whatever the pointer or the focus is on shows its moment on the line. */
	const pointAt = (event: PointerEvent | React.FocusEvent) => {
		const noted = (event.target as Element).closest<HTMLElement>('[data-at]');
		if (noted) moment.set(Number(noted.dataset.at));
	};
	/** A link within the page goes there without a step of its own: Back leaves the record. */
	const follow = (event: React.MouseEvent) => {
		const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]');
		if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		const hash = link.getAttribute('href') ?? '';
		history.replaceState(history.state, '', hash);
		goTo(hash.slice(1));
	};
	const notes = <RecordNotes threads={threads} record={record} as={as} />;

	return (
		<Frame title="Record" who={`as ${as}`} out={<SignOut as={as} />} keys search={{ href: searchPath(as) }}>
			<Link
				href={homeOf[as].href}
				className="button plain small back-way"
				onClick={(event) => {
					// Back to where it was opened, as it was left there; its own page if it was opened by itself.
					if (!(history.state as { within?: boolean } | null)?.within) return;
					event.preventDefault();
					history.back();
				}}
			>
				<Icon name="back" /> Back
			</Link>
			{/* biome-ignore lint/a11y/useKeyWithClickEvents: the links inside have their keys. */}
			{/* biome-ignore lint/a11y/noStaticElementInteractions: it is the links inside that are pressed. */}
			<div className="record" onClick={follow} onPointerOver={pointAt} onFocus={pointAt}>
				<RecordHead record={record} as={as} again={again} />
				{isLost && (
					<p className="record-lost across" role="status">
						<Icon name="notice" /> The note this link leads to is not here: it was deleted, or it is not yours to see.
					</p>
				)}
				{record.segments.map((segment) => (
					<RecordSurvey key={segment.segmentId} segment={segment} call={call} as={as} />
				))}
				<div className="record-beside">
					<TimelineFigure line={line} threads={threads} goesOn={call.at !== 'ended'}>
						<Moment moment={moment} lengthMs={line.lengthMs} />
					</TimelineFigure>
				</div>
				{notes}
				<p className="record-made across">
					Made {dayOf(exportedAtMs)}, {timeOfDay(exportedAtMs)}, with what the reader may see. {location.origin}
					{location.pathname}
				</p>
			</div>
		</Frame>
	);
}

/** Goes to what an address ends in, now and whenever it changes: a note is brought into sight, focused, and marked for a moment. */
function useGoTo(showMoment: (atMs: number) => void) {
	const [isLost, setIsLost] = useState(false);
	const unmark = useRef(() => {});
	const goTo = (place: string) => {
		setIsLost(false);
		if (place === '' || place === 'main') return;
		const atMs = /^at-(\d{1,9})$/.exec(place)?.[1];
		const element = document.getElementById(atMs === undefined ? place : 'timeline');
		if (!element) return setIsLost(true);
		if (atMs !== undefined) showMoment(Number(atMs));
		unmark.current();
		const mark = () => element.scrollIntoView({ block: atMs === undefined ? 'center' : 'nearest' });
		mark();
		// What is far down is laid out only when it comes into sight, and moves then.
		requestAnimationFrame(mark);
		element.focus({ preventScroll: true });
		element.dataset.marked = '';
		const timer = setTimeout(() => delete element.dataset.marked, markedMs);
		unmark.current = () => {
			clearTimeout(timer);
			delete element.dataset.marked;
		};
	};
	const latest = useRef(goTo);
	latest.current = goTo;
	useEffect(() => {
		const follow = () => latest.current(decodeURIComponent(location.hash.slice(1)));
		follow();
		addEventListener('hashchange', follow);
		return () => {
			removeEventListener('hashchange', follow);
			unmark.current();
		};
	}, []);
	return { isLost, goTo };
}
