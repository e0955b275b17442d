import { useEffect, useState } from 'react';

/** How something asked for stands. */
export type Answer<T> = { at: 'asking' } | { at: 'there'; value: T } | { at: 'refused'; error: unknown };

/** Follows a promise; another `promise` starts over. */
export function usePromise<T>(promise: Promise<T>): Answer<T> {
	const [answer, setAnswer] = useState<Answer<T>>({ at: 'asking' });
	useEffect(() => {
		let current = true;
		promise.then(
			(value) => current && setAnswer({ at: 'there', value }),
			(error: unknown) => current && setAnswer({ at: 'refused', error }),
		);
		return () => {
			current = false;
		};
	}, [promise]);
	return answer;
}
