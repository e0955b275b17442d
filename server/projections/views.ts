import type { Journal } from '#server/journal/journal.ts';
import { isStillThere } from '#server/projections/position.ts';
import type { ViewsOperations } from '#server/projections/views-worker.ts';
import { type SqliteThread, sqliteThread } from '#server/sqlite/thread.ts';

/** The file of the views, on a thread of its own. Everything in it follows from the journal. [V1] */
export interface Views {
	ask: SqliteThread<ViewsOperations>['ask'];
	/** Why what was there was thrown away: it is folded from the journal again. Undefined: it goes on from where it was. */
	readonly discarded: 'journal' | 'position' | 'shape' | 'damaged' | undefined;
	close(): Promise<void>;
}

/**
 * Opens the views at `path` for this journal. What is of another journal or another shape, damaged, or not where the
 * journal is, is thrown away, and is no reason not to start. [V3] Throws an Error that says why, if another Ycord is
 * running on them or the folder cannot be written.
 */
export async function openViews(path: string, journal: Journal): Promise<Views> {
	const thread = await sqliteThread<ViewsOperations>(new URL('./views-worker.ts', import.meta.url), path, 'views');
	const discarded = await whyNot(thread.opened, journal);
	// What has no name yet is new, or has just been thrown away.
	if (thread.opened.journal === '') await thread.ask('name', journal.id);
	else if (discarded) await thread.ask('anew', journal.id);
	return {
		ask: thread.ask,
		discarded,
		async close() {
			await thread.ask('close', undefined).catch(() => {});
			await thread.gone;
		},
	};
}

async function whyNot(
	{ journal: id, search, sessions, discarded }: ReturnType<ViewsOperations['opened']>,
	journal: Journal,
): Promise<Views['discarded']> {
	if (discarded || id === '') return discarded;
	if (id !== journal.id) return 'journal';
	const areThere = (await isStillThere(journal, search)) && (await isStillThere(journal, sessions));
	return areThere ? undefined : 'position';
}
