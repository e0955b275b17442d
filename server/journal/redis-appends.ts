import type { AppendWork, Outcome } from '#server/journal/group-commit.ts';
import { unavailable } from '#server/journal/group-commit.ts';
import { asArguments, type keysOf } from '#server/journal/redis-entry.ts';
import { NotAnswered, NotSent, type RedisLink } from '#server/journal/redis-link.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the sending of appends needs. */
export interface RedisAppendsNeeds {
	link: RedisLink;
	keys: ReturnType<typeof keysOf>;
	clock: Clock;
	/** The journal's name when it was opened. */
	id: string;
	/** Names this process among all that write to the journal. */
	writer: string;
	/** A position that is on record. */
	last(): number;
	/** How long, in ms, an outage may last before what was never sent is refused. */
	patienceMs: number;
	/** How long, in ms, what was sent and not answered is sent again before it is given up as `journal.unsure`. */
	unsureMs: number;
	/** An append that was sent has not been answered for longer than the patience; or, false, that is over. */
	stalled(now: boolean): void;
	/** The journal is no longer there. */
	lost(reason: string): void;
}

/**
 * Gives groups of appends to Redis; no stream is in two of them that are under way. Each append has a token that goes on record with it, so a group
 * whose answer was lost is sent again until it is known what became of it: what was done before is only told. [J6]
 */
export function redisAppends(needs: RedisAppendsNeeds): (group: readonly AppendWork[]) => Promise<Outcome[]> {
	const { link, keys, clock, id, writer, patienceMs, unsureMs } = needs;
	const fence = keys.fenceOf(writer);
	let appends = 0;
	/** Groups that have waited longer than the patience. */
	let late = 0;

	async function settle(group: readonly AppendWork[]): Promise<Outcome[]> {
		const lists = group.map(({ stream }) => keys.streamOf(stream));
		const work = group.flatMap((one) => asArguments(one, `${writer}.${(appends++).toString(36)}`));
		const send = (again: boolean, untilMs: number) =>
			link.ask(
				(client, connection) =>
					client.journalAppend(
						3 + lists.length,
						keys.name,
						keys.journal,
						fence,
						...lists,
						id,
						needs.last(),
						connection,
						again ? 1 : 0,
						...work,
					),
				untilMs,
			);
		let isLate = false;
		const stop = clock.after(patienceMs, () => {
			isLate = true;
			late++;
			needs.stalled(true);
		});
		try {
			try {
				return (await send(false, (link.downSinceMs ?? clock.now()) + patienceMs)).map(outcomeOf);
			} catch (error) {
				if (!(error instanceof NotAnswered)) throw refusalOf(error as Error);
			}
			return (await sendAgain(send, clock.now() + unsureMs)).map(outcomeOf);
		} finally {
			stop();
			if (isLate && --late === 0) needs.stalled(false);
		}
	}

	async function sendAgain<T>(send: (again: boolean, untilMs: number) => Promise<T>, untilMs: number): Promise<T> {
		for (;;) {
			try {
				return await send(true, untilMs);
			} catch (error) {
				if (isGone(error as Error)) needs.lost((error as Error).message);
				if (error instanceof NotSent || isGone(error as Error)) throw unsure(error as Error);
				// Refused this time, by a server that is loading or full, say; the first time it may have been done.
				if (!(error instanceof NotAnswered)) link.renew();
			}
		}
	}

	function refusalOf(error: Error): Refusal {
		if (isGone(error)) needs.lost(error.message);
		return unavailable(error.message);
	}

	return settle;
}

/** Whether Redis has told that the journal which was opened is no longer there. */
export const isGone = (error: Error) => error.message.startsWith('JOURNALGONE');

function outcomeOf(told: number | string): Outcome {
	if (typeof told === 'string') return { at: 'failed', reason: told };
	return told < 0 ? { at: 'conflict' } : { at: 'recorded', seq: told };
}

function unsure({ message }: Error): Refusal {
	const refusal = new Refusal('journal.unsure');
	refusal.cause = message;
	return refusal;
}
