import { useEffect, useRef, useState } from 'react';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { useLostFocus } from '#client/ui/use-lost-focus.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';

interface CustomerNeeds {
	/** What the customer is told of who speaks, and never more. [C3] */
	shownAs: string;
	agentName: string;
	back: () => void;
}

/** To the customer, while an executive has the line: who it is, and the way back. */
export function CustomerWithExecutive({ shownAs, agentName, back }: CustomerNeeds) {
	const [asked, setAsked] = useState(false);
	const withdraw = () => {
		if (asked) return;
		setAsked(true);
		back();
		announce('Going back to the agent');
	};
	useShortcuts([{ keys: ['b'], says: 'Back to the agent', does: withdraw }]);
	useEffect(() => announce(`You are now speaking with ${shownAs}`), [shownAs]);
	return (
		<section className="card padded line-turn stack" aria-labelledby="line-turn">
			<h1 id="line-turn">You are now speaking with {shownAs}</h1>
			<p className="soft">{agentName} is still on the line. You can stop at any time, without giving a reason.</p>
			<button type="button" className="button first large" aria-disabled={asked} onClick={withdraw}>
				<Icon name="back" />
				{asked ? 'Going back to the agent…' : 'Back to the agent'}
			</button>
		</section>
	);
}

/** To the agent meanwhile: whether anybody hears them, and that they hear everything. */
export function AgentBesideExecutive({ shownAs, silenced }: { shownAs: string; silenced: boolean }) {
	useEffect(
		() =>
			announce(
				`An executive has the customer. ${silenced ? 'You are muted' : 'Your microphone stays open'}, and you hear both.`,
			),
		[silenced],
	);
	return (
		<section className="card padded line-turn stack" aria-labelledby="line-turn">
			<h2 id="line-turn">An executive has the customer</h2>
			<p>
				<b>{silenced ? 'You are muted: nobody hears you.' : 'Your microphone is open: both hear you.'}</b> You hear
				everything that is said.
			</p>
			<p className="soft">The customer is told “{shownAs}”. You take them back on your own page.</p>
		</section>
	);
}

/** Afterwards: calm, and in words, also for whoever had the focus on the button that is gone. */
export function BackAgain({ text }: { text: string }) {
	const place = useLostFocus<HTMLParagraphElement>();
	useEffect(() => announce(text), [text]);
	return (
		<p ref={place} tabIndex={-1} className="line-back">
			<Icon name="check" />
			{text}
		</p>
	);
}

/** Whether an executive has had the line since this page was opened. */
export function useHadExecutive(hasNow: boolean): boolean {
	const had = useRef(false);
	if (hasNow) had.current = true;
	return had.current && !hasNow;
}
