import type { HandClock } from '#tests/support/clock.ts';
import type { TestHouse } from '#tests/support/house.ts';

/** How long nothing may come before time goes on all the same: while the call is connecting, and at its end. */
const patienceMs = 50;

/**
 * Lets a test call play through in a house whose clock stands still: time goes on by 20 ms when what was sent has been heard,
 * so that a slow machine changes nothing. Resolves as `test` does.
 */
export async function playedThrough<T>(app: TestHouse, clock: HandClock, test: Promise<T>): Promise<T> {
	let isOver = false;
	const over = test.finally(() => {
		isOver = true;
	});
	over.catch(() => {});
	while (!isOver) {
		const enough = app.hub.deliveredMessages + app.hub.listeners;
		clock.advance(20);
		const until = performance.now() + (app.hub.listeners > 0 ? patienceMs : 5);
		while (!isOver && performance.now() < until && (app.hub.listeners === 0 || app.hub.deliveredMessages < enough))
			await new Promise((resolve) => setImmediate(resolve));
	}
	return test;
}
