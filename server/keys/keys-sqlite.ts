import { type KeyStore, keysUnavailable } from '#server/keys/keys.ts';
import type { KeyOperations } from '#server/keys/keys-sqlite-worker.ts';
import { sqliteThread } from '#server/sqlite/thread.ts';

/**
 * The embedded engine: one SQLite database at `path` (`:memory:` for one that goes with the process). What is destroyed
 * is overwritten in the file and gone from its write-ahead log. What the disk itself keeps of overwritten blocks, and
 * copies of the file, are out of its reach. Throws an Error that says why, if the keys cannot be opened.
 */
export async function sqliteKeys(path: string): Promise<KeyStore> {
	const file = new URL('./keys-sqlite-worker.ts', import.meta.url);
	const thread = await sqliteThread<KeyOperations>(file, path, 'key store');
	const ask: typeof thread.ask = (kind, what) =>
		thread.ask(kind, what).catch((error: Error) => {
			throw keysUnavailable(error.message);
		});
	let closing: Promise<void> | undefined;
	return {
		find: (callId) => ask('find', callId),
		keep: (callId, wrapped) => ask('keep', { callId, wrapped }),
		replace: (keys) => ask('replace', keys),
		destroy: (callId) => ask('destroy', callId),
		page: (from) => ask('page', from),
		destroyed: () => ask('destroyed', undefined),
		close() {
			closing ??= ask('close', undefined)
				.catch(() => {})
				.then(() => thread.gone);
			return closing;
		},
	};
}
