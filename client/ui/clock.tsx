import { useEffect, useRef } from 'react';
import { onTick } from '#client/ui/ticker.ts';
import { clockText } from '#client/ui/times.ts';

/** Text that changes with time, written past React: `text` is asked four times a second. Never announced. */
export function Ticking({ text, className }: { text: () => string; className?: string }) {
	const place = useRef<HTMLSpanElement>(null);
	const latest = useRef(text);
	latest.current = text;
	useEffect(() => {
		const write = () => {
			const now = latest.current();
			if (place.current && place.current.textContent !== now) place.current.textContent = now;
		};
		write();
		return onTick(write);
	}, []);
	return <span ref={place} className={`numerals ${className ?? ''}`} suppressHydrationWarning />;
}

/** How long something has lasted by the server's clock, or had lasted when it ended. */
export function Clock(needs: { fromMs: number; untilMs?: number | undefined; now: () => number; className?: string }) {
	const { fromMs, untilMs, now, className } = needs;
	return (
		<Ticking text={() => clockText((untilMs ?? now()) - fromMs)} {...(className === undefined ? {} : { className })} />
	);
}

/** Keeps the tab's title at what `title` says, so that state and time can be read from another tab. */
export function useTabTitle(title: () => string) {
	const latest = useRef(title);
	latest.current = title;
	useEffect(() => {
		const write = () => {
			const now = `${latest.current()} · Ycord`;
			if (document.title !== now) document.title = now;
		};
		write();
		return onTick(write);
	}, []);
}
