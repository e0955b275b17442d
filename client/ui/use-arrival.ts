import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/**
 * Going to another page of the same connection loads nothing: the browser leaves the focus on what is gone, and the page
 * where it was scrolled to. Puts both at the new page's beginning. A page just opened is left alone.
 */
export function useArrival() {
	const [path] = useLocation();
	const shown = useRef(path);
	useEffect(() => {
		if (shown.current === path) return;
		shown.current = path;
		scrollTo(0, 0);
		document.getElementById('main')?.focus({ preventScroll: true });
	}, [path]);
}
