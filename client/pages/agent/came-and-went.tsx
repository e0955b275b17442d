import { useEffect, useRef, useState } from 'react';
import { cameAndWent } from '#client/session/listeners.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { ListeningView } from '#shared/call.ts';

/** How long the banner stays; the list beside it stays as long as it is true. */
const shownMs = 8000;

/** Tells the agent, once and softly, that somebody began or stopped listening. [C0] */
export function CameAndWent({ here }: { here: ListeningView[] }) {
	const before = useRef<ListeningView[]>(undefined);
	const [news, setNews] = useState<{ text: string; came: boolean }>();
	useEffect(() => {
		const known = before.current;
		before.current = here;
		if (!known) return;
		const { came, went } = cameAndWent(known, here);
		const names = (came.length ? came : went).map((one) => one.personName);
		if (names.length === 0) return;
		const text = came.length
			? `${listed(names)} ${names.length > 1 ? 'are' : 'is'} listening now`
			: `${listed(names)} stopped listening`;
		setNews({ text, came: came.length > 0 });
		announce(text);
	}, [here]);
	useEffect(() => {
		if (!news) return;
		const gone = setTimeout(() => setNews(undefined), shownMs);
		return () => clearTimeout(gone);
	}, [news]);
	if (!news) return null;
	return (
		<div className={news.came ? 'news came wide' : 'news wide'}>
			<Icon name="ear" />
			<span>{news.text}</span>
			<button
				type="button"
				className="button plain small"
				aria-label="Hide this message"
				onClick={() => setNews(undefined)}
			>
				<Icon name="cross" />
			</button>
		</div>
	);
}

const listed = (names: string[]) => new Intl.ListFormat('en').format(names);
