import { useEffect, useRef } from 'react';
import type { LinkState } from '#client/live/link.ts';
import { announce } from '#client/ui/announce.tsx';
import { Ticking } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';

/** The connection in words, whenever it is not open. A first connecting says nothing: it is over before it is read. */
export function LinkBanner({ link, now }: { link: LinkState; now: () => number }) {
	const wasOpen = useRef(false);
	const toldLost = useRef(false);
	const { at } = link;
	useEffect(() => {
		if (at === 'open') {
			if (toldLost.current) announce('Connected again.');
			wasOpen.current = true;
			toldLost.current = false;
		} else if (wasOpen.current && at === 'closed') announce('The connection was closed.');
		else if (wasOpen.current && at === 'waiting' && !toldLost.current) {
			// Once a loss, not once a try.
			toldLost.current = true;
			announce('Connection lost. Reconnecting; what you write is kept.');
		}
	}, [at]);
	switch (link.at) {
		case 'open':
			return null;
		case 'connecting':
			return wasOpen.current ? (
				<section className="banner" aria-label="Connection">
					<Icon name="lost" /> Reconnecting…
				</section>
			) : null;
		case 'waiting':
			return (
				<section className="banner" aria-label="Connection">
					<Icon name="lost" />
					<span>
						Reconnecting… <Ticking text={() => inSeconds(link.retryAtMs - now())} />
					</span>
					<span className="banner-more">What you write is kept and sent as soon as the connection is back.</span>
				</section>
			);
		case 'closed':
			return wasOpen.current ? (
				<section className="banner closed" aria-label="Connection">
					<Icon name="notice" />
					<span>{closedWords(link.reason, link.text)}</span>
					<button type="button" className="button small" onClick={() => location.reload()}>
						{link.reason === 'replaced' ? 'Use it here' : 'Open again'}
					</button>
				</section>
			) : null;
	}
}

const inSeconds = (ms: number) => (ms < 1000 ? 'now' : `in ${Math.ceil(ms / 1000)} s`);

function closedWords(reason: string, text: string): string {
	switch (reason) {
		case 'replaced':
			return 'This page was opened somewhere else. This one has stopped.';
		case 'signInNeeded':
			return 'You are not signed in any more. Sign in, or open your link again.';
		case 'version':
			return 'Ycord was updated. Open the page again to go on.';
		default:
			return `The connection was closed: ${text}.`;
	}
}
