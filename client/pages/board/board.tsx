import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { BoardRow } from '#client/pages/board/board-row.tsx';
import { type Placed, rowOrder } from '#client/pages/board/row-order.ts';
import { useHandOn } from '#client/pages/board/use-hand-on.ts';
import { useLook } from '#client/pages/board/use-look.ts';
import { resultsPath } from '#client/rest/ways.ts';
import { toneOf } from '#client/session/call-words.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive, ViewRefused } from '#client/session/live-page.tsx';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { onTick } from '#client/ui/ticker.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { CallView } from '#shared/call.ts';
import '#client/pages/board/board.css';

/** How long an ended call stays, so that nobody wonders where it went. */
const staysMs = 8000;

/** Every active session of the supervisor's team, live; it keeps still while a hand is on it. */
export function Board() {
	const { connection, me } = useLive();
	const view = useStore(connection.watch({ view: 'board' }));
	const now = connection.serverNow;
	const gone = useGone(view.calls, now);
	const on = view.calls.filter((call) => call.at !== 'ended');
	const place = useRef<HTMLDivElement>(null);
	const { handOnIt, letGo } = useHandOn(place, view.calls.length > gone.size);
	const shown = useRef<readonly string[]>([]);
	const placed: Placed[] = view.calls.map((call) => ({ ...call, gone: gone.has(call.callId) }));
	const { order, waiting } = rowOrder(shown.current, placed, handOnIt);
	shown.current = order;
	const calls = new Map(view.calls.map((call) => [call.callId, call]));
	const heard = on.filter((call) => listeningNow(view.listenings, call.callId).length > 0).length;
	const paused = on.filter((call) => toneOf(call) === 'protected').length;
	const body = useRef<HTMLTableSectionElement>(null);
	useLook(body, order, connection.talk);
	const step = (by: number) => {
		const links = [...(body.current?.querySelectorAll('a') ?? [])];
		const at = links.indexOf(document.activeElement as HTMLAnchorElement);
		links.at(at === -1 ? (by > 0 ? 0 : -1) : Math.min(links.length - 1, Math.max(0, at + by)))?.focus();
	};
	useShortcuts([
		{ keys: ['ArrowDown'], says: 'Next call', does: () => step(1) },
		{ keys: ['ArrowUp'], says: 'Call before', does: () => step(-1) },
	]);
	useTabTitle(() => `${on.length} on the line`);
	// A row that was there before this page was opened is no news.
	const opened = useRef<number>(undefined);
	if (view.ready) opened.current ??= now();
	if (!view.ready) return view.refusal ? <ViewRefused text={view.refusal.message} /> : null;
	return (
		<>
			<div className="board-head">
				<h1>{me.team}</h1>
				<p className="figures soft">
					<Figure count={on.length} word="on the line" />
					<Figure count={heard} word="being listened to" />
					<Figure count={paused} word="protected" />
					<Link href={resultsPath('supervisor')}>Survey results</Link>
				</p>
			</div>
			{order.length === 0 && waiting === 0 ? (
				<Nothing />
			) : (
				<div className="card board-card" ref={place}>
					<table className="board">
						<caption className="unseen">Active calls, latest first</caption>
						<thead>
							<tr>
								<th scope="col">Agent</th>
								<th scope="col">Call</th>
								<th scope="col">State</th>
								<th scope="col" className="right">
									Time
								</th>
								<th scope="col">Listening now</th>
							</tr>
						</thead>
						<tbody ref={body}>
							{order.map((callId) => {
								const call = calls.get(callId);
								if (!call) return null;
								const isNew = opened.current !== undefined && call.startedAtMs > opened.current;
								const segment = segmentNow(view.segments, callId);
								return (
									<BoardRow
										key={callId}
										call={call}
										listenings={view.listenings}
										segment={segment}
										now={now}
										talk={connection.talk}
										isNew={isNew}
									/>
								);
							})}
						</tbody>
					</table>
					{waiting > 0 && (
						<button type="button" className="board-waiting" onClick={letGo}>
							{waiting === 1 ? '1 change' : `${waiting} changes`} – show
						</button>
					)}
				</div>
			)}
		</>
	);
}

const Figure = ({ count, word }: { count: number; word: string }) => (
	<span>
		<b className="numerals">{count}</b> {word}
	</span>
);

const Nothing = () => (
	<div className="card board-nothing stack">
		<Icon name="live" />
		<h2>All quiet</h2>
		<p className="soft">Calls of your team appear here by themselves as soon as they begin.</p>
	</div>
);

/** The calls that ended long enough ago. Looked at with the page's clocks, told only when it changes. */
function useGone(calls: readonly CallView[], now: () => number): ReadonlySet<string> {
	const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
	useEffect(() => {
		const look = () => {
			const ended = calls.filter((call) => call.at === 'ended' && now() - (call.endedAtMs ?? 0) > staysMs);
			setGone((before) =>
				ended.length === before.size && ended.every((call) => before.has(call.callId))
					? before
					: new Set(ended.map((call) => call.callId)),
			);
		};
		look();
		return onTick(look);
	}, [calls, now]);
	return gone;
}
