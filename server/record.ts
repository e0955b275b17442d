import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, JournalEngine } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { type KeyRing, type KeySettings, keyRing } from '#server/keys/key-ring.ts';
import { sqliteKeys } from '#server/keys/keys-sqlite.ts';

/** All that is durable: what happened, and the keys to what is personal in it. */
export interface DurableRecord {
	journal: Journal;
	keys: KeyRing;
	/** Lets go of both, the journal first. */
	close(): Promise<void>;
}

/**
 * Opens journal and keys in the data folder, or the keys beside a journal that is there already. The journal comes first:
 * it is the one that a second server is kept off. Throws CannotStart.
 */
export async function openRecord(settings: KeySettings, given?: Journal): Promise<DurableRecord> {
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
	try {
		const engine = given ? undefined : await opens(sqliteJournal(join(settings.data, 'journal.sqlite')));
		if (given) opened.push(given);
		const keys = await keyRing(await opens(sqliteKeys(join(settings.data, 'keys.sqlite'))), settings);
		const journal = given ?? eventJournal(engine as JournalEngine, keys.sealing);
		return { journal, keys, close };
	} catch (error) {
		await close();
		throw error;
	}
}
