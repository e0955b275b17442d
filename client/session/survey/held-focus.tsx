import { type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';

interface HeldNeeds {
	/** Kept by whoever shows one of these after the other. */
	held: RefObject<boolean>;
	className?: string;
	children: ReactNode;
}

/**
 * One of several contents that take each other's place: if the focus was in the one that went, it goes to this one, and
 * not to a button there, which the same key would press. Whoever is somewhere else is left there.
 */
export function HeldFocus({ held, className, children }: HeldNeeds) {
	const place = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		if (held.current && document.activeElement === document.body) place.current?.focus({ preventScroll: true });
		const here = place.current;
		return () => {
			held.current = here?.contains(document.activeElement) ?? false;
		};
	}, [held]);
	return (
		<div ref={place} tabIndex={-1} className={className}>
			{children}
		</div>
	);
}
