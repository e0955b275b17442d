import { useEffect, useState } from 'react';
import type { ListeningSound, ListeningState } from '#client/audio/listening.ts';
import { useStore } from '#client/live/use-store.ts';
import { silenceWords, type Tone, toneOf } from '#client/session/call-words.ts';
import { SoundChoice } from '#client/session/sound-choice.tsx';
import { type VoiceHere, voiceWords } from '#client/session/survey/executive-words.ts';
import { VoiceLane } from '#client/session/voice-lane.tsx';
import { announce } from '#client/ui/announce.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { Range } from '#client/ui/range.tsx';
import { clockText, delayWords, durationWords } from '#client/ui/times.ts';
import { frameMs } from '#shared/audio.ts';
import type { CallView } from '#shared/call.ts';
import '#client/session/deck.css';

/** Says, as long as the page is open, who can hear what is said here: nobody, but in a survey segment. [S1] */
export function SilentLine({ voice = 'off' }: { voice?: VoiceHere }) {
	const { icon, title, text } = voiceWords[voice];
	return (
		<p className={`silent-line ${voice}`}>
			<Icon name={icon} />
			<span>
				<b>{title}</b> – {text}
			</span>
		</p>
	);
}

interface DeckNeeds {
	call: CallView;
	sound: ListeningSound;
	/** Where what is said here goes. */
	voice?: VoiceHere | undefined;
	/** The executive who is on the line, unless that is whoever listens here. */
	speaker?: string | undefined;
}

/** Both voices with their loudness, the balance between them, and how far behind the call this ear is. */
export function Deck({ call, sound, voice, speaker }: DeckNeeds) {
	const state = useStore(sound.state);
	const over = overLanes(toneOf(call), state);
	const isPaused = state.at === 'paused';
	useEffect(() => {
		if (isPaused) announce('This device has paused the sound');
	}, [isPaused]);
	const isOne = call.hears === 'mix';
	const isMixed = state.form === 'mixed';
	// There is nothing to mix, and a loudness of its own is only set apart.
	useEffect(() => {
		if (isOne && isMixed) sound.choose('both');
	}, [sound, isOne, isMixed]);
	return (
		<section className="card deck" aria-label="What you hear">
			<div className="deck-top">
				<SilentLine {...(voice ? { voice } : {})} />
				{!over && <Delay state={state} />}
			</div>
			<div className="lanes" data-over={over !== undefined}>
				{isOne ? (
					<VoiceLane leg="customer" name="Everyone" under="All voices in one" sound={sound} mixed={isMixed} everyone />
				) : (
					<>
						<VoiceLane leg="customer" name="Customer" under="On the phone" sound={sound} mixed={isMixed} />
						<VoiceLane leg="agent" name={call.agentName} under="Agent" sound={sound} mixed={isMixed} />
					</>
				)}
				{speaker !== undefined && (
					<VoiceLane leg="executive" name={speaker} under="On the line" sound={sound} mixed={isMixed} />
				)}
				{over && (
					<div className={`over ${over.tone}`}>
						<Icon name={over.icon} />
						<span>
							<b>{over.title}</b>
							<span>{over.text}</span>
						</span>
						{over.wakes && (
							<button type="button" className="button" onClick={sound.wake}>
								Hear it again
							</button>
						)}
					</div>
				)}
			</div>
			<Missed state={state} />
			<div className="deck-foot">
				{isOne ? (
					<span className="faint">The phone system sends all voices as one: who talks cannot be told.</span>
				) : isMixed ? (
					<span className="faint">Both voices come as one: they cannot be set apart.</span>
				) : (
					<Balance sound={sound} />
				)}
				<SoundChoice sound={sound} state={state} isOne={isOne} fixed={voice === 'line' || voice === 'muted'} />
			</div>
		</section>
	);
}

interface Over {
	tone: Tone | 'link';
	icon: IconName;
	title: string;
	text: string;
	/** A press asks the device for its sound again. */
	wakes?: boolean;
}

/** Why there is nothing to hear, if there is a reason: first the call's, then this connection's. */
function overLanes(tone: Tone, state: ListeningState): Over | undefined {
	if (tone !== 'live') return { tone, icon: tone, ...silenceWords[tone] };
	if (state.at === 'connecting')
		return { tone: 'link', icon: 'headphones', title: 'Connecting the sound…', text: 'This takes a moment.' };
	if (state.at === 'waiting')
		return {
			tone: 'link',
			icon: 'lost',
			title: 'Your connection is lost',
			text: 'Reconnecting. You will hear the call as it is then; what you miss now is written down as missed.',
		};
	if (state.at === 'paused')
		return {
			tone: 'link',
			icon: 'muted',
			title: 'This device has paused the sound',
			text: 'A phone call, another program or a change of headphones took it. You hear nothing until it comes back.',
			wakes: true,
		};
	return undefined;
}

/** What was not heard, said once and left to be read: nobody should think that they heard it all. */
function Missed({ state: { missed } }: { state: ListeningState }) {
	return (
		<p className="missed" role="status">
			{missed && (
				<>
					<Icon name="lost" />
					<span>
						{missed.ms < 1000 ? 'Part of a second' : secondsWords(missed.ms)} of the call not heard, up to{' '}
						{clockText(missed.callMs)}.
					</span>
				</>
			)}
		</p>
	);
}

const secondsWords = (ms: number) => durationWords(Math.max(1000, Math.round(ms / 1000) * 1000));

function Delay({ state }: { state: ListeningState }) {
	const [open, setOpen] = useState(false);
	const { delayMs, bufferMs, lostMs, quality, kbitPerSecond, megabytes, frames, form } = state;
	const rows = [
		...(delayMs === undefined
			? []
			: [
					['On the way here', `${Math.max(0, Math.round(delayMs - bufferMs))} ms`],
					['Waiting in this tab', `${Math.round(bufferMs)} ms`],
				]),
		['Not heard so far', `${(lostMs / 1000).toFixed(1)} s`],
		['Data now', `${kbitPerSecond} kbit/s`],
		['Data so far', `${megabytes.toFixed(1)} MB`],
		...(frames > 1 && form !== 'low' ? [['Server busy: sound comes every', `${frames * frameMs} ms`]] : []),
	];
	return (
		<div className="delay">
			<button type="button" className={`delay-button ${quality}`} aria-expanded={open} onClick={() => setOpen(!open)}>
				<span className="numerals">
					{delayMs === undefined ? 'Measuring the delay…' : `${delayWords(delayMs)} · ${quality}`}
				</span>
				<Icon name="down" />
			</button>
			{open && (
				<dl className="delay-more">
					{rows.map(([name, value]) => (
						<div key={name}>
							<dt>{name}</dt>
							<dd className="numerals">{value}</dd>
						</div>
					))}
				</dl>
			)}
		</div>
	);
}

function Balance({ sound }: { sound: ListeningSound }) {
	const [percent, setPercent] = useState(0);
	const [split, setSplit] = useState(false);
	const lean = (next: number) => {
		// A thumb let go near the middle means the middle.
		const value = Math.abs(next) < 8 ? 0 : next;
		sound.setBalance(value / 100);
		setPercent(value);
	};
	const says =
		percent === 0 ? 'Both the same' : `${Math.abs(percent)} % toward the ${percent < 0 ? 'customer' : 'agent'}`;
	return (
		<>
			<div className="balance">
				<span aria-hidden="true">Customer</span>
				<Range
					label="Balance between customer and agent"
					min={-100}
					max={100}
					step={10}
					from={0}
					value={percent}
					says={says}
					change={lean}
				/>
				<span aria-hidden="true">Agent</span>
			</div>
			<label className="switch compact">
				<input
					type="checkbox"
					checked={split}
					onChange={(event) => {
						sound.setStereo(event.target.checked);
						setSplit(event.target.checked);
					}}
				/>
				<span>Customer left, agent right</span>
			</label>
		</>
	);
}
