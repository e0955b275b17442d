import { useCallback, useEffect, useRef, useState } from 'react';

/** Something that is asked for again and again. */
export interface Polled<T> {
	/** The last that was there; it stays while the next is on its way, and while none comes. */
	value: T | undefined;
	/** Why the last question had no answer; undefined when it had. */
	error: unknown;
	/** Asks now. */
	again(): void;
	/** What is known from elsewhere, such as the answer to a change. */
	set(value: T): void;
}

/** Asks every `everyMs` while this page is looked at, and at once when somebody looks again. `ask` must stay the same. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number): Polled<T> {
	const [state, setState] = useState<{ value: T | undefined; error: unknown }>({ value: undefined, error: undefined });
	const again = useRef(() => {});
	useEffect(() => {
		let isOver = false;
		let timer: ReturnType<typeof setTimeout> | undefined;
		/** Only the latest question counts: an older answer would bring back what has changed since. */
		let latest = 0;
		const go = async () => {
			clearTimeout(timer);
			const turn = ++latest;
			const answer = await ask().then(
				(value) => ({ value }),
				(error: unknown) => ({ error }),
			);
			if (isOver || turn !== latest) return;
			setState((before) => ('value' in answer ? { value: answer.value, error: undefined } : { ...before, ...answer }));
			if (!document.hidden) timer = setTimeout(go, everyMs);
		};
		const look = () => {
			clearTimeout(timer);
			if (!document.hidden) void go();
		};
		again.current = () => void go();
		document.addEventListener('visibilitychange', look);
		void go();
		return () => {
			isOver = true;
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', look);
		};
	}, [ask, everyMs]);
	const set = useCallback((value: T) => setState({ value, error: undefined }), []);
	return { ...state, again: useCallback(() => again.current(), []), set };
}
