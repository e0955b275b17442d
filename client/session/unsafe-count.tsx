import { useEffect, useState } from 'react';
import type { Unsafe } from '#client/live/notes.ts';
import type { Store } from '#client/live/store.ts';
import { useStore } from '#client/live/use-store.ts';
import { Icon } from '#client/ui/icon.tsx';

/** A note that is saved at once never shows: what flickers is not read. */
const afterMs = 700;

/**
 * In the page's head, whenever there is one: how many notes of this person are not on record yet, whichever the call.
 * Closing the page is asked about while they are only in it. [N5]
 */
export function UnsafeCount({ unsafe }: { unsafe: Store<Unsafe> }) {
	const { count, kept } = useStore(unsafe);
	const isAny = count > 0;
	const [lasts, setLasts] = useState(false);
	useEffect(() => {
		if (!isAny) return setLasts(false);
		const timer = setTimeout(() => setLasts(true), afterMs);
		return () => clearTimeout(timer);
	}, [isAny]);
	const wouldBeLost = isAny && lasts && !kept;
	useEffect(() => {
		if (!wouldBeLost) return;
		// The browser asks in its own words.
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		addEventListener('beforeunload', ask);
		return () => removeEventListener('beforeunload', ask);
	}, [wouldBeLost]);
	if (!isAny || !lasts) return null;
	return (
		<span className="unsafe">
			<Icon name="notice" />
			{unsafeWords(count, kept)}
		</span>
	);
}

export const unsafeWords = (count: number, kept: boolean) =>
	`${count} ${count === 1 ? 'note' : 'notes'} not yet safe${kept ? '' : ': keep this tab open'}`;
