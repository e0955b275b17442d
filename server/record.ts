import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, JournalEngine } from '#server/journal/journal.ts';
import { redisJournal } from '#server/journal/journal-redis.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { type RedisAddress, redisAddress } from '#server/journal/redis-address.ts';
import { lastingClient } from '#server/journal/redis-connection.ts';
import { type SiteLease, siteLease } from '#server/journal/site-lease.ts';
import { type KeyRing, type KeySettings, keyRing } from '#server/keys/key-ring.ts';
import type { KeyStore } from '#server/keys/keys.ts';
import { redisKeys } from '#server/keys/keys-redis.ts';
import { sqliteKeys } from '#server/keys/keys-sqlite.ts';
import type { Clock } from '#shared/clock.ts';

/** All that is durable: what happened, and the keys to what is personal in it. */
export interface DurableRecord {
	journal: Journal;
	keys: KeyRing;
	/** What an operator should know of how safe it is. */
	warnings: readonly string[];
	/** Rejects when another server has taken the site over: this one must not go on. */
	lost: Promise<never>;
	/** Lets go of everything, the journal first. */
	close(): Promise<void>;
}

/** Where it is, and how it is kept. `redis` makes both journal and keys lie there, for the servers of one `site`. */
export interface RecordSettings extends KeySettings {
	redis?: string;
	site: string;
	/** For trials: a Redis that may lose what is on record will do. */
	dev: boolean;
}

/** The durable parts, each with what lets go of it. */
interface Parts {
	engine: JournalEngine | undefined;
	store: KeyStore;
	warnings: readonly string[];
	lost: Promise<never>;
}

/**
 * Opens journal and keys, in the data folder or in Redis, or the keys beside a journal that is there already. A second
 * server is kept off: by the lock of the embedded journal, or by the site's lease. Throws CannotStart.
 */
export async function openRecord(settings: RecordSettings, clock: Clock, given?: Journal): Promise<DurableRecord> {
	const opened: { close(): Promise<void> }[] = [];
	const close = async () => {
		for (const one of opened) await one.close();
	};
	const opens = async <T extends { close(): Promise<void> }>(work: Promise<T>): Promise<T> => {
		const one = await work.catch((error: Error) => {
			throw new CannotStart(error.message);
		});
		opened.push(one);
		return one;
	};

	async function inFolder({ data }: RecordSettings): Promise<Parts> {
		const engine = given ? undefined : await opens(sqliteJournal(join(data, 'journal.sqlite')));
		if (given) opened.push(given);
		const store = await opens(sqliteKeys(join(data, 'keys.sqlite')));
		return { engine, store, warnings: [], lost: never };
	}

	async function inRedis({ data, site, dev }: RecordSettings, url: string): Promise<Parts> {
		// The settings have judged the URL already.
		const client = lastingClient(redisAddress(url) as RedisAddress);
		const letGo = { close: async () => client.disconnect() };
		try {
			const { engine, warnings } = await redisJournal(url, { site, dev, clock }).catch((error: Error) => {
				throw new CannotStart(error.message);
			});
			opened.push(engine);
			const lease: SiteLease = await opens(siteLease(client, { site, data, clock }));
			return { engine, store: redisKeys(client, site), warnings, lost: lease.lost };
		} finally {
			opened.push(letGo);
		}
	}

	try {
		const { redis } = settings;
		const parts = redis === undefined || given ? await inFolder(settings) : await inRedis(settings, redis);
		const keys = await keyRing(parts.store, settings);
		const journal = given ?? eventJournal(parts.engine as JournalEngine, keys.sealing);
		return { journal, keys, warnings: parts.warnings, lost: parts.lost, close };
	} catch (error) {
		await close();
		throw error;
	}
}

const never = new Promise<never>(() => {});
