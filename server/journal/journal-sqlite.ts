import { groupCommit, unavailable } from '#server/journal/group-commit.ts';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import type { JournalOperations, Row } from '#server/journal/journal-sqlite-worker.ts';
import { tail } from '#server/journal/tail.ts';
import { sqliteThread } from '#server/sqlite/thread.ts';
import { Refusal } from '#shared/refusals.ts';

/** Appends that may wait for the disk; the next ones are refused with `journal.full`. [B1] */
export const maxWaiting = 10_000;
const maxInGroup = 200;
/** Events read at once: few enough to become objects between two frames of sound. */
const pageLength = 250;
/** Reads under way at once; the next ones are refused with `journal.full`. [B1] */
const maxReads = 10_000;

/**
 * The embedded engine: one SQLite database at `path` (`:memory:` for one that goes with the process), for one server at
 * a time. Whatever is appended while a commit runs goes into the next one, and nobody is answered before the commit is
 * on the disk. Throws an Error that says why, if the journal cannot be opened.
 */
export async function sqliteJournal(path: string): Promise<JournalEngine> {
	const file = new URL('./journal-sqlite-worker.ts', import.meta.url);
	const thread = await sqliteThread<JournalOperations>(file, path, 'journal');
	const ask: typeof thread.ask = (kind, what) =>
		thread.ask(kind, what).catch((error: Error) => {
			throw unavailable(error.message);
		});
	const newest = tail(thread.opened.last);
	const commits = groupCommit({
		maxInGroup,
		maxWaiting,
		commit: (group) => ask('commit', group),
		recorded: newest.add,
	});
	let reads = 0;
	let closing: Promise<void> | undefined;
	thread.gone.then(newest.end);

	async function reading<T>(read: () => Promise<T>): Promise<T> {
		if (reads >= maxReads) throw new Refusal('journal.full');
		reads++;
		try {
			return await read();
		} finally {
			reads--;
		}
	}

	return {
		id: thread.opened.id,
		async append(stream, expected, entries) {
			if (closing) throw unavailable('the journal is closed');
			return commits.append({ stream, expected, entries });
		},
		read(stream) {
			return reading(async () => {
				const records: RecordedText[] = [];
				let page: Row[];
				do {
					page = await ask('stream', { stream, after: records.length, limit: pageLength });
					for (const row of page) records.push(recorded(row));
				} while (page.length === pageLength);
				return records;
			});
		},
		async *follow(seq, signal) {
			let at = seq;
			while (!signal.aborted && !closing) {
				const page = newest.after(at) ?? (await ask('order', { after: at, limit: pageLength })).map(recorded);
				for (const one of page) {
					if (signal.aborted) return;
					yield one;
					at = one.seq;
				}
				await newest.moreThan(at, signal);
				if (newest.ended && !closing) throw unavailable('the thread of the journal has ended');
			}
		},
		last() {
			return reading(() => ask('last', undefined));
		},
		close() {
			closing ??= (async () => {
				await commits.flush();
				newest.end();
				await ask('close', undefined).catch(() => {});
				await thread.gone;
			})();
			return closing;
		},
	};
}

const recorded = ([seq, stream, version, by, atMs, type, typeVersion, body]: Row): RecordedText => ({
	seq,
	stream,
	version,
	by,
	atMs,
	event: { type, typeVersion, body },
});
