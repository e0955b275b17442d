import { type RefObject, useEffect, useRef } from 'react';

let hadFocus = false;
if (typeof addEventListener === 'function') addEventListener('focusin', () => (hadFocus = true));

/**
 * Takes over the focus that went away with what stood here before: a keyboard goes on from here, not from the top of the
 * page. Whoever is somewhere else is left there, and so is a page that was just opened.
 */
export function useLostFocus<Place extends HTMLElement>(): RefObject<Place | null> {
	const place = useRef<Place>(null);
	useEffect(() => {
		if (hadFocus && document.activeElement === document.body) place.current?.focus({ preventScroll: true });
	}, []);
	return place;
}
