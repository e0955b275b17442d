import { Refusal } from '#shared/refusals.ts';

/** How many connections of one gateway may wait for their first message at once: 500 that say nothing are about 10 MB. */
export const maxWaiting = 500;

/** A WebSocket, or a connection by itself. */
type Closing = { once(event: 'close', told: () => void): unknown };

/** Keeps connections that were let in and say nothing from filling the house. Who comes when it is full loses. [B1] [B2] */
export interface DoorLimit {
	/** Why nobody else is let in just now; undefined if somebody is. To be asked before the upgrade, after who they are. */
	refusal(): Refusal | undefined;
	/** A connection waits from now on, at most until it is closed. Gives back what says that it has begun a call. */
	waits(socket: Closing): () => void;
}

/** One for each gateway, so that one platform's silence is not another's. Refuses with `call.too-many-waiting`. */
export function doorLimit(max = maxWaiting): DoorLimit {
	const waiting = new Set<object>();
	return {
		refusal: () => (waiting.size < max ? undefined : new Refusal('call.too-many-waiting', String(max))),
		waits(socket) {
			waiting.add(socket);
			const begun = () => void waiting.delete(socket);
			// Not sooner: one that was hung up on and does not answer is still there.
			socket.once('close', begun);
			return begun;
		},
	};
}
