import type { RedisClient, RedisConnection } from '#server/journal/redis-connection.ts';
import type { Clock } from '#shared/clock.ts';

/** What a link needs. */
export interface RedisLinkNeeds {
	/** Begins to connect anew. */
	connect(): RedisConnection;
	clock: Clock;
	/** An answer that takes longer, in ms, means that the connection is lost. */
	answerMs: number;
}

/** A connection to Redis that is made anew whenever it is lost. Nothing is sent a second time by it. */
export interface RedisLink {
	/**
	 * Waits for a connection, and asks over it; `connection` counts them from 1. Rejects with `NotSent` when there is none
	 * until `untilMs` or the signal aborts, with `NotAnswered` when the connection was lost before the answer came, or with
	 * what Redis said.
	 */
	ask<T>(
		run: (client: RedisClient, connection: number) => Promise<T>,
		untilMs: number,
		signal?: AbortSignal,
	): Promise<T>;
	/** Since when there is no connection; undefined while there is one. */
	readonly downSinceMs: number | undefined;
	/** Gives up a connection that answers, but not as it should; the next one is made after a while. */
	renew(): void;
	/** Settles once the connection has gone. */
	close(): Promise<void>;
}

/** It never left this process. */
export class NotSent extends Error {
	override readonly name = 'NotSent';
}

/** Redis may have done it or not. */
export class NotAnswered extends Error {
	override readonly name = 'NotAnswered';
}

const firstPauseMs = 20;
const longestPauseMs = 1000;

/** A link that begins with a connection which is open. */
export function redisLink(first: RedisConnection, { connect, clock, answerMs }: RedisLinkNeeds): RedisLink {
	let connections = 0;
	let failures = 0;
	let live: { connection: RedisConnection; number: number } | undefined;
	let downSinceMs: number | undefined;
	let closed = false;
	let stopTrying = () => {};
	const waiting = new Set<() => void>();
	const wake = () => {
		for (const look of [...waiting]) look();
	};

	function take(connection: RedisConnection) {
		const mine = { connection, number: ++connections };
		live = mine;
		downSinceMs = undefined;
		connection.gone.then(() => drop(mine));
		wake();
	}

	function drop(mine: typeof live) {
		if (!mine || live !== mine) return;
		live = undefined;
		downSinceMs = clock.now();
		mine.connection.close();
		if (!closed) tryLater();
	}

	function tryLater() {
		stopTrying = clock.after(Math.min(firstPauseMs * 2 ** failures++, longestPauseMs), async () => {
			const connection = connect();
			const stop = clock.after(answerMs, connection.close);
			stopTrying = connection.close;
			try {
				await connection.opened;
				if (closed) connection.close();
				else take(connection);
			} catch {
				connection.close();
				if (!closed) tryLater();
			} finally {
				stop();
			}
		});
	}

	function connected(untilMs: number, signal?: AbortSignal): Promise<NonNullable<typeof live>> {
		return new Promise((resolve, reject) => {
			let stop = () => {};
			let late = clock.now() >= untilMs;
			const look = () => {
				const over = closed || signal?.aborted || late;
				if (!live && !over) return false;
				stop();
				waiting.delete(look);
				signal?.removeEventListener('abort', look);
				if (live && !closed && !signal?.aborted) resolve(live);
				else reject(new NotSent('Redis cannot be reached'));
				return true;
			};
			// The alarm decides, not the clock: timers may ring a part of a millisecond early.
			const ring = () => {
				late = true;
				look();
			};
			if (look()) return;
			waiting.add(look);
			signal?.addEventListener('abort', look);
			if (untilMs < Number.POSITIVE_INFINITY) stop = clock.after(untilMs - clock.now(), ring);
		});
	}

	take(first);
	return {
		get downSinceMs() {
			return downSinceMs;
		},
		async ask(run, untilMs, signal) {
			const mine = await connected(untilMs, signal);
			const lost = () => drop(mine);
			const stop = clock.after(answerMs, lost);
			try {
				const answer = await run(mine.connection.client, mine.number);
				failures = 0;
				return answer;
			} catch (error) {
				if ((error as Error).name === 'ReplyError') throw error;
				lost();
				throw new NotAnswered((error as Error).message);
			} finally {
				stop();
			}
		},
		renew: () => drop(live),
		async close() {
			closed = true;
			stopTrying();
			live?.connection.close();
			wake();
			await live?.connection.gone;
		},
	};
}
