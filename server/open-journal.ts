import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import type { Config } from '#server/config.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { openViews, type Views } from '#server/projections/views.ts';

/** The journal that these settings name, for the server and the command line alike. Throws `CannotStart`. */
export const openJournal = ({ data }: Config): Promise<Journal> =>
	orCannotStart(async () => eventJournal(await sqliteJournal(join(data, 'journal.sqlite'))));

/** This node's views of that journal. Throws `CannotStart`. */
export const openViewsOf = (journal: Journal, { data }: Config): Promise<Views> =>
	orCannotStart(() => openViews(join(data, 'views.sqlite'), journal));

async function orCannotStart<T>(open: () => Promise<T>): Promise<T> {
	try {
		return await open();
	} catch (error) {
		throw new CannotStart((error as Error).message);
	}
}
