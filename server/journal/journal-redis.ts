import { randomBytes, randomUUID } from 'node:crypto';
import { groupCommit, unavailable } from '#server/journal/group-commit.ts';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { redisAddress, redisForms } from '#server/journal/redis-address.ts';
import { isGone, redisAppends } from '#server/journal/redis-appends.ts';
import { type RedisClient, type RedisConnection, redisConnection } from '#server/journal/redis-connection.ts';
import { type Entry, keysOf, recordOf } from '#server/journal/redis-entry.ts';
import { NotAnswered, NotSent, type RedisLinkNeeds, redisLink } from '#server/journal/redis-link.ts';
import { readinessOf } from '#server/journal/redis-readiness.ts';
import { tail } from '#server/journal/tail.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** Appends that may wait for Redis; the next ones are refused with `journal.full`. [B1] */
export const maxWaiting = 10_000;
/** Redis does nothing else while it puts a group on record. */
const maxInGroup = 200;
/** Events read at once. */
const pageLength = 250;
/** Reads under way at once; the next ones are refused with `journal.full`. [B1] */
const maxReads = 10_000;

/** How long it may take until the journal is open. */
const openingMs = 10_000;

/** How a journal on Redis is opened. */
export interface RedisJournalOptions {
	/** Which of the journals on this Redis; servers of one site share it. */
	site: string;
	/** For trials: a Redis that may lose events will do, with a warning. */
	dev?: boolean;
	clock: Clock;
	/** How long, in ms, an outage may last before appends and reads are refused with `journal.unavailable`. */
	patienceMs?: number;
	/** How long, in ms, an append whose answer was lost may stay open before it is refused with `journal.unsure`. */
	unsureMs?: number;
	/** An answer that takes longer, in ms, means that the connection is lost. */
	answerMs?: number;
}

/** A journal that was opened, and what whoever runs it should know. */
export interface OpenedRedisJournal {
	engine: JournalEngine;
	/** For the log: what may be lost with this Redis. */
	warnings: string[];
}

/**
 * The engine for several servers: one Redis, or a Redis Cluster, at `url`. Nothing in it is ever trimmed or expires.
 * An outage shorter than the patience is not noticed but by the time it takes. Throws an Error of one line that says
 * what is wrong and what mends it, when the journal cannot be opened or this Redis could lose it.
 */
export async function redisJournal(url: string, options: RedisJournalOptions): Promise<OpenedRedisJournal> {
	const address = redisAddress(url);
	if (!address) throw new Error(`The Redis of the journal must be given as ${redisForms}.`);
	const { clock, answerMs = 5000, dev = false } = options;
	const connect = () => redisConnection(address);
	const connections = [connect(), connect()] as const;
	const closeAll = () => {
		for (const one of connections) one.close();
	};
	const wrong = (what: string) => new Error(`The journal cannot be kept in the Redis at ${address.shown}: ${what}.`);
	const stop = clock.after(openingMs, closeAll);
	try {
		await Promise.all(connections.map(({ opened }) => opened));
		const [{ client }] = connections;
		const { problems, warnings } = await readinessOf(client);
		if (problems.length > 0 && !dev) throw wrong(problems.join('; and '));
		const keys = keysOf(options.site);
		await client.set(keys.name, randomUUID(), 'NX');
		const [id, last] = await Promise.all([client.get(keys.name), client.xlen(keys.journal)]);
		const needs = { connect, clock, answerMs };
		const engine = engineOn(connections, needs, { ...options, id: String(id), last });
		return { engine, warnings: [...problems.map((one) => `Only for trials: ${one}.`), ...warnings] };
	} catch (error) {
		closeAll();
		throw /^The journal/.test((error as Error).message) ? error : wrong(reasonOf(error as Error));
	} finally {
		stop();
	}
}

function reasonOf({ message, code }: Error & { code?: string }): string {
	if (/^NOAUTH|HELLO must be called with/.test(message)) return 'it wants a password: redis://:password@host:port';
	if (/^WRONGPASS|invalid password/i.test(message)) return 'it does not take this user and password';
	if (/^NOPERM/.test(message)) return `its user may not do what the journal needs (${message})`;
	if (code !== undefined || message === 'Connection is closed.') return `it cannot be reached (${code ?? 'no answer'})`;
	return message.replace(/\.$/, '');
}

function engineOn(
	[commands, feed]: readonly [RedisConnection, RedisConnection],
	needs: RedisLinkNeeds,
	opened: RedisJournalOptions & { id: string; last: number },
): JournalEngine {
	const { id, clock, patienceMs = 5000, unsureMs = 30_000 } = opened;
	const keys = keysOf(opened.site);
	const link = redisLink(commands, needs);
	const feedLink = redisLink(feed, needs);
	const newest = tail(opened.last);
	const stopping = new AbortController();
	let lost: string | undefined;
	let stalled = false;
	let reads = 0;
	let closing: Promise<void> | undefined;

	function lose(reason: string) {
		lost ??= reason;
		newest.end();
	}
	const overdue = () => unavailable('Redis has not answered for too long');
	const commits = groupCommit({
		maxInGroup,
		maxWaiting,
		commit: redisAppends({
			link,
			keys,
			clock,
			id,
			writer: randomBytes(9).toString('base64url'),
			last: () => newest.last,
			patienceMs,
			unsureMs,
			stalled(now) {
				stalled = now;
				if (now) commits.refuseWaiting(overdue());
			},
			lost: lose,
		}),
	});

	/** Reads can be done again. */
	async function asked<T>(run: (client: RedisClient) => Promise<T>, until: () => number, signal?: AbortSignal) {
		for (;;) {
			if (lost !== undefined) throw unavailable(lost);
			try {
				return await link.ask(run, until(), signal);
			} catch (error) {
				if (error instanceof NotAnswered) continue;
				if (isGone(error as Error)) lose((error as Error).message);
				throw unavailable((error as Error).message);
			}
		}
	}
	async function reading<T>(run: (client: RedisClient) => Promise<T>): Promise<T> {
		if (reads >= maxReads) throw new Refusal('journal.full');
		reads++;
		const askedAtMs = clock.now();
		try {
			// Who asks in the middle of an outage waits no longer than those who met its beginning.
			return await asked(run, () => Math.min(link.downSinceMs ?? Number.POSITIVE_INFINITY, askedAtMs) + patienceMs);
		} finally {
			reads--;
		}
	}
	function recordsOf(entries: readonly unknown[], isNext: (record: RecordedText, index: number) => boolean) {
		try {
			return entries.map((entry, index) => {
				const record = recordOf(entry);
				if (!isNext(record, index)) throw new Error(`the journal holds ${record.seq}-0 where another event should be`);
				return record;
			});
		} catch (error) {
			lose((error as Error).message);
			throw unavailable((error as Error).message);
		}
	}
	const after = (seq: number) => (record: RecordedText, index: number) => record.seq === seq + index + 1;

	/** What any server of the site has put on record, as it comes. */
	async function keepFeeding() {
		while (!stopping.signal.aborted && lost === undefined) {
			const at = newest.last;
			try {
				const answers = await feedLink.ask(
					(client) => latest(client, keys, at, needs.answerMs),
					Number.POSITIVE_INFINITY,
					stopping.signal,
				);
				if (answers.id !== id) lose('JOURNALGONE another journal, or none, is now where this one was');
				else if (answers.length < at) lose('JOURNALGONE the journal is shorter than it was');
				else newest.add(recordsOf(answers.entries, after(at)));
			} catch (error) {
				if (!(error instanceof NotAnswered || error instanceof NotSent || error instanceof Refusal)) feedLink.renew();
			}
		}
	}
	keepFeeding();

	return {
		id,
		async append(stream, expected, entries) {
			if (closing) throw unavailable('the journal is closed');
			if (lost !== undefined) throw unavailable(lost);
			if (stalled) throw overdue();
			if (entries.some(({ atMs }) => !Number.isFinite(atMs))) throw unavailable('the time is no number');
			return commits.append({ stream, expected, entries });
		},
		read(stream) {
			return reading(async (client) => {
				const records: RecordedText[] = [];
				let page: unknown[];
				do {
					const from = records.length;
					page = await client.journalRead(
						3,
						keys.name,
						keys.journal,
						keys.streamOf(stream),
						id,
						from,
						from + pageLength - 1,
					);
					const isNext = (record: RecordedText, index: number) =>
						record.stream === stream && record.version === from + index + 1;
					records.push(...recordsOf(page, isNext));
				} while (page.length === pageLength);
				return records;
			});
		},
		async *follow(seq, signal) {
			let at = seq;
			const hold = AbortSignal.any([signal, stopping.signal]);
			while (!signal.aborted && !closing) {
				if (lost !== undefined) throw unavailable(lost);
				const page = newest.after(at) ?? (await pageAfter(at, hold));
				for (const one of page) {
					if (signal.aborted) return;
					yield one;
					at = one.seq;
				}
				if (!hold.aborted) await newest.moreThan(at, signal);
			}
		},
		last() {
			return reading((client) => client.xlen(keys.journal));
		},
		close() {
			closing ??= (async () => {
				await commits.flush();
				stopping.abort();
				newest.end();
				await Promise.all([link.close(), feedLink.close()]);
			})();
			return closing;
		},
	};

	/** Followers wait for an outage to pass: it is nothing to them. */
	async function pageAfter(seq: number, signal: AbortSignal): Promise<RecordedText[]> {
		try {
			const range = (client: RedisClient) =>
				client.xrange(keys.journal, `${seq + 1}-0`, '+', 'COUNT', pageLength) as Promise<Entry[]>;
			const page = recordsOf(await asked(range, () => Number.POSITIVE_INFINITY, signal), after(seq));
			if (page.length > 0) return page;
			lose(`the journal has nothing at ${seq + 1}-0, which was on record`);
			throw unavailable(String(lost));
		} catch (error) {
			if (signal.aborted) return [];
			throw error;
		}
	}
}

/** The next events, waited for if there are none; and then, whether this is still the journal it was. */
async function latest(client: RedisClient, keys: ReturnType<typeof keysOf>, at: number, answerMs: number) {
	const answers = await client
		.pipeline()
		.xread('COUNT', pageLength, 'BLOCK', Math.min(1000, Math.floor(answerMs / 2)), 'STREAMS', keys.journal, `${at}-0`)
		.get(keys.name)
		.xlen(keys.journal)
		.exec();
	const [read, name, length] = (answers ?? []).map(([error, answer]) => {
		if (error) throw error;
		return answer;
	});
	const [[, entries] = [undefined, []]] = (read ?? []) as [key: string, entries: Entry[]][];
	return { entries: entries as Entry[], id: name, length: Number(length) };
}
