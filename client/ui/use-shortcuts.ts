import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type LastTyped, type Shortcut, shortcutFor, takesKeys, typesOn } from '#client/ui/shortcuts.ts';

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

const lists = new Set<{ readonly current: readonly Shortcut[] }>();

/** Every shortcut that the page's parts offer at this moment. */
export const shortcutsHere = (): readonly Shortcut[] => [...lists].flatMap((list) => list.current);

/** Offers shortcuts for as long as the part that asks is on the page. */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
	const latest = useRef(shortcuts);
	latest.current = shortcuts;
	useEffect(() => {
		lists.add(latest);
		return () => {
			lists.delete(latest);
		};
	}, []);
}

/** Makes keys do what the page's parts offer, while nobody is typing and no dialog is open. Once a page. */
export function useKeys() {
	useEffect(() => {
		let last: LastTyped | undefined;
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
		};
		addEventListener('keydown', pressed);
		return () => removeEventListener('keydown', pressed);
	}, []);
}
