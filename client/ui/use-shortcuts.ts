import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type LastTyped, type Shortcut, shortcutFor, takesKeys, typesOn, withoutTaken } from '#client/ui/shortcuts.ts';

const place = 'ycord.single-keys';
const changed = new Set<() => void>();
let kept: boolean | undefined;

/** Whether single keys do anything; remembered in this browser. Storage may be forbidden: then it lasts as long as the tab. */
const areOn = () => {
	try {
		kept ??= localStorage.getItem(place) !== 'off';
	} catch {
		kept ??= true;
	}
	return kept;
};

export function switchSingleKeys(on: boolean) {
	kept = on;
	try {
		localStorage.setItem(place, on ? 'on' : 'off');
	} catch {
		// See areOn.
	}
	for (const tell of changed) tell();
}

const follow = (tell: () => void) => {
	changed.add(tell);
	return () => changed.delete(tell);
};

export const useSingleKeys = () => useSyncExternalStore(follow, areOn);

interface Offered {
	readonly current: readonly Shortcut[];
}
const lists = new Set<Offered>();
/** Those whose keys go before all others while they are there. */
const firstLists = new Set<Offered>();

/** Every shortcut that the page's parts offer at this moment. */
export const shortcutsHere = (): readonly Shortcut[] =>
	withoutTaken([...firstLists, ...lists].flatMap((list) => list.current));

/** Offers shortcuts for as long as the part that asks is on the page; `first` ones win over others with the same keys. */
export function useShortcuts(shortcuts: readonly Shortcut[], { first = false } = {}) {
	const latest = useRef(shortcuts);
	latest.current = shortcuts;
	useEffect(() => {
		const place = first ? firstLists : lists;
		place.add(latest);
		return () => {
			place.delete(latest);
		};
	}, [first]);
}

/** Makes keys do what the page's parts offer, while nobody is typing and no dialog is open. Once a page. */
export function useKeys() {
	useEffect(() => {
		let last: LastTyped | undefined;
		let held: { key: string; atMs: number; until: NonNullable<Shortcut['until']> } | undefined;
		const letGo = (heldMs: number | undefined) => {
			const { until } = held ?? {};
			held = undefined;
			until?.(heldMs);
		};
		const released = ({ key, timeStamp }: KeyboardEvent) => {
			if (held && key.toLowerCase() === held.key) letGo(timeStamp - held.atMs);
		};
		const away = () => letGo(undefined);
		const pressed = (event: KeyboardEvent) => {
			if (document.querySelector('dialog[open]')) return;
			const focused = document.activeElement as HTMLInputElement | null;
			const goesOn = typesOn(last, event.timeStamp);
			if (focused && takesKeys(focused)) last = { field: focused, atMs: event.timeStamp };
			else if (last && goesOn) last = { ...last, atMs: event.timeStamp };
			if (goesOn) return;
			const shortcut = shortcutFor(event, focused, shortcutsHere(), areOn());
			if (!shortcut) return;
			event.preventDefault();
			shortcut.does();
			if (shortcut.until) held = { key: event.key.toLowerCase(), atMs: event.timeStamp, until: shortcut.until };
		};
		addEventListener('keydown', pressed);
		addEventListener('keyup', released);
		addEventListener('blur', away);
		return () => {
			removeEventListener('keydown', pressed);
			removeEventListener('keyup', released);
			removeEventListener('blur', away);
		};
	}, []);
}
