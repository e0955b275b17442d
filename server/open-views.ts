import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import type { Config } from '#server/config.ts';
import type { Journal } from '#server/journal/journal.ts';
import { openViews, type Views } from '#server/projections/views.ts';

/** This node's views of the journal, in its data folder, for the server and the command line alike. Throws CannotStart. */
export async function openViewsOf(journal: Journal, { data }: Pick<Config, 'data'>): Promise<Views> {
	try {
		return await openViews(join(data, 'views.sqlite'), journal);
	} catch (error) {
		throw new CannotStart((error as Error).message);
	}
}
