import { type RefObject, useCallback, useEffect, useState } from 'react';

/** Whether a mouse or the focus is inside a place; `letGo` says that it is not, until the next time it comes. */
export function useHandOn(place: RefObject<HTMLElement | null>, isThere: boolean) {
	const [handOnIt, setHandOnIt] = useState(false);
	useEffect(() => {
		const element = place.current;
		if (!element || !isThere) return setHandOnIt(false);
		const came = (event: Event) => {
			if (!(event instanceof PointerEvent) || event.pointerType === 'mouse') setHandOnIt(true);
		};
		const went = (event: Event) => {
			const to = (event as FocusEvent | PointerEvent).relatedTarget;
			if (!(to instanceof Node && element.contains(to))) setHandOnIt(element.contains(document.activeElement));
		};
		const pairs = [
			['pointerenter', came],
			['pointerleave', went],
			['focusin', came],
			['focusout', went],
		] as const;
		for (const [type, does] of pairs) element.addEventListener(type, does);
		return () => {
			for (const [type, does] of pairs) element.removeEventListener(type, does);
		};
	}, [place, isThere]);
	return { handOnIt, letGo: useCallback(() => setHandOnIt(false), []) };
}
