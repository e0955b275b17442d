import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ListeningSound } from '#client/audio/listening.ts';
import type { ClosedBecause } from '#client/live/link.ts';
import { useStore } from '#client/live/use-store.ts';
import { useAsking } from '#client/session/asking.ts';
import { endWords } from '#client/session/call-words.ts';
import { Deck, SilentLine } from '#client/session/deck.tsx';
import { Fault } from '#client/session/presence.tsx';
import type { VoiceHere } from '#client/session/survey/executive-words.ts';
import type { Sound } from '#client/session/use-sound.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { durationWords } from '#client/ui/times.ts';
import { useLostFocus } from '#client/ui/use-lost-focus.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import '#client/session/seat.css';

interface SeatNeeds {
	call: CallView;
	/** This person's own listening, if there is one. */
	mine: ListeningView | undefined;
	sound: Sound;
	/** Makes sure of the seat and gives its id. */
	seat: () => Promise<string>;
	/** Where what is said here goes, if anywhere; and whose voice the customer hears beside the agent's. */
	voice?: VoiceHere | undefined;
	speaker?: string | undefined;
	/** What is said before the sound begins. */
	children: ReactNode;
	/** A second way out, beside Listen. */
	otherwise?: ReactNode;
	/** Where to go when there is nothing more to hear here. */
	elsewhere?: ReactNode;
}

/** One person's place at a call: before the sound, while it sounds, and after. */
export function Seat({ call, mine, sound, seat, voice, speaker, children, otherwise, elsewhere }: SeatNeeds) {
	const asking = useAsking();
	const [left, setLeft] = useState(false);
	const told = useRef<string>(undefined);
	const listen = () =>
		asking.run(async () => {
			await sound.begin(seat);
			setLeft(false);
			told.current = undefined;
		});
	/** Sound that stops by itself is said, once: whoever does not look at the page would take it for a quiet call. */
	const tell = (title: string) => {
		if (told.current !== title) announce(title);
		told.current = title;
	};
	const leave = () => {
		sound.stop();
		setLeft(true);
	};
	const button = (words: string) => (
		<>
			<button type="button" className="button first large" onClick={listen} disabled={asking.busy}>
				<Icon name="headphones" />
				{asking.busy ? 'Opening…' : words}
			</button>
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</>
	);
	if (call.at === 'ended') return <Ended call={call} mine={mine} stop={sound.stop} actions={elsewhere} />;
	if (mine?.at === 'removed')
		return (
			<Over icon="notice" title={removedTitle} tell={sound.on && tell} actions={elsewhere}>
				A supervisor has ended your listening to this call. What you wrote is kept.
			</Over>
		);
	if (sound.on)
		return (
			<Sounding call={call} sound={sound.on} voice={voice} speaker={speaker} again={button} leave={leave} tell={tell} />
		);
	if (left)
		return (
			<Over icon="ear" title="You have left" actions={button('Listen again')}>
				You hear nothing any more, and {call.agentName} sees that you are gone. The call goes on. Your notes stay open
				here.
			</Over>
		);
	return (
		<section className="card seat-before" aria-label="Before you listen">
			<SilentLine {...(voice ? { voice } : {})} />
			{children}
			<div className="row">
				{button(mine?.at === 'left' || mine?.at === 'listening' ? 'Listen again' : 'Listen')}
				{otherwise}
			</div>
		</section>
	);
}

interface SoundingNeeds {
	call: CallView;
	sound: ListeningSound;
	voice: VoiceHere | undefined;
	speaker: string | undefined;
	again: (words: string) => ReactNode;
	leave: () => void;
	tell: (title: string) => void;
}

const removedTitle = 'Your listening was ended';

function Sounding({ call, sound, voice, speaker, again, leave, tell }: SoundingNeeds) {
	const state = useStore(sound.state);
	// The Listen button is gone: focus goes to what took its place. Not to a button there, which the same key would press.
	const place = useLostFocus<HTMLDivElement>();
	if (state.at === 'closed') {
		const { title, text, mayAgain } = closedWords(state.reason, state.text);
		return (
			<Over icon="notice" title={title} tell={tell} actions={mayAgain && again('Listen here')}>
				{text}
			</Over>
		);
	}
	return (
		<div className="stack" ref={place} tabIndex={-1}>
			<Deck call={call} sound={sound} voice={voice} speaker={speaker} />
			<div className="row leave-row">
				<button type="button" className="button" onClick={leave}>
					Leave
				</button>
				<span className="faint">Only you leave. The call goes on, and the agent sees that you are gone.</span>
			</div>
		</div>
	);
}

function closedWords(reason: ClosedBecause | undefined, text: string | undefined) {
	switch (reason) {
		case 'replaced':
			return {
				title: 'You are listening somewhere else',
				text: 'This seat was opened in another tab or on another device, so the sound moved there.',
				mayAgain: true,
			};
		case 'callEnded':
			return { title: 'The call has ended', text: 'Your notes stay here.', mayAgain: false };
		case 'removed':
			return {
				title: removedTitle,
				text: 'A supervisor has ended your listening to this call. What you wrote is kept.',
				mayAgain: false,
			};
		default:
			return { title: 'The sound has stopped', text: `${sentence(text)} Your notes are not affected.`, mayAgain: true };
	}
}

const sentence = (text = 'The server closed the connection') =>
	`${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

interface EndedNeeds {
	call: CallView;
	mine: ListeningView | undefined;
	stop: () => void;
	actions: ReactNode;
}

function Ended({ call, mine, stop, actions }: EndedNeeds) {
	useEffect(stop, [stop]);
	return (
		<Over icon="ended" title="The call has ended" actions={actions}>
			{endWords(call.endReason)}{' '}
			{mine && mine.audibleMs > 0 ? `You heard ${durationWords(mine.audibleMs)} of it. ` : ''}
			Your notes stay here, and you can still write some.
		</Over>
	);
}

interface OverNeeds {
	icon: 'ended' | 'notice' | 'ear';
	title: string;
	actions?: ReactNode;
	/** Says the title, where nothing else does. */
	tell?: ((title: string) => void) | undefined;
	children: ReactNode;
}

function Over({ icon, title, actions, tell, children }: OverNeeds) {
	const place = useLostFocus<HTMLElement>();
	const say = useRef(() => {});
	say.current = () => tell?.(title);
	useEffect(() => say.current(), []);
	return (
		<section className="card seat-over" ref={place} tabIndex={-1}>
			<Icon name={icon} />
			<div className="stack">
				<h2>{title}</h2>
				<p className="soft">{children}</p>
				{actions && <div className="row">{actions}</div>}
			</div>
		</section>
	);
}
