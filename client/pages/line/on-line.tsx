import { useEffect, useRef, useState } from 'react';
import type { Line, LineState } from '#client/audio/line.ts';
import { useStore } from '#client/live/use-store.ts';
import {
	AgentBesideExecutive,
	BackAgain,
	CustomerWithExecutive,
	useHadExecutive,
} from '#client/pages/line/executive-on.tsx';
import { drawStrip } from '#client/session/voice-strip.ts';
import { announce } from '#client/ui/announce.tsx';
import { Clock, Ticking, useTabTitle } from '#client/ui/clock.tsx';
import { Plain } from '#client/ui/frame.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { LineEnd } from '#shared/rest.ts';
import '#client/session/call.css';

const words: Record<LineState['at'], { word: string; icon: IconName; tone: string }> = {
	connecting: { word: 'Connecting…', icon: 'line', tone: 'ended' },
	waiting: { word: 'Waiting for the other side', icon: 'line', tone: 'held' },
	talking: { word: 'Talking', icon: 'live', tone: 'live' },
	held: { word: 'On hold', icon: 'held', tone: 'held' },
	lost: { word: 'Connection lost, reconnecting…', icon: 'lost', tone: 'lost' },
	ended: { word: 'Ended', icon: 'ended', tone: 'ended' },
	closed: { word: 'Closed', icon: 'ended', tone: 'ended' },
};

const cutOff = { word: 'Cut off', icon: 'lost', tone: 'lost' } as const;

/** On the line: state and clock, both levels, and the few things one can do. */
export function OnLine({ line, end, again }: { line: Line; end: LineEnd; again: () => void }) {
	const state = useStore(line.state);
	const [muted, setMuted] = useState(false);
	const { word, icon, tone } = state.endsAtMs === undefined ? words[state.at] : cutOff;
	const isAgent = end.end === 'agent';
	const { executive, silenced = false } = state;
	const isBack = useHadExecutive(executive !== undefined) && state.at === 'talking';
	const isOn = state.at === 'talking' || state.at === 'held';
	const mute = () => {
		if (silenced) return;
		line.mute(!muted);
		setMuted(!muted);
		announce(muted ? 'You can be heard again' : 'You are muted');
	};
	// While the executive has the customer there is nothing to hold; a hold that came just before is still ended here.
	const mayHold = isOn && (!executive || state.at === 'held');
	const hold = () => (state.at === 'held' ? line.resume() : line.hold());
	useShortcuts([
		{ keys: ['m'], says: 'Mute or unmute yourself', does: mute },
		...(isAgent ? [{ keys: ['h'], says: 'Hold, or take off hold', does: () => mayHold && hold() }] : []),
	]);
	useTabTitle(() => `${muted || silenced ? 'Muted, ' : ''}${word} – ${end.label}`);
	// Closing the tab by mistake would end the call: the browser asks first.
	useEffect(() => {
		if (!isOn) return;
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		addEventListener('beforeunload', ask);
		return () => removeEventListener('beforeunload', ask);
	}, [isOn]);
	const first = useRef(true);
	useEffect(() => {
		if (!first.current) announce(word);
		first.current = false;
	}, [word]);
	if (state.at === 'ended') return <Over title="The call has ended" text="Thank you. You can close this tab." />;
	if (state.at === 'closed')
		return (
			<Over title="You are not on the line any more" text={sentence(state.text)}>
				<button type="button" className="button first" onClick={again}>
					Join again
				</button>
			</Over>
		);
	const theirs = isAgent ? 'Customer' : end.agentName;
	return (
		<div className="stack on-line">
			<p className="faint">{end.label}</p>
			<div className="line-top">
				{isAgent || !executive ? <h1>{theirs}</h1> : <p className="soft">On the line</p>}
				<span className={`state ${tone}`}>
					<Icon name={icon} />
					{word}
				</span>
			</div>
			<p className="big-clock numerals">
				{state.startedAtMs === undefined ? (
					<span className="soft">0:00</span>
				) : (
					// The line has no measured clock of the server's: this device's is close enough for a clock on the wall.
					<Clock fromMs={state.startedAtMs} now={line.serverNow} />
				)}
			</p>
			{executive && !isAgent && (
				<CustomerWithExecutive shownAs={executive.shownAs} agentName={end.agentName} back={line.withdraw} />
			)}
			{executive && isAgent && <AgentBesideExecutive shownAs={executive.shownAs} silenced={silenced} />}
			{isBack && <BackAgain text={isAgent ? 'You have the customer again.' : `You are back with ${end.agentName}.`} />}
			{state.endsAtMs !== undefined && (
				<CutOff endsAtMs={state.endsAtMs} who={isAgent ? 'the customer' : end.agentName} now={line.serverNow} />
			)}
			<div className="card line-voices">
				<Voice
					name="You"
					tone={isAgent ? 'agent' : 'customer'}
					level={() => (silenced ? 0 : line.levels().mine)}
					note={muted || silenced ? 'Muted: nobody hears you' : ''}
				/>
				<Voice
					// Another voice begins another strip.
					key={executive && !isAgent ? 'executive' : 'other end'}
					name={executive && !isAgent ? capital(executive.shownAs) : theirs}
					tone={isAgent ? 'customer' : executive ? 'executive' : 'agent'}
					level={() => line.levels().theirs}
					note={state.at === 'held' ? 'On hold' : ''}
				/>
				{executive && isAgent && (
					<Voice name="Executive" tone="executive" level={() => line.levels().executive} note="" />
				)}
			</div>
			{state.text && <p className="fault">{state.text}</p>}
			{state.at === 'held' && (
				<p className="soft">
					{isAgent
						? 'The customer hears nothing until you resume.'
						: `${end.agentName} has put you on hold and will be back.`}
				</p>
			)}
			<div className="line-acts">
				<button
					type="button"
					className="button large"
					aria-pressed={muted || silenced}
					disabled={silenced}
					onClick={mute}
				>
					<Icon name={muted || silenced ? 'silenced' : 'microphone'} />
					Mute
				</button>
				{isAgent && (
					<button
						type="button"
						className="button large"
						aria-pressed={state.at === 'held'}
						onClick={hold}
						disabled={!mayHold}
					>
						<Icon name="held" />
						Hold
					</button>
				)}
				<button type="button" className="button large hang-up" onClick={() => line.hangUp()}>
					<Icon name="ended" />
					Hang up
				</button>
			</div>
			<p className="faint">Hanging up ends the call for {executive ? 'everybody' : 'both of you'}.</p>
		</div>
	);
}

/** The other end is gone: what is waited for, and how it ends. Never silence without words. */
function CutOff({ endsAtMs, who, now }: { endsAtMs: number; who: string; now: () => number }) {
	useEffect(() => announce(`The connection to ${who} was lost. Please wait.`), [who]);
	return (
		<section className="card padded line-cut stack" aria-label="Connection">
			<h2>The connection to {who} was lost</h2>
			<p>
				Please stay: we are waiting for them to come back. The call ends{' '}
				<Ticking text={() => `in ${Math.max(0, Math.ceil((endsAtMs - now()) / 1000))} s`} /> if they do not.
			</p>
		</section>
	);
}

interface VoiceNeeds {
	name: string;
	tone: 'agent' | 'customer' | 'executive';
	level: () => number;
	note: string;
}

function Voice({ name, tone, level, note }: VoiceNeeds) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const latest = useRef(level);
	latest.current = level;
	useEffect(() => (canvas.current ? drawStrip(canvas.current, () => latest.current()) : undefined), []);
	return (
		<div className={`line-voice ${tone}`}>
			<span>
				<b>{name}</b>
				<span className="faint">{note}</span>
			</span>
			<canvas ref={canvas} role="img" aria-label={`The voice of ${name}: the last 20 seconds`} />
		</div>
	);
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const sentence = (text = 'The server closed the line') => `${capital(text)}${/[.!?]$/.test(text) ? '' : '.'}`;

function Over({ title, text, children }: { title: string; text: string; children?: React.ReactNode }) {
	return (
		<Plain title={title}>
			<p className="soft">{text}</p>
			{children && <p>{children}</p>}
		</Plain>
	);
}
