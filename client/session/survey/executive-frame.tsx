import { useEffect, useRef, useState } from 'react';
import { useLive } from '#client/session/live-page.tsx';
import type { ExecutiveTurn } from '#client/session/survey/executive-turn.ts';
import { soonMs } from '#client/session/survey/segment-now.ts';
import { announce } from '#client/ui/announce.tsx';
import { Ticking } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { onTick } from '#client/ui/ticker.ts';
import { clockText } from '#client/ui/times.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { SegmentView } from '#shared/survey.ts';

/** A key held shorter than this is a press: it mutes until the next one. */
const pressMs = 400;

/** Around the whole page, as long as the customer may hear what is said here: nobody can overlook it. [S2] */
export function OnLineFrame({ turn, segment }: { turn: ExecutiveTurn; segment: SegmentView }) {
	const { voice, hears } = turn;
	const { muted, talksMuted, line, microphone, fault } = hears;
	useEffect(() => {
		announce('You are on the line: the customer hears you');
		return () => announce('You are off the line, your microphone is off');
	}, []);
	useEffect(() => {
		document.documentElement.classList.add('is-on-line');
		return () => document.documentElement.classList.remove('is-on-line');
	}, []);
	// Closing the tab by mistake would leave the customer: the browser asks first.
	useEffect(() => {
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		addEventListener('beforeunload', ask);
		return () => removeEventListener('beforeunload', ask);
	}, []);
	const { hold, letGo } = useHeldMute(turn);
	useShortcuts([{ keys: ['m'], says: 'Hold to cough, press to mute', does: () => hold(0), until: letGo }], {
		first: true,
	});
	const isLost = line?.at === 'lost';
	return (
		<section className="on-line-bar" data-muted={muted} aria-label="You are on the line">
			<div className="on-line-edge" aria-hidden="true" />
			<div className="on-line-words">
				<Icon name={isLost ? 'lost' : muted ? 'silenced' : 'microphone'} />
				<span>
					<b>{isLost ? 'Reconnecting to the line…' : muted ? 'On the line, muted' : 'You are on the line'}</b>
					<span>
						{isLost
							? 'The customer does not hear you just now.'
							: muted
								? 'The customer does not hear you.'
								: 'The customer hears you.'}
					</span>
				</span>
			</div>
			<TimeLeft segment={segment} />
			<div className="on-line-acts">
				<button
					type="button"
					className="button"
					aria-pressed={muted}
					onPointerDown={(event) => hold(event.timeStamp)}
					onPointerUp={(event) => letGo(event.timeStamp)}
					onPointerLeave={() => letGo(undefined)}
					// A press without a pointer: by key, or by a screen reader.
					onClick={(event) => event.detail === 0 && voice.mute(!muted)}
				>
					<Icon name={muted ? 'silenced' : 'microphone'} /> {muted ? 'Unmute' : 'Mute'} <kbd>M</kbd>
				</button>
				<HandBack turn={turn} />
			</div>
			{microphone === 'refused' && (
				<p className="on-line-note" role="alert">
					{fault}{' '}
					<button type="button" className="button small" onClick={() => void voice.check()}>
						Open it again
					</button>
				</p>
			)}
			{talksMuted && (
				<p className="on-line-note" role="status">
					You are talking, and you are muted. Press M to be heard.
				</p>
			)}
		</section>
	);
}

/** Mute that lasts as long as a key or the button is held, or, pressed shortly, until it is pressed again. */
function useHeldMute({ voice }: ExecutiveTurn) {
	const began = useRef<{ atMs: number; wasMuted: boolean }>(undefined);
	const say = (muted: boolean) => {
		voice.mute(muted);
		announce(muted ? 'Muted' : 'The customer hears you again');
	};
	return {
		/** `atMs` and what `letGo` is told are on one scale: of events, which a busy page does not stretch. */
		hold(atMs: number) {
			const wasMuted = voice.state.get().muted;
			began.current = { atMs, wasMuted };
			if (!wasMuted) say(true);
		},
		/** What could not be seen to the end stays muted: nobody is heard by mistake. */
		letGo(untilMs: number | undefined) {
			if (!began.current) return;
			const { atMs, wasMuted } = began.current;
			began.current = undefined;
			if (untilMs === undefined) return;
			if (wasMuted || untilMs - atMs > pressMs) say(false);
		},
	};
}

/** Two presses of the key, or one of the button: a stray key must not end a conversation. */
export function HandBack({ turn }: { turn: ExecutiveTurn }) {
	const [armed, setArmed] = useState(false);
	useEffect(() => {
		if (!armed) return;
		const timer = setTimeout(() => setArmed(false), 3000);
		return () => clearTimeout(timer);
	}, [armed]);
	const press = () => {
		if (armed) return turn.finish();
		setArmed(true);
		announce('Press B again to hand the customer back');
	};
	useShortcuts([{ keys: ['b'], says: 'Hand the customer back (press twice)', does: press }], { first: true });
	return (
		<button type="button" className="button" onClick={turn.finish}>
			<Icon name="back" /> {armed ? 'Press B again' : 'Hand back'} <kbd>B</kbd>
		</button>
	);
}

/** What is left of the time, told aloud once when a minute is left. Without a limit, how long it has lasted. */
export function TimeLeft({ segment }: { segment: SegmentView }) {
	const { connection } = useLive();
	const { live } = segment;
	const left = () => (live ? live.atMs + live.limitMs - connection.serverNow() : 0);
	const limited = (live?.limitMs ?? 0) > 0;
	const latest = useRef(left);
	latest.current = left;
	const [soon, setSoon] = useState(false);
	useEffect(() => {
		if (!limited) return;
		let told = false;
		return onTick(() => {
			const isSoon = latest.current() <= soonMs;
			if (isSoon && !told) announce('One minute left');
			told ||= isSoon;
			setSoon(isSoon);
		});
	}, [limited]);
	if (!live) return null;
	return (
		<span className={soon ? 'time-left soon' : 'time-left'}>
			{soon && <Icon name="notice" />}
			<Ticking text={() => clockText(limited ? left() : connection.serverNow() - live.atMs)} />
			<span>{limited ? 'left' : 'so far'}</span>
		</span>
	);
}
